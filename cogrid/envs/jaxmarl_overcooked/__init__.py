"""JaxMARL's Overcooked, exactly: five kitchens, two cooks, onion soups that cook by themselves.

The rule of the pot is in `objects.py`, the order of a step in `rules.py`.
"""
