"""One agent among given partners, as a Gymnasium environment."""
