"""Overcooked-AI, exactly: the rules of overcooked_ai 1.1.0, and with `old_dynamics=True` those before it.

The rule of the pot is in `objects.py`, the order of a step in `rules.py`.
"""
