"""`python -m cogrid` is the command `cogrid`."""

from __future__ import annotations

import sys

from cogrid.command_line import main

if __name__ == "__main__":
    sys.exit(main())
