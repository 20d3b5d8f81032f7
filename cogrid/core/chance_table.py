"""`ChanceTable`: which rows of a table are drawn among, and the draw itself, on arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from jaxtyping import Int, UInt

from cogrid.backend.array_ops import lookup, lookup_rows, sum_of
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.chance import N_WORDS


@dataclasses.dataclass(frozen=True, eq=False)
class ChanceTable:
    """The rows of a table that stand for what is drawn.

    The table that this belongs to has K rows, one for each thing that can be looked up, and behind them further rows
    for the other results of a chance. Result j of row k is drawn by a word that is above j of the last words of its
    kind: result 0 is row k itself, and result j from 1 on is row `rest[k] + j - 1`.

    Attributes:
      kind: `[K]` int32, the row of `last_words` that decides; 0 where nothing is drawn.
      last_words: `[M, O-1]` uint32, the last word of each result but the last one, filled up with 2**32 - 1, which no
        word is above.
      rest: `[K]` int32, the first of the further rows; 0 where nothing is drawn.
    """

    kind: Int[np.ndarray, "K"]
    last_words: UInt[np.ndarray, "M O"]
    rest: Int[np.ndarray, "K"]

    @classmethod
    def of(cls, n_rows: int, drawn: Mapping[int, tuple[int, ...]]) -> ChanceTable | None:
        """The table for some rows; None where nothing is drawn.

        Args:
          n_rows: how many rows can be looked up, K.
          drawn: for each row that is drawn among, the last words of its results. The further rows follow each other in
            the order of this mapping.
        """
        if not drawn:
            return None
        width = max(map(len, drawn.values())) - 1
        certain = (N_WORDS - 1,) * width
        kinds: dict[tuple[int, ...], int] = {certain: 0}
        kind, rest = np.zeros(n_rows, dtype=np.int32), np.zeros(n_rows, dtype=np.int32)
        first = n_rows
        for row, words in drawn.items():
            kind[row] = kinds.setdefault((*words[:-1], *certain[len(words) - 1 :]), len(kinds))
            rest[row] = first
            first += len(words) - 1
        return cls(kind, np.array(list(kinds), dtype=np.uint32), rest)

    def draw(self, row: Int[Array, "*B"], word: UInt[Array, "*B"]) -> Int[Array, "*B"]:
        """The row that a word decides on.

        Args:
          row: `[*B]` int32, 0..K-1.
          word: `[*B]` uint32.
        Returns:
          `[*B]` int32, one of the rows of the whole table.
        """
        last = lookup_rows(self.last_words, lookup(self.kind, row))
        result = sum_of((last < word[..., None]).astype(np.int32))
        return namespace(row).where(result > 0, lookup(self.rest, row) + result - 1, row)
