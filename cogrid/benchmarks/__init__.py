"""The benchmark suite: how fast the library is here."""
