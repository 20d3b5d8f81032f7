"""Harvest: apples grow back where others are near, so whoever eats them all leaves nothing to anybody.

After the game of Hughes et al. (2018). What an apple tree does is in `objects.py`, who may do what in `rules.py`.
"""
