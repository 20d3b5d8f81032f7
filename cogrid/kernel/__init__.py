"""Batches on a processor, compiled by Numba, which the extra `fast` brings."""
