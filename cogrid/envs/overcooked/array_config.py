"""What Overcooked hands to the core."""

from __future__ import annotations

from cogrid.core.rules import Rules
from cogrid.envs.overcooked.rules import OVERCOOKED_RULES


def build_overcooked_scope_config() -> Rules:
    """The rule set that the classic environments hand to the core, which itself knows nothing of Overcooked."""
    return OVERCOOKED_RULES
