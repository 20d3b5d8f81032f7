"""Many environments stepped together, on either backend."""
