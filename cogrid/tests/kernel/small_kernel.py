"""A kernel that compiles quickly, run as a script by the tests of the folder that keeps what is compiled."""

from __future__ import annotations

import numpy as np

from cogrid.kernel.compiled import compiled, make_ready


@compiled
def doubled(numbers, out):
    for idx in range(len(numbers)):
        out[idx] = 2 * numbers[idx]


if __name__ == "__main__":
    given, out = np.arange(5), np.zeros(5, dtype=np.int64)
    make_ready(doubled, given, out)
    doubled(given, out)
    print(out.tolist(), "loaded" if doubled.stats.cache_hits else "compiled")
