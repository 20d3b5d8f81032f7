"""Plays overcooked_ai 1.1.0 and writes down everything: run with the Python of its own virtual environment.

Nothing of this library is imported here, so that what is recorded owes nothing to it.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import random
from typing import Any

import numpy as np

ITEMS = (
    "none",
    "onion",
    "tomato",
    "plate",
    *(f"soup_o{onions}t{total - onions}" for total in (1, 2, 3) for onions in range(total + 1)),
)
"""What the item numbers mean."""

DIRECTIONS = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""Right, down, left, up, as (x, y)."""

MOVES = (3, 1, 2, 0)
"""The action that turns to each direction: up 0, down 1, left 2, right 3."""

INTERACT, STAY = 4, 5


class Driver:
    """Picks the actions of one episode: at random, sticky, or running errands from station to station.

    Args:
      kitchen: the original's world.
      style: "uniform", "sticky" or "errands".
      rng: where chance comes from.
    """

    def __init__(self, kitchen: Any, style: str, rng: random.Random) -> None:
        self.kitchen = kitchen
        self.style = style
        self.rng = rng
        self.last = [STAY] * kitchen.num_players
        self.goal: list[Any] = [None] * kitchen.num_players
        self.floor = set(kitchen.get_valid_player_positions())
        self.stations = {
            kind: [position for position in kitchen.terrain_pos_dict.get(kind, ()) if self._sides(position)]
            for kind in "OTDSPX"
        }

    def act(self, state: Any) -> list[int]:
        """A joint action, as numbers."""
        self.last = [self._act_one(state, idx) for idx in range(self.kitchen.num_players)]
        return self.last

    def _act_one(self, state: Any, idx: int) -> int:
        if self.style == "uniform" or self.rng.random() < 0.08:
            return self.rng.randrange(6)
        if self.style == "sticky":
            return self.last[idx] if self.rng.random() < 0.5 else self.rng.choice((0, 1, 2, 3, 4, 4, 4))
        return self._errand(state, idx)

    def _errand(self, state: Any, idx: int) -> int:
        """A step towards the station of the errand; at the station, the interaction, and then another errand."""
        player = state.players[idx]
        if self.goal[idx] is None or self.rng.random() < 0.02:
            self.goal[idx] = self._choose(player)
        way = self._way(player.position, self.goal[idx])
        if way is None:
            self.goal[idx] = None
            return self.rng.randrange(6)
        if way != player.orientation or self._ahead(player.position, way) in self.floor:
            return MOVES[DIRECTIONS.index(way)]
        self.goal[idx] = None
        return INTERACT

    def _choose(self, player: Any) -> Any:
        """A station where a cook with this in hand may have something to do, mostly."""
        held = player.held_object.name if player.has_object() else "nothing"
        wanted = {"nothing": "OOTTDDPPX", "dish": "PPPPX", "soup": "SSSX"}.get(held, "PPPPPX")
        kind = self.rng.choice(wanted if self.rng.random() < 0.9 else "OTDSPX")
        return self.rng.choice(self.stations[kind]) if self.stations[kind] else None

    def _way(self, start: Any, station: Any) -> Any:
        """The direction of the first step towards a place beside the station, or of the station when there."""
        if station is None:
            return None
        queue: collections.deque[tuple[Any, Any]] = collections.deque([(start, None)])
        seen = {start}
        while queue:
            position, first = queue.popleft()
            for direction in DIRECTIONS:
                ahead = self._ahead(position, direction)
                if ahead == station:
                    return first or direction
                if ahead in self.floor and ahead not in seen:
                    seen.add(ahead)
                    queue.append((ahead, first or direction))
        return None

    def _ahead(self, position: Any, direction: Any) -> Any:
        return position[0] + direction[0], position[1] + direction[1]

    def _sides(self, position: Any) -> list[Any]:
        return [direction for direction in DIRECTIONS if self._ahead(position, direction) in self.floor]


class Recording:
    """The arrays of many episodes of equal length."""

    def __init__(self, kitchen: Any, planner: Any, observe_every: int) -> None:
        self.kitchen = kitchen
        self.planner = planner
        self.observe_every = observe_every
        self.pots = sorted(kitchen.get_pot_locations(), key=lambda position: (position[1], position[0]))
        self.arrays: dict[str, list[Any]] = collections.defaultdict(list)

    def state(self, state: Any) -> None:
        """Add a state, and now and then what is observed of it."""
        add = self.arrays
        add["agent_pos"].append([(y, x) for x, y in state.player_positions])
        add["agent_dir"].append([DIRECTIONS.index(direction) for direction in state.player_orientations])
        add["agent_item"].append([number_of(player.held_object) for player in state.players])
        items = np.zeros((self.kitchen.height, self.kitchen.width), dtype=np.int8)
        contents = np.zeros((len(self.pots), 2), dtype=np.int8)
        timer = np.full(len(self.pots), -1, dtype=np.int16)
        for (x, y), thing in state.objects.items():
            if (x, y) in self.pots:
                pot = self.pots.index((x, y))
                contents[pot] = thing.ingredients.count("onion"), thing.ingredients.count("tomato")
                timer[pot] = thing._cooking_tick
            else:
                items[y, x] = number_of(thing)
        add["cell_item"].append(items)
        add["pot_contents"].append(contents)
        add["pot_timer"].append(timer)
        add["time"].append(state.timestep)
        if self.planner and (len(add["time"]) - 1) % self.observe_every == 0:
            add["planes"].append(np.array(self.kitchen.lossless_state_encoding(state), dtype=np.int16))
            add["features"].append(np.array(self.kitchen.featurize_state(state, self), dtype=np.int16))

    @property
    def motion_planner(self) -> Any:
        """What the original's featurisation asks its larger planner for."""
        return self.planner


def number_of(thing: Any) -> int:
    """The item number of something held or lying."""
    if thing is None:
        return 0
    if thing.name == "soup":
        return ITEMS.index(f"soup_o{thing.ingredients.count('onion')}t{thing.ingredients.count('tomato')}")
    return ITEMS.index("plate" if thing.name == "dish" else thing.name)


def record(layout: str, n_episodes: int, n_steps: int, seed: int, observe_every: int) -> dict[str, Any]:
    """Play episodes of one layout.

    Args:
      layout: the original's name of it.
      n_episodes, n_steps: how many, and how long each.
      seed: of everything that is drawn.
      observe_every: of how many states one is observed, in worlds of two players.
    Returns:
      Arrays `[E, T + 1, ...]` of states and `[E, T, ...]` of steps; `planes` and `features` of the observed states.
    """
    game = importlib.import_module("overcooked_ai_py.mdp.overcooked_mdp")
    planning = importlib.import_module("overcooked_ai_py.planning.planners")
    game.OvercookedGridworld.from_layout_name("cramped_room")  # Else one with a start state of its own cannot be read.
    kitchen = game.OvercookedGridworld.from_layout_name(layout)
    planner = planning.MotionPlanner(kitchen, []) if kitchen.num_players == 2 else None
    actions = [game.Direction.NORTH, game.Direction.SOUTH, game.Direction.WEST, game.Direction.EAST]
    actions += [game.Action.INTERACT, game.Action.STAY]
    rng = random.Random(seed)
    np.random.seed(seed)  # noqa: NPY002 (where the original's random starts take their chance from)
    recording = Recording(kitchen, planner, observe_every)
    for episode in range(n_episodes):
        driver = Driver(kitchen, ("uniform", "sticky", "errands", "errands")[episode % 4], rng)
        state = kitchen.get_standard_start_state()
        if episode % 3 == 2:
            state = kitchen.get_random_start_state_fn(random_start_pos=True, rnd_obj_prob_thresh=0.5)()
        recording.state(state)
        for _ in range(n_steps):
            numbers = driver.act(state)
            state, infos = kitchen.get_state_transition(state, [actions[number] for number in numbers])
            recording.arrays["actions"].append(numbers)
            recording.arrays["sparse"].append(infos["sparse_reward_by_agent"])
            recording.arrays["shaped"].append(infos["shaped_reward_by_agent"])
            recording.state(state)
    return shaped(recording, n_episodes)


def shaped(recording: Recording, n_episodes: int) -> dict[str, Any]:
    """The arrays with episodes in front."""
    arrays = {}
    for name, rows in recording.arrays.items():
        values = np.array(rows)
        per_episode = name not in ("planes", "features")
        arrays[name] = values.reshape(n_episodes, -1, *values.shape[1:]) if per_episode else values
    arrays["pot_pos"] = np.array([(y, x) for x, y in recording.pots], dtype=np.int16).reshape(-1, 2)
    arrays["items"] = np.array(ITEMS)
    return arrays


def main() -> None:
    """Record one layout into a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layout")
    parser.add_argument("out")
    parser.add_argument("--episodes", type=int, default=250)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--observe-every", type=int, default=10)
    options = parser.parse_args()
    np.savez(
        options.out,
        **record(options.layout, options.episodes, options.steps, options.seed, options.observe_every),
    )


if __name__ == "__main__":
    main()
