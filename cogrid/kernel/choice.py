"""Which engine steps a batch: kernels that Numba compiles, or the array step. Nothing here needs Numba."""

from __future__ import annotations

from cogrid.errors import ConfigError, MissingDependencyError, did_you_mean
from cogrid.extras import installing
from cogrid.game import Game
from cogrid.kernel.game_data import unread_parts

COMPILED, ARRAYS = "compiled", "arrays"
ENGINES = (COMPILED, ARRAYS)
"""The engines of a batch under NumPy: kernels that Numba compiles, and the array step."""


def choose_engine(game: Game, backend: str, engine: str | None = None) -> str:
    """The engine that steps a batch.

    Args:
      game: what is played.
      backend: "numpy" or "jax"; JAX has the array step only.
      engine: "compiled" or "arrays"; None for compiled kernels where Numba is installed and they read the whole game.
    Returns:
      "compiled" or "arrays".
    Raises:
      ConfigError: for another name, and for compiled kernels where they cannot play.
      MissingDependencyError: for compiled kernels without Numba.
    """
    if engine is not None and engine not in ENGINES:
        raise ConfigError(f"There is no engine {engine!r}. {did_you_mean(engine, ENGINES)}")
    if engine == ARRAYS or (backend != "numpy" and engine is None):
        return ARRAYS
    if backend != "numpy":
        raise ConfigError('The engine "compiled" is for batches under NumPy: leave engine out under JAX.')
    reason = why_not_compiled(game)
    if reason is None:
        return COMPILED
    if engine is None:
        return ARRAYS
    if has_numba():
        raise ConfigError(f'The engine "compiled" cannot play this world, which has {reason}: leave engine out.')
    raise MissingDependencyError(f'The engine "compiled" needs Numba: {installing("fast")}')


def why_not_compiled(game: Game) -> str | None:
    """Why a batch of a game is played by the array step, though it runs under NumPy; None where kernels play it."""
    if not has_numba():
        return "no Numba to play it"
    unread = unread_parts(game)
    return ", ".join(unread) if unread else None


def has_numba() -> bool:
    """Whether Numba can be imported."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True
