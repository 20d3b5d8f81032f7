"""Shapes that a docstring states are the ones that the annotations have checked."""

import functools
import importlib
import inspect
import pkgutil
import re
import typing

import pytest

import cogrid

PACKAGES = ("cogrid.backend", "cogrid.core", "cogrid.feature_space", "cogrid.envs")
STATED = re.compile(r"^\s*(?P<names>[\w, ]+): `\[(?P<shape>[^\]`]*)\]`", re.MULTILINE)
RETURNED = re.compile(r"Returns:\n\s*`\[(?P<shape>[^\]`]*)\]`")


def modules():
    for module in pkgutil.walk_packages(cogrid.__path__, "cogrid."):
        if module.name.startswith(PACKAGES) and ".tests" not in module.name:
            yield importlib.import_module(module.name)


@functools.cache
def functions():
    found = {}
    for module in modules():
        for owner in (module, *[kind for _, kind in inspect.getmembers(module, inspect.isclass)]):
            for function in map(inspect.unwrap, dict(inspect.getmembers(owner, inspect.isfunction)).values()):
                if function.__module__ == module.__name__ and function.__doc__:
                    found[f"{module.__name__}.{function.__qualname__}"] = function
    return found


def annotated_shape(hint):
    """The axes of a jaxtyping annotation; None for any other, and for one that leaves the axes open."""
    for option in (hint, *typing.get_args(hint)):
        axes = getattr(option, "dim_str", None)
        if axes is not None:
            return None if "..." in axes else axes.split()
    return None


def stated_shapes(function):
    doc = inspect.getdoc(function) or ""
    for match in STATED.finditer(doc):
        for name in match["names"].split(","):
            yield name.strip(), match["shape"].split(", ")
    for match in RETURNED.finditer(doc):
        yield "return", match["shape"].split(", ")


@pytest.mark.parametrize("name", sorted(name for name, function in functions().items() if any(stated_shapes(function))))
def test_stated_shapes_are_the_annotated_ones(name):
    function = functions()[name]
    hints = {key: annotated_shape(hint) for key, hint in typing.get_type_hints(function).items()}

    for argument, stated in stated_shapes(function):
        annotated = hints.get(argument)
        assert annotated is None or annotated == stated, (
            f"{name}: {argument} is {annotated}, and the docstring says {stated}"
        )


def test_there_are_stated_shapes_to_check():
    checked = [name for name, function in functions().items() if any(stated_shapes(function))]

    assert len(checked) > 30
