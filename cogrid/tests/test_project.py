"""Rules about the project itself: its tests, its layers, its files and its packaging."""

from __future__ import annotations

import ast
import os
import pathlib
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

import cogrid
from cogrid.tests.checkout import CHECKOUT, PACKAGE, needs_checkout

SOURCES = sorted(path for path in PACKAGE.rglob("*.py"))
TEST_FILES = [path for path in SOURCES if path.name.startswith("test_")]
LIBRARY_FILES = [
    path
    for path in SOURCES
    if not path.name.startswith(("test_", "conftest")) and "tests" not in path.relative_to(PACKAGE).parts
]

CHECKS_OF_OTHERS = {"check_env", "parallel_api_test", "parallel_seed_test"}
"""Functions of other libraries that assert."""

LAYERS = (
    {"errors", "extras"},
    {"backend"},
    {"core"},
    {"integer", "hooks"},
    {"feature_space", "layout_check", "rendering"},
    {"integer.views", "integer.lists", "recording"},
    {"game_arrays"},
    {"game", "policy"},
    {"engine", "game_environment"},
    {"cogrid_env"},
    {"recording.trajectory", "single_agent"},
    {"kernel"},
    {"vector"},
    {"envs"},
    {"page", "learning"},
    {""},
    {"benchmarks"},
    {"interop", "serve"},
    {"command_line"},
    {"demo"},
    {"__main__"},
)
"""What a module may import: its own layer and those above it in this list; "" is the package itself."""

FORWARDING = "core/array_rewards.py"
"""The one file of the core that names Overcooked's rewards, where many expect them."""

KITCHEN_WORDS = {"overcooked", "kitchen", "pot", "pots", "onion", "onions", "tomato", "tomatoes", "soup", "soups"}


def relative(path: pathlib.Path) -> str:
    """A path as it is written in these tests: from the package's folder, with slashes."""
    return path.relative_to(PACKAGE).as_posix()


def parse(path: pathlib.Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    """All functions of a tree, methods and inner ones too."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def called_names(node: ast.AST) -> set[str]:
    """The last names of everything that is called: `np.testing.assert_equal(...)` calls `assert_equal`."""
    calls = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls}


def asserts_itself(function: ast.AST) -> bool:
    """Whether a function has an assertion of its own."""
    names = called_names(function)
    is_checking_call = any(name.startswith("assert_") for name in names) or names & {"raises", "warns"}
    return bool(is_checking_call) or any(isinstance(node, ast.Assert) for node in ast.walk(function))


def origins(tree: ast.AST) -> dict[str, tuple[str, str]]:
    """Where the names that a file imports come from: the module, and the name there ("" for the module itself)."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname: (alias.name, "") for alias in node.names if alias.asname is not None}
    return found


def called_functions(function: ast.AST, module: str, imported: dict[str, tuple[str, str]]) -> set[tuple[str, str]]:
    """The functions, as module and name, that a function of a module calls.

    A method is looked for by its name in the module itself, and in the modules that it imports a name from.
    """
    found = set()
    for func in (call.func for call in ast.walk(function) if isinstance(call, ast.Call)):
        if isinstance(func, ast.Name):
            found.add(imported.get(func.id, (module, func.id)))
        elif isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in imported:
            found.add((".".join(filter(None, imported[func.value.id])), func.attr))
        elif isinstance(func, ast.Attribute):
            found |= {(origin, func.attr) for origin in (module, *(origin for origin, _ in imported.values()))}
    return found


def silent_tests(trees: dict[str, ast.Module]) -> list[str]:
    """The names of tests that assert nothing, neither themselves nor through a function that they call.

    Args:
      trees: by the name of the module.
    """
    calls: dict[tuple[str, str], set[tuple[str, str]]] = {}
    asserting = set()
    for module, tree in trees.items():
        imported = origins(tree)
        for function in functions(tree):
            name = (module, function.name)
            calls[name] = calls.get(name, set()) | called_functions(function, module, imported)
            if asserts_itself(function) or called_names(function) & CHECKS_OF_OTHERS:
                asserting.add(name)
    while more := {name for name, called in calls.items() if called & asserting} - asserting:
        asserting |= more
    return [name for module, name in calls if name.startswith("test_") and (module, name) not in asserting]


def test_every_test_asserts_something() -> None:
    helpers = [path for path in SOURCES if "tests" in path.relative_to(PACKAGE).parts]
    files = [*TEST_FILES, *helpers, PACKAGE / "benchmarks" / "benchmark_suite.py"]
    files += sorted((CHECKOUT / "comparisons").rglob("*.py"))
    trees = {path.relative_to(CHECKOUT).with_suffix("").as_posix().replace("/", "."): parse(path) for path in files}

    assert silent_tests(trees) == []


def test_a_test_that_drops_its_truth_value_is_found() -> None:
    tree = ast.parse(
        """
from helpers import compare, ignore
import helpers as others
def helper(): assert True
def test_direct(): assert 1
def test_raises():
    with pytest.raises(ValueError): f()
def test_numpy(): np.testing.assert_equal(1, 1)
def test_through_a_helper(): helper()
def test_through_an_imported_helper(): compare()
def test_through_a_helper_of_a_module(): others.compare()
def test_dropped(): f() == 1
def test_through_a_helper_that_drops_it(): ignore()
def test_through_one_that_has_the_name_of_a_helper_elsewhere(): check()
"""
    )
    helpers = ast.parse("def compare(): assert True\ndef ignore(): 1 == 1\ndef check(): assert True")

    assert silent_tests({"tests": tree, "helpers": helpers}) == [
        "test_dropped",
        "test_through_a_helper_that_drops_it",
        "test_through_one_that_has_the_name_of_a_helper_elsewhere",
    ]


def imported_modules(tree: ast.AST) -> set[str]:
    """The full names of the modules that a file imports, at its top or inside."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {f"cogrid.{alias.name}" for alias in node.names} if node.module == "cogrid" else {node.module}
    return names


def layer_of(module: str) -> int:
    """The place of a module of ours in `LAYERS`; what is no module of its own is a name of the package itself."""
    parts = [*module.split("."), "", ""]
    levels = [
        level for name in (f"{parts[1]}.{parts[2]}", parts[1]) for level, names in enumerate(LAYERS) if name in names
    ]
    return levels[0] if levels else layer_of("cogrid")


@pytest.mark.parametrize("path", LIBRARY_FILES, ids=relative)
def test_imports_run_downwards(path: pathlib.Path) -> None:
    module = "cogrid." + relative(path).removesuffix(".py").removesuffix("__init__").replace("/", ".")
    imported = imported_modules(parse(path))
    ours = {name for name in imported if name.split(".")[0] == "cogrid"}

    assert {name for name in ours if layer_of(name) > layer_of(module)} == set()
    assert {name for name in imported if name.startswith(("cogrid.tests", "comparisons"))} == set()


SHARED_BY_FAMILIES = {"commons", "kitchen", "places", "drawings", "families"}
ORDERS_ARE_SERVED_IN = {"overcooked_orders": {"overcooked_ai"}}
"""The one family that is another one with something added."""


def test_families_of_environments_share_the_kitchen_and_import_nothing_from_each_other() -> None:
    families = {path.parent.name for path in (PACKAGE / "envs").glob("*/config.py")}
    sideways = [
        (relative(path), name)
        for family in families
        for path in (PACKAGE / "envs" / family).rglob("*.py")
        for name in imported_modules(parse(path))
        if name.startswith("cogrid.envs.")
        and name.split(".")[2] not in {family, *SHARED_BY_FAMILIES, *ORDERS_ARE_SERVED_IN.get(family, ())}
        and name.split(".")[2] != "registry"
    ]

    assert len(families) >= 8
    assert sideways == []


def test_every_part_of_the_package_has_a_layer() -> None:
    parts = {relative(path).split("/")[0].removesuffix(".py") for path in LIBRARY_FILES}

    assert parts - {"__init__"} <= set().union(*LAYERS)


def words_of(text: str) -> set[str]:
    """The words of a text, those inside of names too: `pot_timer` and `PotTimer` have `pot`."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", text)}


@pytest.mark.parametrize("layer", ["core", "backend"])
def test_the_core_knows_nothing_of_a_kitchen(layer: str) -> None:
    files = [path for path in LIBRARY_FILES if relative(path).startswith(f"{layer}/") and relative(path) != FORWARDING]
    found = {relative(path): words_of(path.read_text(encoding="utf-8")) & KITCHEN_WORDS for path in files}

    assert files
    assert {name: words for name, words in found.items() if words} == {}


def test_the_forwarding_exception_forwards_and_imports_no_environment() -> None:
    assert words_of((PACKAGE / FORWARDING).read_text(encoding="utf-8")) & KITCHEN_WORDS
    assert not {name for name in imported_modules(parse(PACKAGE / FORWARDING)) if name.startswith("cogrid.envs")}


def test_importing_the_library_and_playing_under_numpy_does_not_import_jax() -> None:
    script = (
        "import sys, cogrid; env = cogrid.make('Overcooked-CrampedRoom-V0'); env.reset(seed=0); "
        "env.step({agent: 6 for agent in env.agents}); print('jax' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    result = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def read_project() -> dict[str, Any]:
    """`pyproject.toml`."""
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


def read_text(name: str) -> str:
    """A file beside the package."""
    return (CHECKOUT / name).read_text(encoding="utf-8")


@needs_checkout
def test_dependencies_have_lower_bounds_and_no_caps() -> None:
    project = read_project()["project"]
    extras = project["optional-dependencies"]
    named = [*project["dependencies"], *(entry for extra in extras.values() for entry in extra)]
    bounds = [entry for entry in named if not entry.startswith("cogrid[")]

    assert [entry for entry in bounds if not re.fullmatch(r"[a-z0-9-]+(\[[a-z]+\])?>=[0-9.]+", entry)] == []
    assert not [entry for entry in project["dependencies"] if entry.startswith("jax>")], "JAX is an extra"


@needs_checkout
def test_the_lock_file_pins_every_dependency_and_names_no_host() -> None:
    lock = read_text("requirements-dev.lock")
    project = read_project()["project"]
    extras = project["optional-dependencies"]
    locked = [
        extra for name, extra in extras.items() if name not in ("docs", "interop", "video", "window")
    ]  # Used in newest releases.
    named = [*project["dependencies"], *(entry for extra in locked for entry in extra)]
    missing = [name for name in (re.split(r"[\[>]", entry)[0] for entry in named) if f"\n{name}==" not in lock]

    assert set(missing) == {"cogrid"}
    assert "://" not in lock


@needs_checkout
def test_the_minimum_environment_has_exactly_the_lower_bounds() -> None:
    lock = read_text("requirements-minimum.lock")
    project = read_project()["project"]
    extras = project["optional-dependencies"]
    named = [*extras["jax"], *extras["bench"], *extras["learn"], *extras["test"]]
    bounds = [*project["dependencies"], *(entry for entry in named if not entry.startswith("cogrid["))]
    pinned = [re.escape(bound.replace(">=", "==")) for bound in bounds]

    assert [pin for pin in pinned if not re.search(rf"^{pin}(\.0)*( |$)", lock, re.MULTILINE)] == []


@needs_checkout
def test_the_version_is_the_same_everywhere() -> None:
    assert f"\nversion: {cogrid.__version__}\n" in read_text("CITATION.cff")
    assert f"\n## {cogrid.__version__}\n" in read_text("CHANGELOG.md")


@needs_checkout
def test_the_licence_is_the_one_that_the_package_declares() -> None:
    assert read_project()["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0, January 2004" in read_text("LICENSE")


def collected(argument: str) -> str:
    """What pytest would run for an argument."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "--quiet",
        "--quiet",
        "--override-ini=addopts=",
        argument,
    ]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout


@needs_checkout
def test_the_default_run_measures_nothing_and_a_named_benchmark_can_be_run() -> None:
    benchmark = "cogrid/benchmarks/benchmark_suite.py::test_benchmark_reproducibility"

    assert "benchmark_suite.py" not in collected("cogrid/benchmarks")
    assert "cogrid/benchmarks/benchmark_suite.py: 1" in collected(benchmark)
