"""The waiting room: who came first plays first."""

from __future__ import annotations


class WaitingLine:
    """People who wait for others.

    Args:
      n_people: how many play together.
      seconds: how long somebody waits at most.
    """

    def __init__(self, n_people: int, seconds: float) -> None:
        self.n_people = n_people
        self.seconds = seconds
        self._since: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._since)

    def __contains__(self, participant: int) -> bool:
        return participant in self._since

    def add(self, participant: int, since: float) -> None:
        """Somebody comes, or comes back.

        Args:
          participant: who.
          since: when they came first: a reload of the page costs nobody their place.
        """
        self._since[participant] = since

    def remove(self, participant: int) -> None:
        """Somebody goes."""
        self._since.pop(participant, None)

    def seconds_left(self, participant: int, now: float) -> float:
        """How long somebody will still wait at most."""
        return max(0.0, self.seconds - (now - self._since[participant]))

    def take_groups(self) -> list[list[int]]:
        """Take those who can play together out of the line, in the order in which they came."""
        waiting = sorted(self._since, key=lambda participant: self._since[participant])
        groups = [waiting[first : first + self.n_people] for first in range(0, len(waiting), self.n_people)]
        complete = [group for group in groups if len(group) == self.n_people]
        for group in complete:
            for participant in group:
                self.remove(participant)
        return complete

    def take_expired(self, now: float) -> list[int]:
        """Take those who have waited too long out of the line."""
        expired = [participant for participant, since in self._since.items() if now - since >= self.seconds]
        for participant in expired:
            self.remove(participant)
        return expired
