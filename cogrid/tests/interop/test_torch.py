"""A batch of environments hands its arrays to PyTorch as tensors in the same memory; the example learns with them."""

from __future__ import annotations

import runpy
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import cogrid  # noqa: E402
from cogrid.errors import ActionError, ConfigError  # noqa: E402
from cogrid.tests.checkout import CHECKOUT, needs_checkout  # noqa: E402
from cogrid.tests.engines import needs_jax  # noqa: E402
from cogrid.vector.tensors import TorchVectorEnv  # noqa: E402

ENV_ID = "Overcooked-CrampedRoom-V0"
BACKENDS = ["numpy", pytest.param("jax", marks=needs_jax)]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_tensors_tell_what_arrays_tell(backend: str, mode: str) -> None:
    settings: dict[str, Any] = {"backend": backend, "autoreset_mode": mode, "max_steps": 3}
    told, expected = cogrid.make_vec(ENV_ID, 4, to="torch", **settings), cogrid.make_vec(ENV_ID, 4, **settings)
    torch.testing.assert_close(told.reset(seed=1)[0], torch.tensor(np.asarray(expected.reset(seed=1)[0])))
    generator = np.random.default_rng(0)
    for _ in range(5):
        actions = generator.integers(0, 7, size=(4, 2))
        *parts, infos = told.step(torch.from_numpy(actions))
        *wanted, wanted_infos = expected.step(actions)
        for part, array in zip(parts, wanted, strict=True):
            assert isinstance(part, torch.Tensor)
            np.testing.assert_array_equal(part.numpy(), np.asarray(array), strict=True)
        assert infos.keys() == wanted_infos.keys()
        np.testing.assert_array_equal(infos["episode"]["r"].numpy(), np.asarray(wanted_infos["episode"]["r"]))
        np.testing.assert_array_equal(infos["_episode"].numpy(), np.asarray(wanted_infos["_episode"]))


@needs_jax
def test_the_memory_of_jax_is_shared() -> None:
    envs = cogrid.make_vec(ENV_ID, 64, backend="jax", to="torch")
    seen = {}
    original = envs.envs.step

    def step(actions: Any) -> Any:
        seen["told"] = original(actions)
        return seen["told"]

    envs.envs.step = step
    envs.reset(seed=0)
    obs, reward, *_ = envs.step(torch.zeros((64, 2), dtype=torch.int64))

    assert obs.data_ptr() == seen["told"][0].unsafe_buffer_pointer()
    assert reward.data_ptr() == seen["told"][1].unsafe_buffer_pointer()


@needs_jax
def test_a_tensor_outlives_the_step_that_would_take_its_memory() -> None:
    envs = cogrid.make_vec(ENV_ID, 4, backend="jax", copy=False, to="torch", features=["object_planes"])
    obs, _ = envs.reset(seed=0)
    before = obs.clone()
    for action in (0, 1, 2):
        envs.step(torch.full((4, 2), action))

    torch.testing.assert_close(obs, before)


@pytest.mark.parametrize("backend", BACKENDS)
def test_actions_are_copied_and_wrong_ones_are_refused(backend: str) -> None:
    envs = cogrid.make_vec(ENV_ID, 2, backend=backend, to="torch")
    envs.reset(seed=0)
    with pytest.raises(ActionError, match="float"):
        envs.step(torch.zeros((2, 2)))
    with pytest.raises(ActionError, match="shape"):
        envs.step(torch.zeros((2, 3), dtype=torch.int32))
    actions = torch.full((2, 2), 3, dtype=torch.int32)
    envs.step(actions)
    actions[:] = 1

    assert np.asarray(envs.envs.get_state().agent_dir).tolist() == [[0, 0], [0, 0]]


def test_one_learners_environments_are_wrapped_and_masks_may_be_tensors() -> None:
    learner = cogrid.make_single_agent_vec(ENV_ID, 3, "numpy", "Disabled", partners=lambda obs, key: [6] * len(obs))
    envs = TorchVectorEnv(learner)
    obs, _ = envs.reset(seed=0)
    envs.step(torch.zeros(3, dtype=torch.int64))
    envs.reset(options={"reset_mask": torch.tensor([True, False, False])})

    assert obs.shape == (3, 443)
    assert learner.get_state().time.tolist() == [0, 1, 1]


def test_anything_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="make_vec"):
        TorchVectorEnv(cogrid.make(ENV_ID))  # pyright: ignore[reportArgumentType]


@needs_checkout
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_example_learns_for_a_few_updates(backend: str) -> None:
    example = runpy.run_path(str(CHECKOUT / "examples" / "ppo_torch.py"))
    settings = example["Settings"](backend=backend, num_envs=4, num_steps=20, total_steps=240, minibatches=2)

    network, log = example["train"](settings)

    assert [row["steps"] for row in log] == [80, 160, 240]
    assert all(np.isfinite(row["loss"]) for row in log)
    assert all(torch.isfinite(weights).all() for weights in network.parameters())
