"""The benchmark suite on tiny workloads: what it counts and what it prints, never how fast it is."""

from __future__ import annotations

import pytest

from cogrid.benchmarks.benchmark_suite import (
    SuiteSettings,
    benchmark_jax_single,
    benchmark_jax_vmap,
    benchmark_numpy_single,
    compute_variance,
    format_table,
    read_settings,
    run_benchmark_suite,
    run_trial,
)
from cogrid.benchmarks.units import Workload, numpy_single_unit
from cogrid.errors import ConfigError
from cogrid.tests.engines import needs_jax

RESULT_NAMES = {"trials", "median", "speedup_vs_numpy"}


@pytest.mark.parametrize(
    ("trials", "per_cent"), [([100.0], 0.0), ([90.0, 120.0, 100.0], 30.0), ([1.0, 2.0, 3.0, 4.0], 120.0)]
)
def test_variance_is_the_range_over_the_median_in_per_cent(trials: list[float], per_cent: float) -> None:
    assert compute_variance(trials) == pytest.approx(per_cent)


def test_a_trial_repeats_its_unit_until_the_steps_have_taken_long_enough() -> None:
    seconds = iter([0.4, 0.5, 0.3, 9.9])

    assert run_trial(lambda: next(seconds), 60, trial_seconds=1.0) == pytest.approx(3 * 60 / 1.2)


def test_a_trial_runs_its_unit_once_at_least() -> None:
    assert run_trial(lambda: 0.5, 60, trial_seconds=0.0) == pytest.approx(120.0)


def test_numpy_single_gives_a_figure_for_each_trial() -> None:
    figures = benchmark_numpy_single(n_steps=6, n_trials=2, trial_seconds=0.0)

    assert len(figures) == 2
    assert min(figures) > 0


@pytest.mark.long
@needs_jax
def test_jax_single_gives_a_figure_for_each_trial() -> None:
    figures = benchmark_jax_single(n_steps=6, n_trials=2, trial_seconds=0.0, actions="random")

    assert len(figures) == 2
    assert min(figures) > 0


@pytest.mark.long
@needs_jax
def test_jax_vmap_gives_a_figure_for_each_trial() -> None:
    figures = benchmark_jax_vmap(n_steps=6, n_trials=2, batch_size=4, trial_seconds=0.0, actions="random")

    assert len(figures) == 2
    assert min(figures) > 0


def test_every_repetition_of_a_unit_starts_from_a_fresh_reset() -> None:
    unit = numpy_single_unit(Workload(n_steps=600))

    assert all(unit() > 0 for _ in range(2)), "without a reset the second one would run past the episode's end"


def test_noop_actions_are_all_noop() -> None:
    workload = Workload(n_steps=7)
    env = workload.make_env("numpy")
    actions = workload.draw_actions(env, 5)

    assert actions.shape == (7, 5, 2)
    assert (actions == env.tables.action_set.noop).all()


def test_random_actions_are_the_same_at_every_run_and_use_every_action() -> None:
    workload = Workload(n_steps=50, actions="random")
    env = workload.make_env("numpy")
    actions = workload.draw_actions(env, 5)

    assert set(actions.flat) == set(range(7))
    assert (actions == workload.draw_actions(env, 5)).all()


def test_features_can_be_chosen() -> None:
    env = Workload(features=("agent_position", "agent_dir")).make_env("numpy")

    assert env.observation_space("agent_0").shape == (6,)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"n_steps": 0}, "n_steps must be at least 1"), ({"actions": "nop"}, "Did you mean 'noop'")],
)
def test_bad_workloads_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Workload(**settings)  # pyright: ignore[reportArgumentType]


def test_a_unit_longer_than_an_episode_is_refused() -> None:
    with pytest.raises(ConfigError, match="ends after 1000"):
        benchmark_numpy_single(n_steps=1001)


@needs_jax
def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="batch_size must be at least 1"):
        benchmark_jax_vmap(batch_size=0)


def test_no_trials_at_all_are_refused() -> None:
    with pytest.raises(ConfigError, match="n_trials must be at least 1"):
        SuiteSettings(n_trials=0)


@pytest.mark.long
@needs_jax
def test_the_suite_returns_and_prints_all_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    settings = SuiteSettings(workload=Workload(n_steps=6), n_trials=2, batch_sizes=(3,), trial_seconds=0.0)
    results = run_benchmark_suite(settings)

    assert set(results) == {"numpy_single", "jax_single", "jax_vmap_3"}
    assert all(set(result) == RESULT_NAMES and len(result["trials"]) == 2 for result in results.values())
    assert results["numpy_single"]["speedup_vs_numpy"] == 1.0
    assert capsys.readouterr().out.strip() == format_table(settings, results)


def test_the_default_suite_is_the_one_that_is_documented() -> None:
    settings = SuiteSettings()

    assert (settings.workload.n_steps, settings.n_trials, settings.batch_sizes) == (500, 3, (1024,))
    assert (settings.workload.env_id, settings.workload.seed) == ("Overcooked-CrampedRoom-V0", 42)
    assert settings.workload.actions == "noop"


@needs_jax
def test_the_table_shows_totals_factors_and_variances() -> None:
    results = {
        "numpy_single": {"trials": [90.0, 100.0, 110.0], "median": 100.0, "speedup_vs_numpy": 1.0},
        "jax_single": {"trials": [50.0, 50.0, 50.0], "median": 50.0, "speedup_vs_numpy": 0.5},
        "jax_vmap_1024": {"trials": [10240.0, 20480.0, 10240.0], "median": 10240.0, "speedup_vs_numpy": 102.4},
    }
    rows = [line.split() for line in format_table(SuiteSettings(), results).splitlines()]

    assert ["layout", "Overcooked-CrampedRoom-V0,", "steps", "500,", "trials", "3,", "batch", "1,024"] in rows
    assert ["NumPy", "single", "100", "steps/s", "1.0", "x", "NumPy"] in rows
    assert ["JAX", "single", "50", "steps/s", "0.5", "x", "NumPy"] in rows
    assert ["vmap@1,024", "total", "10,240", "steps/s", "102.4", "x", "NumPy"] in rows
    assert ["vmap@1,024", "per", "environment", "10", "steps/s"] in rows
    assert "numpy_single 20.0 %, jax_single 0.0 %, jax_vmap_1024 100.0 %" in " ".join(rows[-1])


def test_options_are_read_from_the_command_line() -> None:
    options = "--actions random --batch-sizes 16 64 --trials 5 --steps 9 --features inventory --seconds 0.5"

    assert read_settings(options.split()) == SuiteSettings(
        workload=Workload(actions="random", n_steps=9, features=("inventory",)),
        n_trials=5,
        batch_sizes=(16, 64),
        trial_seconds=0.5,
    )
    assert read_settings([]) == SuiteSettings()
