"""Settings of JAX for all tests, made before the hook of the type checks imports it with the package."""

import os

# JAX refuses arrays of different ranks and dtypes everywhere, in subprocesses too.
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")
