"""Tests of `cogrid.backend`."""
