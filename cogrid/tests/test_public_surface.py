"""The public surface: what users may import, each name documented and typed."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import cogrid
from cogrid.tests.checkout import CHECKOUT, needs_checkout

SURFACE = {
    "cogrid": "ACTORS AGENTS AROUND EIGHT FACED FOUR ITSELF MAP OWN Act ActionError Agent ArrayFeature ArrayReward "
    "BackendError Beam Chance Changed CheckpointError CoGridEnv CoGridError CoGridVectorEnv ConfigError "
    "Count Disc Draw EnvConfig EpisodeError Event EventReward Floor Game GridObject IntentReward Item "
    "LayoutError LayoutSet Meeting MissingDependencyError Move Outcome RuleError Rules SeedError "
    "SingleAgentEnv SingleAgentVectorEnv StateError Trajectory TrajectoryRecorder check_layout "
    "config_factory has_happened listed_array load_policy local_view make make_single_agent "
    "make_single_agent_vec make_vec namespace random_policy read_events register rollout step_in_place",
    "cogrid.hooks": "agent_cells cells_with count_cells draw_below draw_cell emit value_id write_cells",
    "cogrid.backend": "get_backend set_backend xp",
    "cogrid.backend.namespaces": "namespace",
    "cogrid.backend.env_state": "EnvState",
    "cogrid.benchmarks.benchmark_suite": "LAYOUT N_BENCHMARK_STEPS N_WARMUP_STEPS SEED VARIANCE_THRESHOLD "
    "benchmark_jax_single benchmark_jax_vmap benchmark_numpy_single "
    "compute_variance run_benchmark_suite test_benchmark_reproducibility",
    "cogrid.cogrid_env": "CoGridEnv",
    "cogrid.core.agent": "Agent create_agent_arrays get_dir_vec_table",
    "cogrid.core.array_rewards": "compose_rewards delivery_reward_array onion_in_pot_reward_array "
    "soup_in_dish_reward_array",
    "cogrid.core.config": "EnvConfig",
    "cogrid.core.events": "has_happened read_events",
    "cogrid.core.grid_object": "GridObject Outcome get_object_names listed_array object_to_idx",
    "cogrid.core.grid_utils": "layout_to_array_state",
    "cogrid.core.interactions": "process_interactions process_interactions_jax",
    "cogrid.core.item": "Item",
    "cogrid.core.jax_step": "envstate_to_dict jax_reset jax_step make_jitted_reset make_jitted_step",
    "cogrid.core.layout_set": "LayoutSet",
    "cogrid.core.movement": "move_agents move_agents_jax",
    "cogrid.core.reward": "ArrayReward CountedReward EventReward IntentReward Reward make_reward register_reward",
    "cogrid.core.rules": "Rules",
    "cogrid.envs.overcooked.array_config": "build_overcooked_scope_config",
    "cogrid.envs.overcooked.array_rewards": "compute_rewards_jax",
    "cogrid.envs.overcooked.generator": "KitchenSettings generate_kitchen kitchen_set",
    "cogrid.envs.overcooked.rewards": "OnionInPotReward SoupDeliveryReward SoupInDishReward",
    "cogrid.envs.overcooked_ai.human_trials": "load_trial replay_trial trial_names",
    "cogrid.envs.overcooked_ai.trajectory_json": "read_trajectories write_trajectories",
    "cogrid.envs.registry": "config_factory get_factory make make_single_agent make_single_agent_vec make_vec register "
    "registered_ids",
    "cogrid.envs.scripts": "SCRIPT_NAMES ScriptedPolicy scripted_policy",
    "cogrid.envs.search_rescue": "is_solvable search_rescue_config stranded_victims",
    "cogrid.errors": "ActionError BackendError CheckpointError CoGridError ConfigError EpisodeError LayoutError "
    "MissingDependencyError RuleError SeedError StateError",
    "cogrid.feature_space": "LocalView Observation",
    "cogrid.feature_space.array_features": "build_feature_fn build_feature_fn_jax get_all_agent_obs "
    "get_all_agent_obs_jax",
    "cogrid.feature_space.blocks": "AgentBlock CellBlock ListBlock",
    "cogrid.feature_space.feature": "ArrayFeature Feature TableFeature register_feature",
    "cogrid.feature_space.local_view": "LocalView local_view",
    "cogrid.layout_check": "LayoutReport Room Station check_layout",
    "cogrid.recording.fingerprint": "fingerprint",
    "cogrid.recording.trajectory": "Trajectory TrajectoryRecorder",
    "cogrid.rendering": "Picture Tile mosaic render_ansi render_rgb render_svg render_view write_gif write_mp4",
    "cogrid.vector.rollout": "rollout step_in_place",
    "cogrid.learning.evaluation": "CrossPlay cross_play play_episode play_teams self_play",
    "cogrid.learning.players": "Player read_players",
    "cogrid.learning.policy_file": "LearnedPolicy load_policy",
    "cogrid.learning.statistics": "Estimate bootstrapped_iqm interquartile_mean",
    "cogrid.learning.training": "Training TrainingResult train",
    "cogrid.learning.world": "World",
    "cogrid.policy": "own_observation policy_keys random_policy",
    "cogrid.game": "Game StepResult",
    "cogrid.single_agent.environment": "SingleAgentEnv",
    "cogrid.vector.single_agent": "SingleAgentVectorEnv",
    "cogrid.vector.environment": "CoGridVectorEnv",
    "cogrid.vector.tensors": "TorchVectorEnv",
}
"""The modules that the design and the pages name, and what users import from each. Further names may change."""

NAMES = [(module, name) for module, names in SURFACE.items() for name in names.split()]

PACKAGES_WITH_ALL = ("cogrid", "cogrid.backend", "cogrid.feature_space", "cogrid.rendering")


def test_the_package_exports_the_surface_and_nothing_else() -> None:
    assert cogrid.__all__ == SURFACE["cogrid"].split()
    assert {"make", "make_vec", "register", "GridObject", "Agent", "Outcome"} <= set(cogrid.__all__)


@pytest.mark.parametrize("package", PACKAGES_WITH_ALL)
def test_everything_exported_is_there_once_and_in_order(package: str) -> None:
    exported = importlib.import_module(package).__all__

    assert set(SURFACE[package].split()) <= set(exported)
    assert list(exported) == sorted(set(exported), key=lambda name: (not name.isupper(), name))
    assert all(hasattr(importlib.import_module(package), name) for name in exported)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_public_name_is_there_documented_and_annotated(module: str, name: str) -> None:
    thing = getattr(importlib.import_module(module), name)

    assert [where for where, part in parts(name, thing) if not (inspect.getdoc(part) or "").strip()] == []
    assert [where for where, part in parts(name, thing) for _ in gaps(part)] == []


def parts(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """A public thing itself, and of a class of ours its public methods and properties."""
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        return  # A constant, an instance, or an alias of a type.
    yield name, thing
    if inspect.isclass(thing):
        for member_name, member in inspect.getmembers_static(thing):
            if not member_name.startswith("_") and is_written_here(thing, member_name):
                found = getattr(member, "func", getattr(member, "fget", member))
                found = found.__func__ if isinstance(found, (classmethod, staticmethod)) else found
                if inspect.isfunction(found):
                    yield f"{name}.{member_name}", found if found.__doc__ else getattr(thing, member_name)


def is_written_here(kind: type, member_name: str) -> bool:
    """Whether it is a class of ours that a member comes from."""
    owner = next(base for base in kind.__mro__ if member_name in vars(base))
    return owner.__module__.startswith("cogrid.")


def gaps(thing: Any) -> list[str]:
    """The parameters of a function that have no annotation, and `return`."""
    if inspect.isclass(thing):
        return []
    signature = inspect.signature(thing)
    empty = inspect.Signature.empty
    missing = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.annotation is empty and name not in ("self", "cls")
    ]
    return missing + (["return"] if signature.return_annotation is empty else [])


def test_a_gap_is_found() -> None:
    class Thing:
        """Has one."""

        def step(self, actions):
            return actions

    Thing.__module__ = "cogrid.example"

    found = dict(parts("Thing", Thing))
    assert list(found) == ["Thing", "Thing.step"]
    assert gaps(found["Thing.step"]) == ["actions", "return"]
    assert inspect.getdoc(found["Thing.step"]) is None


def imported_in_docs() -> Iterator[tuple[str, str, str]]:
    """The pages, and what their Python blocks import from us."""
    for page in (CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").rglob("*.md"))):
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "cogrid":
                    yield from ((page.name, node.module or "", alias.name) for alias in node.names)


@needs_checkout
def test_what_the_pages_import_is_public() -> None:
    imported = list(imported_in_docs())
    public = {(module, name) for module, name in NAMES}

    assert imported
    interop = [entry for entry in imported if entry[1].startswith("cogrid.interop.")]  # Has its own tests and page.
    assert [entry for entry in imported if entry[1:] not in public and entry not in interop] == []


@needs_checkout
def test_the_check_of_types_tells_what_is_ours_from_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CHECKOUT / "tools"))
    untyped = importlib.import_module("type_completeness").untyped
    report = json.loads(
        """[
        {"name": "cogrid.a.x", "diagnostics": [
            {"severity": "error", "message": "Type is missing type annotation\\n  Inferred type is \\"int\\""},
            {"severity": "warning", "message": "No docstring found"}]},
        {"name": "cogrid.a.f", "diagnostics": [
            {"severity": "error", "message": "Return type is partially unknown\\n  It is \\"list[Unknown]\\""}]},
        {"name": "cogrid.a.g", "diagnostics": [
            {"severity": "error", "message": "Return type is partially unknown\\n  Return type is \\"CoGridEnv\\""}]},
        {"name": "cogrid.a.CoGridEnv", "diagnostics": [{"severity": "error", "message": "Type of base class unknown"}]},
        {"name": "cogrid.tests.b.x", "diagnostics": [
            {"severity": "error", "message": "Type is missing type annotation"}]}]"""
    )

    assert [line.split(":")[0] for line in untyped(report)] == ["cogrid.a.x", "cogrid.a.f"]
