"""Who a learner is trained beside, by name."""

from __future__ import annotations

import hashlib
import pathlib
from collections.abc import Iterable, Sequence

from cogrid.cogrid_env import CoGridEnv
from cogrid.learning.players import Player, read_players
from cogrid.learning.policy_file import LearnedPolicy

SELF = "self"
"""The name of a partner that is the learner's own policy."""


def read_partners(sources: Sequence[str], env: CoGridEnv) -> tuple[Player | None, ...]:
    """The partners that are named, in order; None for the learner's own policy.

    Args:
      sources: as `read_players` takes them, and "self".
      env: the world that is trained in.
    Raises:
      ConfigError, CheckpointError: as `read_players` does.
    """
    found: list[Player | None] = []
    for source in sources:
        found.extend([None] if source == SELF else read_players([source], world=env)[1])
    return tuple(found)


def digests(partners: Iterable[Player | None]) -> dict[str, str]:
    """What says whether the files of partners are still the same: the SHA-256 of each."""
    files = [player.policy.name for player in partners if player and isinstance(player.policy, LearnedPolicy)]
    return {name: hashlib.sha256(pathlib.Path(name).read_bytes()).hexdigest() for name in files}
