"""MiniGrid's classic worlds: empty rooms, four rooms, a door and its key, a gap in the lava, and obstacles that move.

What stands in them is in `objects.py`, what agents see in `features.py`.
"""
