"""Adapters: our environments as other libraries' own kind. Each module needs its library, and nothing else does."""
