"""Proofs: commands that play a world of ours beside the library whose rules it promises, and count the differences."""
