"""The only code that treats NumPy and JAX differently."""

from cogrid.backend._dispatch import get_backend, set_backend, xp

__all__ = ["get_backend", "set_backend", "xp"]
