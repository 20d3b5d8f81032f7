"""Overcooked: cooks who make and deliver soups together. The rule of the pot is in `objects.py`."""
