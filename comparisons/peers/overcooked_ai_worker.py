"""Measures the original Overcooked-AI, whose observation is made by a call of its own after each step."""

from __future__ import annotations

import importlib
import itertools
import time
from typing import Any

from worker_protocol import EPISODE_STEPS, Prepared, Work, Worker, draw_actions

LAYOUT = "cramped_room"


def numpy_single(work: Work) -> Prepared:
    """One environment: `OvercookedEnv.step`, then the lossless encoding of the state, 26 planes for each agent."""
    if work.observation != "planes":
        raise ValueError(f"Overcooked-AI has no observation {work.observation!r}.")
    game = importlib.import_module("overcooked_ai_py.mdp.overcooked_mdp")
    environments = importlib.import_module("overcooked_ai_py.mdp.overcooked_env")
    kitchen = game.OvercookedGridworld.from_layout_name(LAYOUT)
    env = environments.OvercookedEnv.from_mdp(kitchen, horizon=EPISODE_STEPS, info_level=0)
    actions = game.Action.ALL_ACTIONS
    joint_actions = [tuple(actions[idx] for idx in row) for row in draw_actions(work, len(actions))[:, 0].tolist()]

    def play(n_steps: int) -> float:
        env.reset()
        start = time.perf_counter()
        for joint_action in itertools.islice(itertools.cycle(joint_actions), n_steps):
            env.step(joint_action)
            env.lossless_state_encoding_mdp(env.state)
        return time.perf_counter() - start

    def observe() -> dict[int, Any]:
        env.reset()
        return dict(enumerate(env.lossless_state_encoding_mdp(env.state)))

    return Prepared(play=play, observe=observe)


if __name__ == "__main__":
    importlib.import_module("overcooked_ai_py.mdp.overcooked_env")
    Worker("overcooked-ai", {"numpy_single": numpy_single}).serve()
