"""The step of one world on plain integers."""
