"""Policies that play whole episodes together."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

pytest.importorskip("optax")

import jax
import jax.numpy as jnp

import cogrid
from cogrid.errors import ConfigError
from cogrid.learning.evaluation import cross_play, play_episode, play_teams, self_play
from cogrid.learning.players import Player, read_players
from cogrid.learning.world import World
from cogrid.tests.learning.lamps import LAMPS, N_STEPS, lamps
from cogrid.tests.learning.test_policy_file import write

__all__ = ["lamps"]

TOGGLE, NOOP = 5, 6


def toggling(obs: Any, key: Any) -> Any:
    return jnp.full(len(obs), TOGGLE)


def waiting(obs: Any, key: Any) -> Any:
    return jnp.full(len(obs), NOOP)


def players_of(*functions: Any) -> list[Player]:
    game = World(id=LAMPS).make().game
    return [Player(function.__name__, function, game) for function in functions]


def test_everyone_plays_with_everyone_in_both_seats(lamps: str) -> None:
    found = cross_play(players_of(toggling, waiting), n_episodes=3)

    # Both are paid for every toggle of the team: 16 steps of one agent, or of two.
    assert found.matrix.tolist() == [[2.0 * N_STEPS, N_STEPS], [N_STEPS, 0.0]]
    assert found.by_seat[0, 1].tolist() == [N_STEPS, N_STEPS]
    assert found.self_play.value == N_STEPS
    assert found.cross_play is not None
    assert found.cross_play.value == N_STEPS
    assert found.gap == 0.0
    assert found.to_json()["names"] == ("toggling", "waiting")


def test_one_player_alone_has_no_cross_play(lamps: str) -> None:
    found = cross_play(players_of(toggling), n_episodes=1)

    assert (found.cross_play, found.gap) == (None, None)


def test_a_team_earns_what_a_rollout_of_the_same_episodes_earns(lamps: str, tmp_path: pathlib.Path) -> None:
    policy = write(tmp_path / "one.safetensors", World(id=lamps))
    env = policy.world.make()
    key = jnp.array([0, 5], jnp.uint32)

    played = cogrid.rollout(env, policy, key, num_envs=8, num_steps=N_STEPS)
    returns = self_play([Player("one", policy, env.game)], n_episodes=8, seed=5)

    np.testing.assert_array_equal(returns[0], played.trajectory.episode_return[-1])
    assert len(np.unique(returns)) > 1


@pytest.mark.long
def test_policies_of_different_networks_and_observations_play_together(lamps: str, tmp_path: pathlib.Path) -> None:
    symbolic = World(id=lamps, overrides={"features": ["agent_position", "agent_dir"]})
    write(tmp_path / "memory.safetensors", World(id=lamps), kind="gru")
    write(tmp_path / "apart.safetensors", symbolic, n_groups=2)
    _, players = read_players([str(tmp_path / "memory.safetensors"), str(tmp_path / "apart.safetensors")])

    together = play_teams(players, [(0, 1), (1, 1), (0, 1)], n_episodes=2)

    assert together.shape == (3, 2, 2)
    assert len({player.game.observation for player in players}) == 2
    np.testing.assert_array_equal(together[0], together[2])


@pytest.mark.long
def test_the_number_of_teams_changes_no_result(
    lamps: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = write(tmp_path / "one.safetensors", World(id=lamps))
    players = [Player("one", policy, policy.world.make().game)]
    returns = play_teams(players, [(0, 0)], n_episodes=3)

    monkeypatch.setattr("cogrid.learning.evaluation.ENVS_AT_ONCE", 6)

    np.testing.assert_array_equal(play_teams(players, [(0, 0)] * 3, n_episodes=3), np.repeat(returns, 3, axis=0))


def test_a_watched_episode_is_the_first_of_those_that_are_measured(lamps: str) -> None:
    players = players_of(toggling, waiting)

    states, returns = play_episode(players)

    assert len(states) == N_STEPS + 1
    assert [int(state.time) for state in states[:3]] == [0, 1, 2]
    assert returns.tolist() == [N_STEPS, N_STEPS]


def test_who_can_take_a_seat_is_told_from_who_cannot(lamps: str, tmp_path: pathlib.Path) -> None:
    write(tmp_path / "one.safetensors")

    with pytest.raises(ConfigError, match="--world"):
        read_players(["random"])
    with pytest.raises(ConfigError, match="module 'nowhere'"):
        read_players([str(tmp_path / "one.safetensors"), "nowhere:greedy"])
    with pytest.raises(ConfigError, match="2 seats"):
        play_teams(players_of(waiting), [(0, 0, 0)], n_episodes=1)
    _, kitchen = read_players([str(tmp_path / "one.safetensors"), "stay"])
    assert kitchen[1].policy(None, np.zeros((3, 2), np.uint32)).tolist() == [5, 5, 5]
    with pytest.raises(ConfigError, match="another world"):
        play_teams([*players_of(waiting), *kitchen], [(0, 1)], n_episodes=1)


def test_random_play_draws_another_action_for_each_agent_step_and_episode() -> None:
    env, players = read_players(["random"], world=World(id="JaxMARLOvercooked-CrampedRoom-V0").make())
    keys = jax.random.key_data(jax.random.split(jax.random.key(0), 2000))
    actions = np.asarray(players[0].policy(jnp.zeros((2000, 1)), keys))

    assert np.bincount(actions, minlength=6).min() > 250
    assert len(players) == 1
    assert env.tables.n_agents == 2
