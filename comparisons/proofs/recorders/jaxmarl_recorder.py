"""Plays the kitchens of JaxMARL 0.2.0 and writes down everything: run with the Python of its own virtual environment.

Each run, a kitchen under some options, becomes a file, of which a line of JSON tells as soon as it is complete. Nothing
of this library is imported here, so that what is recorded owes nothing to it.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import pathlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from errands import Errands

OPTIONS = {
    "start_cooking_interaction": True,
    "negative_rewards": True,
    "sample_recipe_on_delivery": True,
    "indicate_successful_delivery": True,
}
"""The options of the second run in each kitchen of OvercookedV2."""

VIEWS = (1, 3)
"""The view sizes that are observed in that run beside the whole kitchen."""

FOUR_COOKS = """
WWWPWWW
0A A  B
W A A X
1  L  R
WWWPWWW
"""
"""A kitchen for more cooks than any that is shipped has."""

DIRECTIONS = np.array([3, 1, 0, 2])
"""Right 0, down 1, left 2, up 3 for theirs: up, down, right, left."""

TERRAIN = {0: "floor", 1: "counter", 4: "delivery", 5: "pot", 6: "recipe_indicator", 7: "button_indicator"}
TERRAIN |= {9: "plate_stack"} | {10 + idx: f"ing{idx}_stack" for idx in range(10)}
"""What OvercookedV2's static objects are."""

Arrays = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Run:
    """A kitchen under some options.

    Attributes:
      game: "overcooked" or "overcooked_v2".
      layout: its name there.
      options: of OvercookedV2.
    """

    game: str
    layout: str
    options: Mapping[str, bool] = dataclasses.field(default_factory=dict)


class Overcooked:
    """JaxMARL's first Overcooked, and how its states are written down.

    Args:
      run: what to play.
      max_steps: how long an episode is.
    """

    n_agents = 2
    actions = np.array([0, 1, 3, 2, 5, 0, 4])
    """Theirs for each recorded one: up, down, left, right, interact, none, stay."""
    items = ("none", "onion", "plate", "soup_o3t0")

    def __init__(self, run: Run, max_steps: int) -> None:
        game = importlib.import_module("jaxmarl.environments.overcooked.overcooked")
        layout = importlib.import_module("jaxmarl.environments.overcooked.layouts").overcooked_layouts[run.layout]
        self.random, self.plain = (
            game.Overcooked(layout=layout, random_reset=is_random, max_steps=max_steps) for is_random in (True, False)
        )
        self.views: dict[str, Any] = {}
        numbers = importlib.import_module("jaxmarl.environments.overcooked.common").OBJECT_TO_INDEX
        self.item_of = np.zeros(max(numbers.values()) + 1, dtype=np.int8)
        for idx, name in enumerate(("onion", "plate", "dish")):
            self.item_of[numbers[name]] = idx + 1
        terrain = np.full(layout["height"] * layout["width"], "floor", dtype="<U16")
        for key, name in (
            ("wall_idx", "counter"),
            ("goal_idx", "delivery"),
            ("plate_pile_idx", "plate_stack"),
            ("onion_pile_idx", "onion_stack"),
            ("pot_idx", "pot"),
        ):
            terrain[np.asarray(layout[key])] = name
        self.terrain = terrain.reshape(layout["height"], layout["width"])

    def arrays(self, state: Any) -> Arrays:
        """A batch of states."""
        height, width = self.terrain.shape
        maze = np.asarray(state.maze_map)
        rows, columns = ((total - size) // 2 for total, size in zip(maze.shape[1:3], (height, width), strict=True))
        maze = maze[:, rows : rows + height, columns : columns + width].astype(np.int16)
        timer = maze[:, *np.nonzero(self.terrain == "pot"), 2]
        n_onions = np.minimum(23 - timer, 3)
        return {
            "agent_pos": np.asarray(state.agent_pos)[..., ::-1].astype(np.int16),
            "agent_dir": DIRECTIONS[np.asarray(state.agent_dir_idx)].astype(np.int8),
            "agent_item": self.item_of[np.asarray(state.agent_inv).astype(int)],
            "cell_item": self.item_of[maze[..., 0]],
            "pot_contents": np.where(np.arange(3) < n_onions[..., None], 1, 0).astype(np.int8),
            "pot_timer": timer,
            "pot_is_ready": timer == 0,
            "time": np.asarray(state.step).astype(np.int16),
        }


class OvercookedV2:
    """OvercookedV2, and how its states are written down.

    Args:
      run: what to play.
      max_steps: how long an episode is.
    """

    actions = np.array([3, 1, 2, 0, 5, 0, 4])
    """Theirs for each recorded one: up, down, left, right, interact, none, stay."""

    def __init__(self, run: Run, max_steps: int) -> None:
        game = importlib.import_module("jaxmarl.environments.overcooked_v2.overcooked")
        layouts = importlib.import_module("jaxmarl.environments.overcooked_v2.layouts")
        layout = (
            layouts.Layout.from_string(FOUR_COOKS)
            if run.layout == "four_cooks"
            else layouts.overcooked_v2_layouts[run.layout]
        )
        settings = {"layout": layout, "max_steps": max_steps, **run.options}
        self.random = game.OvercookedV2(random_reset=True, **settings)
        self.plain = game.OvercookedV2(**settings)
        sizes = VIEWS if run.options else ()
        self.views = {f"obs_view_{size}": game.OvercookedV2(agent_view_size=size, **settings) for size in sizes}
        self.n_agents = self.random.num_agents
        self.terrain = np.vectorize(TERRAIN.__getitem__, otypes=["<U16"])(np.asarray(layout.static_objects))
        n_ingredients = layout.num_ingredients
        self.items, self.item_of, self.contents_of = _read_codes(n_ingredients)

    def arrays(self, state: Any) -> Arrays:
        """A batch of states."""
        grid = np.asarray(state.grid)
        places = (slice(None), *np.nonzero(self.terrain == "pot"))
        codes, loose = grid[..., 1], grid[..., 1].copy()
        loose[places] = 0
        agents = state.agents
        return {
            "agent_pos": np.stack([np.asarray(agents.pos.y), np.asarray(agents.pos.x)], axis=-1).astype(np.int16),
            "agent_dir": DIRECTIONS[np.asarray(agents.dir)].astype(np.int8),
            "agent_item": self._items(np.asarray(agents.inventory)),
            "cell_item": self._items(loose),
            "pot_contents": self.contents_of[codes[places] & ~2],
            "pot_timer": grid[places][..., 2].astype(np.int16),
            "pot_is_ready": (codes[places] & 2) != 0,
            "button_grid": np.where(self.terrain == "button_indicator", grid[..., 2], 0).astype(np.int8),
            "recipe": self.contents_of[np.asarray(state.recipe)] - 2,
            "time": np.asarray(state.step).astype(np.int16),
            "new_correct_delivery": np.asarray(state.new_correct_delivery).astype(np.int8),
        }

    def _items(self, codes: np.ndarray) -> np.ndarray:
        found = self.item_of[codes]
        if (found < 0).any():
            raise ValueError("There is something in a hand or on a counter that is no item.")
        return found


def _read_codes(n_ingredients: int) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """The names of items; the item of each of JaxMARL's codes, -1 for none; and the ingredients in it, up to three.

    In a code, bit 0 is a plate, bit 1 says that it is cooked, and two bits for each ingredient tell how many of it.
    """
    mixes = [mix for n in (1, 2, 3) for mix in combinations_with_replacement(range(n_ingredients), n)]
    soups = {mix: "soup_i" + "".join(map(str, mix)) for mix in mixes}
    items = ("none", "plate", *(f"ing{idx}" for idx in range(n_ingredients)), *soups.values())
    item_of = np.full(4 << 2 * n_ingredients, -1, dtype=np.int8)
    contents_of = np.zeros((len(item_of), 3), dtype=np.int8)
    item_of[:2] = 0, 1
    for mix, soup in soups.items():
        code = sum(4 << 2 * idx for idx in mix)
        contents_of[code, : len(mix)] = np.array(mix) + 2
        item_of[code + 3] = items.index(soup)
        if len(mix) == 1:
            item_of[code] = 2 + mix[0]
    return items, item_of, contents_of


class Player:
    """Resets and steps many copies of a world at once, compiled.

    Args:
      world: the world.
    """

    def __init__(self, world: Overcooked | OvercookedV2) -> None:
        self.jax = importlib.import_module("jax")
        self.jnp = importlib.import_module("jax.numpy")
        self.names = [f"agent_{idx}" for idx in range(world.n_agents)]
        self.resets = [self._compiled(self._reset, env) for env in (world.random, world.plain)]
        self.step = self._compiled(self._step, world.random, world.views)

    def _compiled(self, function: Callable[..., Any], *settings: Any) -> Callable[..., Any]:
        return self.jax.jit(self.jax.vmap(lambda *values: function(*settings, *values)))

    def _reset(self, env: Any, key: Any) -> Any:
        observed, state = env.reset(key)
        return state, self._bytes(observed)

    def _step(self, env: Any, views: Mapping[str, Any], key: Any, state: Any, actions: Any) -> Any:
        joint = {name: actions[idx] for idx, name in enumerate(self.names)}
        observed, state, rewards, dones, infos = env.step_env(key, state, joint)
        told = {
            "rewards": self._row(rewards),
            "reward_shaped": self._row(infos["shaped_reward"]),
            "done": dones["__all__"],
        }
        seen = {name: self._bytes(view.get_obs(state)) for name, view in views.items()}
        return state, {"obs": self._bytes(observed), **told, **seen}

    def _row(self, values: Mapping[str, Any]) -> Any:
        return self.jnp.stack([values[name] for name in self.names])

    def _bytes(self, observed: Mapping[str, Any]) -> Any:
        """Observations as bytes; as they are if some would not fit."""
        values = self._row(observed)
        return self.jnp.where((values >= 0) & (values < 255), values, 255).astype(self.jnp.uint8)

    def starts(self, seed: int, n_episodes: int) -> tuple[Any, np.ndarray]:
        """First states and what is observed of them: of four episodes, three from random states."""
        keys = self.jax.random.split(self.jax.random.PRNGKey(seed), n_episodes)
        randomly, plainly = (reset(keys) for reset in self.resets)
        is_plain = np.arange(n_episodes) % 4 == 3

        def choose(random: Any, plain: Any) -> Any:
            return self.jnp.where(is_plain.reshape(-1, *[1] * (random.ndim - 1)), plain, random)

        state, observed = self.jax.tree.map(choose, randomly, plainly)
        return state, np.asarray(observed)


def record(run: Run, n_episodes: int, n_steps: int, seed: int) -> Arrays:
    """Play episodes of one run.

    Args:
      run: the kitchen.
      n_episodes, n_steps: how many, and how long each.
      seed: of everything that is drawn.
    Returns:
      Arrays `[E, T + 1, ...]` of states, `[E, T, ...]` of steps and of what was observed after them.
    """
    world = {"overcooked": Overcooked, "overcooked_v2": OvercookedV2}[run.game](run, n_steps)
    player = Player(world)
    rng = np.random.default_rng(seed)
    errands = Errands(world.terrain, world.items, n_episodes, world.n_agents, rng)
    state, observed = player.starts(seed, n_episodes)
    rows: dict[str, list[np.ndarray]] = {name: [values] for name, values in world.arrays(state).items()}
    for keys in player.jax.random.split(player.jax.random.PRNGKey(seed + 1), (n_steps, n_episodes)):
        actions = errands.act({name: values[-1] for name, values in rows.items()})
        state, told = player.step(keys, state, world.actions[actions])
        told = {"actions": actions, **world.arrays(state), **told}
        for name, values in told.items():
            rows.setdefault(name, []).append(np.asarray(values))
    arrays = {name: np.stack(values, axis=1) for name, values in rows.items()}
    terrain_names = sorted(set(world.terrain.ravel().tolist()))
    terrain = np.vectorize(terrain_names.index)(world.terrain)
    arrays |= {"obs_start": observed, "max_steps": np.array(n_steps)}
    return arrays | {"terrain": terrain, "terrain_names": terrain_names, "item_names": world.items}


def every_run() -> Iterator[Run]:
    """Everything that there is to play."""
    for layout in importlib.import_module("jaxmarl.environments.overcooked.layouts").overcooked_layouts:
        yield Run("overcooked", layout)
    layouts = importlib.import_module("jaxmarl.environments.overcooked_v2.layouts").overcooked_v2_layouts
    for layout in (*layouts, "four_cooks"):
        yield Run("overcooked_v2", layout)
        yield Run("overcooked_v2", layout, OPTIONS)


def main() -> None:
    """Record runs into files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("layouts", nargs="*", help="layouts by name; all if left out")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # Compiling takes longer than playing.
    for number, run in enumerate(every_run()):
        if options.layouts and run.layout not in options.layouts:
            continue
        file = options.folder / f"{number}.npz"
        np.savez(file, **record(run, options.episodes, options.steps, options.seed + number))
        print(json.dumps({"run": dataclasses.asdict(run), "file": file.name}), flush=True)


if __name__ == "__main__":
    main()
