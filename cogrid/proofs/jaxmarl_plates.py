"""Shows that JaxMARL 0.2.0 pays its Overcooked's 3 for a useful plate, which the recorded series C never has.

Run with a Python that has JaxMARL: `python cogrid/proofs/jaxmarl_plates.py`. It plays every kitchen at random from
random states, and counts, of the times that an agent took a plate, how often its shaped reward was 3. Nothing of this
library is imported.
"""

from __future__ import annotations

import importlib
from typing import Any

N_EPISODES, N_STEPS = 64, 64
EMPTY, PLATE = 1, 5
"""JaxMARL's numbers for an empty hand and for a plate in it."""

ACTION_SHARES = (0.13, 0.13, 0.13, 0.13, 0.04, 0.44)
"""How often each action is tried: the moves, staying, interacting."""


def count(layout: Any) -> tuple[int, int]:
    """Play one kitchen.

    Args:
      layout: JaxMARL's description of it.
    Returns:
      How often an agent took a plate, and how often it was told a shaped reward of 3 for it.
    """
    jax = importlib.import_module("jax")
    jnp = importlib.import_module("jax.numpy")
    game = importlib.import_module("jaxmarl.environments.overcooked.overcooked")
    env = game.Overcooked(layout=layout, random_reset=True)

    def step(state: Any, key: Any) -> Any:
        choose, play = jax.random.split(key)
        actions = jax.random.choice(choose, 6, (2,), p=jnp.array(ACTION_SHARES))
        joint = {f"agent_{idx}": actions[idx] for idx in range(2)}
        _, after, _, _, info = env.step_env(play, state, joint)
        shaped = jnp.stack([info["shaped_reward"][f"agent_{idx}"] for idx in range(2)])
        return after, ((state.agent_inv == EMPTY) & (after.agent_inv == PLATE), shaped)

    def episode(key: Any) -> Any:
        start, *steps = jax.random.split(key, N_STEPS + 1)
        return jax.lax.scan(step, env.reset(start)[1], jnp.stack(steps))[1]

    took_plate, shaped = jax.jit(jax.vmap(episode))(jax.random.split(jax.random.PRNGKey(7), N_EPISODES))
    return int(took_plate.sum()), int((took_plate & (shaped == 3)).sum())


def main() -> None:
    """Print the counts of every kitchen."""
    layouts = importlib.import_module("jaxmarl.environments.overcooked.layouts").overcooked_layouts
    for name, layout in layouts.items():
        taken, paid = count(layout)
        print(f"{name}: {taken} plates taken, {paid} of them paid with 3")


if __name__ == "__main__":
    main()
