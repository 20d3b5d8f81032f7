"""Many environments are drawn one by one, each as the single environment of its seed is drawn."""

from __future__ import annotations

import numpy as np
import pytest

import cogrid
from cogrid.errors import ConfigError, EpisodeError
from cogrid.tests.engines import needs_jax

ENV_ID = "GoalSeeking-Random-V0"


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
@pytest.mark.parametrize("mode", ["ansi", "rgb_array"])
def test_each_environment_is_drawn_as_the_one_of_its_seed(mode: str, backend: str) -> None:
    envs = cogrid.make_vec(ENV_ID, 2, backend=backend, render_mode=mode)
    envs.reset(seed=5)
    drawn = envs.render()

    for idx in range(2):
        env = cogrid.make(ENV_ID, render_mode=mode)
        env.reset(seed=5 + idx)
        assert drawn is not None
        np.testing.assert_array_equal(drawn[idx], env.render())


def test_human_prints_every_environment(capsys: pytest.CaptureFixture[str]) -> None:
    envs = cogrid.make_vec(ENV_ID, 2, render_mode="human")
    envs.reset(seed=5)

    assert envs.render() is None
    assert capsys.readouterr().out.count("agent_0 ") == 2


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no render mode 'rgb'.*'rgb_array'"):
        cogrid.make_vec(ENV_ID, 2, render_mode="rgb")


def test_nothing_is_drawn_before_the_first_reset() -> None:
    with pytest.raises(EpisodeError, match="reset"):
        cogrid.make_vec(ENV_ID, 2, render_mode="ansi").render()
