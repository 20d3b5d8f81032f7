"""This library beside others: races for speed, and proofs that our kitchens equal their originals.

Not part of the package: run from a checkout, as `make compare` and `make proof` or `python -m comparisons.compare`.
"""
