"""The only code that knows NumPy from JAX."""

from cogrid.backend._dispatch import get_backend, set_backend, xp

__all__ = ["get_backend", "set_backend", "xp"]
