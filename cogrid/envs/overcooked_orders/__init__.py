"""Overcooked with an order queue: mixed soups, ordered at random, that guests do not wait for forever.

The kitchen is that of `overcooked_ai` under its old dynamics (any mix of three, cooking by itself), the step the
library's own. The board is in `objects.py`, how orders are filled and appear in `queue.py`.
"""

from cogrid.envs.overcooked_orders.features import order_queue_feature as order_queue_feature
