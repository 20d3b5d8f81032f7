"""Batches on a processor, compiled by Numba: `pip install "cogrid[fast]"`."""
