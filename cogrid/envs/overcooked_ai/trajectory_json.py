"""Trajectories in the JSON form of overcooked_ai: written for its tools, and read from them.

The form: `ep_states` (the state before each action), `ep_actions`, `ep_rewards`, `ep_dones`, `ep_returns`,
`ep_lengths`, `mdp_params` (with the map as `terrain`, which the original's viewer draws), `env_params`, each a list
with one entry per episode. Positions are (x, y).

Source: `AgentEvaluator.save_traj_as_json` and `load_traj_from_json` of overcooked_ai 1.1.0.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.agent import get_dir_vec_table
from cogrid.core.grid_object import get_object_names, object_to_idx
from cogrid.envs.kitchen.objects import CAPACITY, Counter
from cogrid.envs.kitchen.soups import INGREDIENT_OF, RECIPE_OF, Recipe, soup_name
from cogrid.envs.overcooked_ai.human_trials import Mismatch
from cogrid.envs.overcooked_ai.layouts import kitchens
from cogrid.envs.overcooked_ai.objects import IDLE, Pot
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_ai.recordings import SCOPE, differing
from cogrid.envs.registry import make
from cogrid.errors import StateError, did_you_mean
from cogrid.recording.trajectory import Trajectory

Json = dict[str, Any]

ACTIONS: tuple[Any, ...] = ([0, -1], [0, 1], [-1, 0], [1, 0], "interact", [0, 0])
"""How each of our actions is written: up, down, left, right, interact, stay."""

KEYS = ("ep_states", "ep_actions", "ep_rewards", "ep_dones", "ep_returns", "ep_lengths", "mdp_params", "env_params")

_MISREAD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What can happen where JSON is not what it is read as."""

_NAMES = {"onion": "onion", "tomato": "tomato", "plate": "dish"}
_RECIPE_OF = {soup.name: recipe for soup, recipe in RECIPE_OF.items()}


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class JsonEpisode:
    """An episode as a file has it.

    Attributes:
      layout: the original's name of the kitchen.
      horizon: steps of an episode there.
      states: the state before each action.
      actions: `[T, A]` int32, as in our action set.
      rewards: `[T]` float32, what the team was paid.
    """

    layout: str
    horizon: int
    states: Sequence[Json]
    actions: Int[np.ndarray, "T A"]
    rewards: Float[np.ndarray, "T"]

    def make_env(self, backend: str = "numpy", **overrides: Any) -> CoGridEnv:
        """The episode's kitchen; settings as for `make`, `old_dynamics` among them."""
        settings = {"num_agents": self.actions.shape[1], "max_steps": self.horizon, **overrides}
        return make(f"OvercookedAI-{kitchens()[self.layout].id_name}-V0", backend=backend, **settings)

    def check(self, old_dynamics: bool = False) -> list[Mismatch]:
        """Play the actions from the first state, and compare every state and reward.

        Args:
          old_dynamics: whether to play by the rules before 1.1.0.
        Returns:
          Every mismatch, in order; none if the rules reproduce the episode.
        Raises:
          StateError: for a state that cannot be read, or a first one that the kitchen can never be in.
        """
        env = self.make_env(old_dynamics=old_dynamics, features=["agent_position"], max_steps=None)
        env.set_state(state_from_json(env, self.states[0]))
        found = []
        for step, joint in enumerate(self.actions.tolist()):
            _, paid, *_ = env.step(dict(zip(env.agents, joint, strict=True)))
            if float(paid["agent_0"]) != float(self.rewards[step]):
                found.append(Mismatch(step, "rewards"))
            if step + 1 < len(self.states):
                arrays = _arrays(self.states[step + 1], env)
                found += [Mismatch(step, name) for name in differing(env.get_state(), arrays)]
        return sorted(found)


def write_trajectories(
    path: str | os.PathLike[str], env: CoGridEnv, trajectories: Sequence[Trajectory]
) -> pathlib.Path:
    """Write episodes of an OvercookedAI environment for the original's tools.

    Args:
      path: the file.
      env: an environment of the trajectories' kitchen; it is played.
      trajectories: recorded with `TrajectoryRecorder`, of at least one step each.
    Returns:
      Where the file is.
    Raises:
      StateError: for an environment of other rules or another layout than the original's, or a trajectory of another
        environment, of no steps, or one that the rules do not reproduce.
    """
    layout = _original_name(env)
    for number, trajectory in enumerate(trajectories):
        found = trajectory.check(env)
        if found or trajectory.n_steps == 0:
            raise StateError(
                f"Trajectory {number} cannot be written: "
                + (f"the rules do not reproduce it ({found[0]})." if found else "it has no steps.")
            )
    episodes = [_written_episode(env, layout, trajectory) for trajectory in trajectories]
    document = {key: [episode[key] for episode in episodes] for key in KEYS}
    where = pathlib.Path(path)
    where.write_text(json.dumps(document), encoding="utf-8")
    return where


def value_forms(env: CoGridEnv) -> Json:
    """What an episode of a kitchen is written of, for whoever puts it together elsewhere: the form of each value.

    Args:
      env: an environment of a kitchen of the original's.
    Returns:
      `counters`, `pots` and `held`: for each cell value, and for each agent value, what lies on the counter, is in the
      pot and in the hand, with positions to be filled in, or null. `actions`: how each action is written. `orders`:
      what is the same in all states. `mdp_params` and `env_params`, as in a file.
    Raises:
      StateError: for an environment of other rules or another layout than the original's.
    """
    layout = _original_name(env)
    orders, compiled = kitchens()[layout].orders, env.tables.rules.compiled
    values = compiled.cell_values
    on_counters = [value.on if isinstance(value, Counter) else None for value in values]
    pots = [value if isinstance(value, Pot) and value.contents else None for value in values]
    hands = [agent.held for agent in compiled.agent_values]
    return {
        "counters": [None if item is None else _thing(item.name, [], orders) for item in on_counters],
        "pots": [None if pot is None else _soup(pot.recipe(), [], pot.timer, orders) for pot in pots],
        "held": [None if item is None else _thing(item.name, [], orders) for item in hands],
        "actions": list(ACTIONS),
        "orders": _written_orders(orders),
        "mdp_params": {"layout_name": layout, "terrain": terrain(env)},
        "env_params": _env_params(env.config.max_steps or 0),
    }


def _env_params(horizon: int) -> Json:
    """What the original writes of an environment of one kitchen; with `_variable_mdp` False its own reader fails."""
    return {"start_state_fn": None, "horizon": horizon, "info_level": 0, "_variable_mdp": True}


def _written_orders(orders: Orders) -> Json:
    asked = orders.orders or tuple(_RECIPE_OF.values())
    return {
        "bonus_orders": [{"ingredients": _spelt(recipe)} for recipe in sorted(orders.bonus_orders)],
        "all_orders": [{"ingredients": _spelt(recipe)} for recipe in sorted(asked)],
    }


def _written_episode(env: CoGridEnv, layout: str, trajectory: Trajectory) -> Json:
    rewards = trajectory.rewards[:, 0].tolist()
    horizon = env.config.max_steps or len(rewards)
    return {
        "ep_states": [state_to_json(state, kitchens()[layout].orders) for state in _states(env, trajectory)],
        "ep_actions": [[ACTIONS[action] for action in joint] for joint in trajectory.actions.tolist()],
        "ep_rewards": rewards,
        "ep_dones": [False] * (len(rewards) - 1) + [True],
        "ep_returns": int(sum(rewards)),
        "ep_lengths": len(rewards),
        "mdp_params": {"layout_name": layout, "terrain": terrain(env)},
        "env_params": _env_params(horizon),
    }


def read_trajectories(path: str | os.PathLike[str]) -> list[JsonEpisode]:
    """Read a file that the original's tools, or `write_trajectories`, wrote.

    Raises:
      StateError: for a file that is not such JSON, whose episodes are not whole, or of a kitchen that does not exist.
    """
    try:
        document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        columns = [document[key] for key in ("ep_states", "ep_actions", "ep_rewards", "mdp_params", "env_params")]
        return [_episode(*row) for row in zip(*columns, strict=True)]
    except (OSError, *_MISREAD) as error:
        raise StateError(f"{os.fspath(path)!r} is not a trajectory file of overcooked_ai: {error!r}") from error


def _episode(states: list[Json], actions: list[Any], rewards: list[float], mdp: Json, settings: Json) -> JsonEpisode:
    layout = mdp["layout_name"]
    if layout not in kitchens():
        raise StateError(f"There is no kitchen {layout!r}. {did_you_mean(str(layout), kitchens())}")
    numbers = np.array([[ACTIONS.index(action) for action in joint] for joint in actions], dtype=np.int32)
    if numbers.ndim != 2 or not len(states) == len(rewards) == len(numbers):
        raise StateError(
            f"An episode needs a state, an action of each agent and a reward for every step, and has {len(states)} "
            f"states, {len(actions)} joint actions and {len(rewards)} rewards."
        )
    return JsonEpisode(
        layout=layout,
        horizon=int(settings["horizon"]),
        states=list(states),
        actions=numbers,
        rewards=np.array(rewards, dtype=np.float32),
    )


TERRAIN = {
    "floor": " ",
    "counter": "X",
    "pot": "P",
    "delivery_zone": "S",
    "onion_stack": "O",
    "tomato_stack": "T",
    "plate_stack": "D",
}
"""The original's character for each of our types."""


def terrain(env: CoGridEnv) -> list[list[str]]:
    """The map in the original's characters, row by row; its viewer draws from it."""
    names, types = get_object_names(SCOPE), env.tables.declared.object_type[env.tables.map.start_cells]
    rows = types.reshape(env.tables.height, env.tables.width).tolist()
    return [[TERRAIN[names[type_id] or "floor"] for type_id in row] for row in rows]


def state_to_json(state: EnvState, orders: Orders) -> Json:
    """A state in the original's form.

    Args:
      state: one state of an OvercookedAI environment.
      orders: what its kitchen asks for.
    """
    names = get_object_names(SCOPE)
    directions = [[column, row] for row, column in get_dir_vec_table().tolist()]
    players = []
    poses = zip(
        *(np.asarray(values).tolist() for values in (state.agent_pos, state.agent_dir, state.agent_inv)), strict=True
    )
    for (row, column), direction, (held,) in poses:
        thing = None if held == -1 else _thing(names[held], [column, row], orders)
        players.append({"position": [column, row], "orientation": directions[direction], "held_object": thing})
    objects = _counter_objects(state, names, orders) + _pot_objects(state, names, orders)
    return {"players": players, "objects": objects, **_written_orders(orders), "timestep": int(state.time)}


def state_from_json(env: CoGridEnv, written: Mapping[str, Any]) -> EnvState:
    """A state of an OvercookedAI environment from the original's form.

    Raises:
      StateError: for something else than a state in that form, or a state that this kitchen can never be in.
    """
    return env.state_from_arrays(**_arrays(written, env))


def _spelt(recipe: Recipe) -> list[str]:
    return [INGREDIENT_OF[letter].name for letter in recipe]


def _thing(name: str, position: list[int], orders: Orders) -> Json:
    """Something held, or on a counter."""
    if name in _RECIPE_OF:
        recipe = _RECIPE_OF[name]
        return _soup(recipe, position, orders.time(recipe), orders)
    return {"name": _NAMES[name], "position": position}


def _soup(recipe: Recipe, position: list[int], timer: int, orders: Orders) -> Json:
    is_idle, is_ready = timer == IDLE, timer >= orders.time(recipe)
    return {
        "name": "soup",
        "position": position,
        "_ingredients": [{"name": name, "position": position} for name in _spelt(recipe)],
        "cooking_tick": timer,
        "is_cooking": not is_idle and not is_ready,
        "is_ready": is_ready,
        "is_idle": is_idle,
        "cook_time": -1 if is_idle else orders.time(recipe),
        "_cooking_tick": timer,
    }


def _counter_objects(state: EnvState, names: list[str], orders: Orders) -> list[Json]:
    on_counters = np.where(np.asarray(state.object_type_map) == names.index("counter"), state.object_state_map, 0)
    places = np.argwhere(on_counters).tolist()
    return [_thing(names[on_counters[row, column]], [column, row], orders) for row, column in places]


def _pot_objects(state: EnvState, names: list[str], orders: Orders) -> list[Json]:
    pots = (np.asarray(values).tolist() for values in (state.pot_positions, state.pot_contents, state.pot_timer))
    found = []
    for (row, column), contents, timer in zip(*pots, strict=True):
        recipe = "".join(sorted(names[item][0] for item in contents if item != -1))
        if recipe:
            found.append(_soup(recipe, [column, row], timer, orders))
    return found


def _pots(env: CoGridEnv) -> list[tuple[int, int]]:
    """The (row, column) of each pot, in the order of `pot_contents`."""
    is_pot = env.tables.declared.object_type[env.tables.map.start_cells] == object_to_idx("pot", SCOPE)
    return [(cell // env.tables.width, cell % env.tables.width) for cell in np.flatnonzero(is_pot).tolist()]


def _arrays(written: Mapping[str, Any], env: CoGridEnv) -> dict[str, Any]:
    """A state in the original's form as `state_from_arrays` takes it."""
    directions = [[column, row] for row, column in get_dir_vec_table().tolist()]
    try:
        players = written["players"]
        return {
            "agent_pos": np.array([player["position"][::-1] for player in players]),
            "agent_dir": np.array([directions.index(list(player["orientation"])) for player in players]),
            "agent_inv": np.array([[_type_of(player["held_object"]) or -1] for player in players]),
            **_object_arrays(written["objects"], env),
            "time": np.array(written["timestep"]),
        }
    except _MISREAD as error:
        raise StateError(f"This is not a state in the form of overcooked_ai: {error!r}") from error


def _object_arrays(things: Sequence[Json], env: CoGridEnv) -> dict[str, Any]:
    """What lies on counters, and what is in pots."""
    pots = _pots(env)
    on_counters = {(row, column): 0 for row in range(env.tables.height) for column in range(env.tables.width)}
    contents, timers = [[-1] * CAPACITY for _ in pots], [IDLE] * len(pots)
    for thing in things:
        column, row = thing["position"]
        if (row, column) in pots:
            ids = [object_to_idx(part["name"], SCOPE) for part in thing["_ingredients"]]
            pot = pots.index((row, column))
            contents[pot], timers[pot] = ids + [-1] * (CAPACITY - len(ids)), thing["cooking_tick"]
        elif (row, column) in on_counters:
            on_counters[row, column] = _type_of(thing)
        else:
            raise StateError(f"row {row}, column {column} is off the map.")
    return {
        "object_state_map": np.array(list(on_counters.values())).reshape(env.tables.height, env.tables.width),
        "pot_contents": np.array(contents).reshape(-1, CAPACITY),
        "pot_timer": np.array(timers),
    }


def _type_of(thing: Mapping[str, Any] | None) -> int:
    if thing is None:
        return 0
    if thing["name"] == "soup":
        recipe = "".join(sorted(part["name"][0] for part in thing["_ingredients"]))
        return object_to_idx(soup_name(recipe), SCOPE)
    return object_to_idx({theirs: ours for ours, theirs in _NAMES.items()}[thing["name"]], SCOPE)


def _original_name(env: CoGridEnv) -> str:
    layout = env.config.layout
    name = layout.removeprefix("overcooked_ai/") if isinstance(layout, str) else None
    if name not in kitchens() or env.config["rules"].name != SCOPE:
        raise StateError(
            f"{env!r} is not a kitchen of overcooked_ai: make it with an OvercookedAI id and no other layout."
        )
    return name


def _states(env: CoGridEnv, trajectory: Trajectory) -> list[EnvState]:
    """The state before each action."""
    states = []
    env.set_state(trajectory.start_state(env))
    for joint in trajectory.actions.tolist():
        states.append(env.get_state())
        env.step(dict(zip(env.agents, joint, strict=True)))
    return states
