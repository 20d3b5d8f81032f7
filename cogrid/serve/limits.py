"""How much of something may come in a time."""

from __future__ import annotations


class Bucket:
    """Lets through so many a second, and some more at once after a pause.

    Args:
      rate: how many a second.
      burst: how many at once.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._left = burst
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Whether one more may come now; it is counted if so."""
        if self._at is not None:
            self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
