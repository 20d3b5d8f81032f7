"""OvercookedV2, exactly: kitchens of several ingredients in which not everybody can see which soup is wanted.

What stands in a kitchen is in `objects.py`, the order of a step in `rules.py`.
"""
