"""JaxMARL's Overcooked, exactly: five kitchens, two cooks, onion soups that cook by themselves.

The rule of the pot is in `objects.py`, the order of a step in `rules.py`.
"""

from cogrid.envs.jaxmarl_overcooked.features import jaxmarl_overcooked_planes as jaxmarl_overcooked_planes
