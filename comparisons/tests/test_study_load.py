"""The load test of studies, small."""

from __future__ import annotations

import importlib.util

import pytest

NEEDED = ("sqlalchemy", "starlette", "uvicorn", "websockets")


@pytest.mark.skipif(not all(map(importlib.util.find_spec, NEEDED)), reason="needs the extra serve")
def test_every_browser_gets_every_step_and_partners_get_the_same() -> None:
    from comparisons.study_load import find_faults, measure

    load = measure(n_rooms=4, seconds=1.5)

    assert find_faults(load, n_steps=12) == []
    assert len(load.relay_ms) == 8 * 6
    assert find_faults(load, n_steps=13) != []
