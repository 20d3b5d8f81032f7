"""What agents observe."""

from cogrid.feature_space import array_features, object_planes
from cogrid.feature_space.observation import Observation

__all__ = ["Observation", "array_features", "object_planes"]
