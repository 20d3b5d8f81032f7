"""Arrays that are spread over several devices, on meshes of both kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cogrid.backend.namespaces import Array, is_numpy
from cogrid.errors import BackendError


def on_any_mesh(function: Callable[..., Any], *arguments: Any, like: Array, own_axes: int = 1) -> Any:
    """Call a function of arrays, whichever kind of mesh they are spread over.

    On the explicit axes of a mesh, as `jax.make_mesh` makes them, JAX asks every look-up how its result is spread. Our
    functions leave that to the compiler, as on the other kind of axes; only what they return is spread as JAX was told:
    along the batch, as one of the arguments is.

    Args:
      function: a function of arrays, or of states of them; all that it returns has the batch axes in front.
      arguments: what it is called with.
      like: `[*B, ...]`, the array among the arguments whose batch axes are meant.
      own_axes: how many axes of that array are no batch axes.
    Raises:
      BackendError: on explicit axes before JAX 0.7.
    """
    if is_numpy(like):
        return function(*arguments)
    import jax

    sharding = jax.typeof(like).sharding
    mesh = jax.sharding.get_abstract_mesh() if sharding.mesh.empty else sharding.mesh
    kinds = dict(zip(mesh.axis_names, mesh.axis_types, strict=True))
    explicit = tuple(name for name, kind in kinds.items() if kind == jax.sharding.AxisType.Explicit)
    if not explicit:
        return function(*arguments)
    if not hasattr(jax.sharding, "auto_axes"):
        raise BackendError(
            f"Explicit mesh axes ({', '.join(explicit)}) need JAX 0.7 or later, and this is JAX {jax.__version__}: "
            "make the mesh with axis_types=(jax.sharding.AxisType.Auto,)."
        )
    batch = jax.sharding.PartitionSpec(*sharding.spec[: like.ndim - own_axes])
    spread = jax.sharding.NamedSharding(mesh, batch)

    leaves, structure = jax.tree.flatten(arguments)
    result_structures = []

    def call(*leaves: Array) -> list[Array]:
        results, result_structure = jax.tree.flatten(function(*structure.unflatten(leaves)))
        result_structures.append(result_structure)
        return results

    results = jax.sharding.auto_axes(call, axes=explicit, out_sharding=spread)(*leaves)
    return result_structures[0].unflatten(results)
