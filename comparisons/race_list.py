"""What is compared: every race as a list of contestants, who run in turn."""

from __future__ import annotations

import dataclasses

from comparisons.peers.worker_protocol import Work
from comparisons.races import (
    JAXMARL,
    JUMANJI,
    LBFORAGING,
    MINIGRID,
    OLD,
    ORIGINAL,
    OWN,
    RWARE,
    Contestant,
    Figure,
    Race,
    Settings,
)


def all_races(settings: Settings) -> list[Race]:
    """Every race, in the order in which they are run and shown.

    Args:
      settings: how much is measured.
    """
    return [
        *single_races(settings),
        *batch_races(settings),
        *rules_races(settings),
        *published_races(settings),
        *size_races(settings),
        *scaling_races(settings),
        *cost_races(settings),
    ]


def race_names() -> list[str]:
    """What `--only` accepts."""
    return list(dict.fromkeys(race.name for race in all_races(Settings())))


def single_races(settings: Settings) -> list[Race]:
    """One environment."""
    numpy = Work(kind="numpy_single", observation="own", n_steps=settings.n_steps)
    compiled = dataclasses.replace(numpy, kind="jax_single")
    short, planes = (dataclasses.replace(numpy, observation=observation) for observation in ("short", "planes"))
    return [
        Race(
            name="numpy_single",
            title="one environment, NumPy, 443 numbers; CoGrid 0.3.2 its own 892",
            contestants=_pair(numpy, OLD, numpy),
            least_ratio=75,
        ),
        Race(
            name="numpy_single_short",
            title="one environment, NumPy, position, direction, free ways, item in hand",
            contestants=_pair(short, OLD, short),
        ),
        Race(
            name="numpy_single_original",
            title="one environment, NumPy, 443 numbers; Overcooked-AI its lossless planes",
            contestants=_pair(numpy, ORIGINAL, planes),
            least_ratio=4,
        ),
        Race(
            name="numpy_single_planes",
            title="one environment, NumPy, planes; Overcooked-AI its lossless planes",
            contestants=_pair(planes, ORIGINAL, planes),
            least_ratio=12,
        ),
        Race(
            name="jax_single",
            title="one environment, JAX, 443 numbers; CoGrid 0.3.2 its own 892",
            contestants=_pair(compiled, OLD, compiled),
            least_ratio=8,
        ),
    ]


def batch_races(settings: Settings) -> list[Race]:
    """Many environments."""
    n_envs = settings.n_envs
    loop = Work(kind="jax_loop", n_envs=n_envs, n_steps=settings.n_steps)
    vector, scan = (dataclasses.replace(loop, kind=kind) for kind in ("numpy_vector", "jax_scan"))
    own, short = (dataclasses.replace(loop, observation=observation) for observation in ("own", "short"))
    return [
        Race(
            name="numpy_vector",
            title=f"{n_envs:,} environments, NumPy, planes; JaxMARL jitted, its planes",
            contestants=_pair(vector, JAXMARL, loop),
            least_ratio=8,
        ),
        Race(
            name="jax_loop_planes",
            title=f"{n_envs:,} environments, `jit(vmap(step))` in a loop, no auto-reset, planes",
            contestants=_pair(loop, JAXMARL, loop),
            least_ratio=5,
        ),
        Race(
            name="jax_loop_numbers",
            title=f"{n_envs:,} environments, `jit(vmap(step))` in a loop, 443 numbers; CoGrid 0.3.2 its own 892",
            contestants=_pair(own, OLD, own),
            least_ratio=10,
        ),
        Race(
            name="jax_loop_short",
            title=f"{n_envs:,} environments, `jit(vmap(step))` in a loop, position, direction, free ways, item in hand",
            contestants=_pair(short, OLD, short),
        ),
        Race(
            name="jax_scan",
            title=f"{n_envs:,} environments, `lax.scan`, random actions, auto-reset, planes",
            contestants=_pair(scan, JAXMARL, scan),
            least_ratio=6,
        ),
        *_equal_grid_races({"numpy_vector": (vector, loop), "jax_loop_planes": (loop, loop), "jax_scan": (scan, scan)}),
        *_large_races(settings, loop),
    ]


def _equal_grid_races(pairs: dict[str, tuple[Work, Work]]) -> list[Race]:
    """The races of a batch beside JaxMARL again, on as many cells as JaxMARL's kitchen has."""
    return [
        Race(
            name=f"{name}_4x5",
            title=f"as `{name}`, our kitchen without its outer wall: 4 x 5 cells, as JaxMARL's",
            contestants=_pair(dataclasses.replace(ours, has_outer_wall=False), JAXMARL, theirs),
        )
        for name, (ours, theirs) in pairs.items()
    ]


def _large_races(settings: Settings, small: Work) -> list[Race]:
    """A large batch beside a smaller one, both ours."""
    n_envs, n_large = settings.n_envs, settings.n_large
    large = dataclasses.replace(small, n_envs=n_large)
    return [
        Race(
            name="jax_large",
            title=f"{n_large:,} environments beside {n_envs:,}, a loop over `step_in_place`, planes",
            contestants=_large_and_small(large, small, reuses_memory=True),
            least_ratio=0.7,
        ),
        Race(
            name="jax_large_fresh",
            title=f"as `jax_large`, but over `jit(vmap(step))`, which takes fresh memory at every step: {n_large:,}",
            contestants=_large_and_small(large, small, reuses_memory=False),
            least_ratio=0.5,
        ),
    ]


def rules_races(settings: Settings) -> list[Race]:
    """Worlds that play by the rules of others: beside those, with their own observation, and beside our own rules."""
    loop = Work(kind="jax_loop", n_envs=settings.n_envs, n_steps=settings.n_steps)
    batch = f"{settings.n_envs:,} environments, `jit(vmap(step))`"
    first = "CrampedRoom", "CounterCircuit"
    second = "CrampedRoom", "GroundedCoordSimple", "GroundedCoordRing", "TestTimeSimple", "DemoCookSimple"
    ids = [f"JaxMARLOvercooked-{name}-V0" for name in first] + [f"OvercookedV2-{name}-V0" for name in second]
    beside_jaxmarl = [
        Race(
            name="rules_jaxmarl",
            title=f"{batch}: `{env_id}`; JaxMARL's own, the same rules and observation",
            contestants=_pair(work, JAXMARL, work),
            section="rules",
            least_ratio=4,
        )
        for env_id in ids
        for work in [dataclasses.replace(loop, observation="own", env_id=env_id)]
    ]
    vector = dataclasses.replace(loop, kind="numpy_vector")
    return [
        *beside_jaxmarl,
        *_races_beside_classic("rules_classic", batch, loop),
        *_races_beside_classic("rules_classic_numpy", f"{settings.n_envs:,} environments, NumPy", vector),
    ]


def published_races(settings: Settings) -> list[Race]:
    """Games that others have published, beside the original and beside a version of it for JAX."""
    one = Work(kind="numpy_episodes", observation="own", n_steps=settings.n_steps)
    many = Work(kind="jax_loop", observation="own", n_envs=settings.n_envs, n_steps=settings.n_steps)
    originals = (
        ("foraging", 2, LBFORAGING, 4, "Level-Based Foraging, 8 x 8, two players, two foods"),
        ("warehouse", 2, RWARE, 10, "tiny warehouse, two robots"),
        ("minigrid-doors", 1, MINIGRID, 5, "MiniGrid-DoorKey-8x8"),
        ("minigrid-obstacles", 1, MINIGRID, 5, "MiniGrid-Dynamic-Obstacles-8x8"),
    )
    for_jax = (
        ("cooperative-foraging", 2, 2, "Level-Based Foraging, 8 x 8, two players, two foods, cooperative"),
        ("small-warehouse", 4, 20, "small warehouse, four robots, eight requests; jumanji's own 66 numbers"),
    )
    singles = [
        Race(
            name="published_numpy",
            title=f"one environment, NumPy: {title}",
            contestants=_pair(work, peer, work),
            section="rules",
            least_ratio=ratio,
        )
        for env_id, n_agents, peer, ratio, title in originals
        for work in [dataclasses.replace(one, env_id=env_id, n_agents=n_agents)]
    ]
    batches = [
        Race(
            name="published_jax",
            title=f"{settings.n_envs:,} environments, `jit(vmap(step))`: {title}",
            contestants=_pair(work, JUMANJI, work),
            section="rules",
            least_ratio=ratio,
        )
        for env_id, n_agents, ratio, title in for_jax
        for work in [dataclasses.replace(many, env_id=env_id, n_agents=n_agents)]
    ]
    return [*singles, *batches]


def _races_beside_classic(name: str, batch: str, work: Work) -> list[Race]:
    """Worlds that play by the rules of others beside our own rules, in kitchens of similar size."""
    by_classic = {
        "Overcooked-CrampedRoom-V0": ("OvercookedAI-CrampedRoom-V0", "OvercookedV2-CrampedRoom-V0"),
        "Overcooked-CounterCircuit-V0": ("OvercookedAI-CounterCircuit-V0", "OvercookedV2-GroundedCoordRing-V0"),
    }
    return [
        Race(
            name=name,
            title=f"{batch}, `object_planes`: `{env_id}` beside `{classic}`",
            contestants=tuple(
                Contestant(library=OWN, work=dataclasses.replace(work, env_id=played), series=played)
                for played in (env_id, classic)
            ),
            section="rules",
            least_ratio=round(1 / 1.5, 3),
        )
        for classic, env_ids in by_classic.items()
        for env_id in env_ids
    ]


def _large_and_small(large: Work, small: Work, *, reuses_memory: bool) -> tuple[Contestant, ...]:
    return tuple(
        Contestant(
            library=OWN,
            work=dataclasses.replace(work, reuses_memory=reuses_memory),
            series=f"{work.n_envs:,} environments",
        )
        for work in (large, small)
    )


def size_races(settings: Settings) -> list[Race]:
    """What a batch costs before it has made many steps: compile time, memory, length of the compiled program."""
    planes = Work(kind="jax_loop", n_envs=settings.n_envs, n_steps=1)
    own = dataclasses.replace(planes, observation="own")
    pairs = ((planes, JAXMARL, "planes"), (own, OLD, "443 numbers; CoGrid 0.3.2 its own 892"))
    figures: list[tuple[str, str, Figure, float | None]] = [
        ("first_step", "from making the environment to the first step, imports aside", "first_step_seconds", 2),
        ("memory", "state per environment", "state_bytes", 200),
        ("kernels", "fused operations of the compiled step", "kernels", None),
    ]
    return [
        Race(
            name=name,
            title=f"{title}; {settings.n_envs:,} environments, {observation}",
            contestants=_pair(work, peer, work),
            section="size",
            figure=figure,
            greatest=greatest,
        )
        for name, title, figure, greatest in figures
        for work, peer, observation in pairs
    ]


def scaling_races(settings: Settings) -> list[Race]:
    """Steps per second over the number of environments, one race for each number."""
    races = []
    for n_envs in settings.scaling:
        planes = Work(kind="jax_loop", n_envs=n_envs, n_steps=settings.n_steps)
        own = dataclasses.replace(planes, observation="own")
        vector = dataclasses.replace(planes, kind="numpy_vector")
        lines = [
            (OWN, planes, "CoGrid, JAX, planes"),
            (JAXMARL, planes, "JaxMARL 0.2.0, planes"),
            (OWN, vector, "CoGrid, NumPy, planes"),
            (OWN, own, "CoGrid, JAX, 443 numbers"),
            (OLD, own, "CoGrid 0.3.2, JAX, 892 numbers"),
        ]
        races.append(
            Race(
                name="scaling",
                title=f"a batch of {n_envs:,}",
                contestants=tuple(
                    Contestant(library=library, work=work, series=series, size=n_envs)
                    for library, work, series in lines
                ),
                section="scaling",
            )
        )
    return races


def cost_races(settings: Settings) -> list[Race]:
    """What a step of ours costs as the world grows; one race for each line, so that its points take turns."""
    steps = settings.n_steps
    batch = Work(kind="jax_loop", n_envs=settings.n_curve_envs, n_steps=steps, reuses_memory=True)
    grids = [(side * side, {"grid": side}) for side in settings.grids]
    agents = [(n_agents, {"grid": 16, "n_agents": n_agents}) for n_agents in settings.agents]
    values = [(n_values, {"n_values": n_values}) for n_values in settings.values]
    curves = [
        ("cost_grid", "cells of a square kitchen, two agents", grids),
        ("cost_agents", "agents in a kitchen of 16 x 16", agents),
        ("cost_values", "values of an object, room of 8 x 8, two agents", values),
    ]
    lines = [
        ("NumPy, one environment, position only", Work(kind="numpy_single", observation="position", n_steps=steps)),
        ("NumPy, one environment, planes", Work(kind="numpy_single", n_steps=steps)),
        (
            f"JAX, {settings.n_curve_envs} environments, position only",
            dataclasses.replace(batch, observation="position"),
        ),
        (f"JAX, {settings.n_curve_envs} environments, planes", batch),
    ]
    return [
        Race(
            name=name,
            title=title,
            contestants=tuple(
                Contestant(library=OWN, work=dataclasses.replace(work, **world), series=series, size=size)
                for size, world in points
            ),
            section="cost",
        )
        for name, title, points in curves
        for series, work in lines
    ]


def _pair(ours: Work, peer: str, theirs: Work) -> tuple[Contestant, ...]:
    return Contestant(library=OWN, work=ours), Contestant(library=peer, work=theirs)
