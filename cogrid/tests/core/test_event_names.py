"""What happened to an agent is told by names, which as an array are a mask of one shape."""

from __future__ import annotations

import copy
import pickle

import numpy as np

import cogrid
from cogrid.core.events import EventNames

NAMES = ("lamp_lit", "door_opened", "collision")


def test_the_names_are_a_tuple() -> None:
    events = EventNames(NAMES, 0b101)

    assert events == ("lamp_lit", "collision")
    assert isinstance(events, tuple)
    assert repr(events) == "('lamp_lit', 'collision')"


def test_as_arrays_events_of_different_steps_can_be_stacked() -> None:
    stacked = np.stack([np.asarray(EventNames(NAMES, bits)) for bits in (0b101, 0, 0b010)])

    np.testing.assert_array_equal(stacked, [[True, False, True], [False] * 3, [False, True, False]], strict=True)


def test_a_copy_and_a_pickle_are_the_same_events() -> None:
    events = EventNames(NAMES, 0b110)

    for twin in (copy.deepcopy(events), pickle.loads(pickle.dumps(events))):
        assert twin == events
        np.testing.assert_array_equal(np.asarray(twin), [False, True, True])


def test_the_events_of_an_info_are_a_mask_over_the_worlds_events() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0")
    env.set_state(env.state_from_arrays(agent_pos=[[2, 2], [2, 3]], agent_dir=[0, 2]))
    infos = env.step({"agent_0": 3, "agent_1": 2})[4]

    assert infos["agent_0"]["events"] == ("collision",)
    assert np.asarray(infos["agent_0"]["events"]).tolist() == [name == "collision" for name in env.event_names]
