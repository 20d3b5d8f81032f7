"""Tests of the extra `cogrid[serve]` are left out where it is not installed."""

from __future__ import annotations

import importlib.util

NEEDED = ("sqlalchemy", "starlette", "uvicorn", "websockets")

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in NEEDED) else ["test_*.py"]
