"""What agents observe."""

from cogrid.feature_space import array_features, object_planes, symbolic
from cogrid.feature_space.local_view import LocalView
from cogrid.feature_space.observation import Observation

__all__ = ["LocalView", "Observation", "array_features", "object_planes", "symbolic"]
