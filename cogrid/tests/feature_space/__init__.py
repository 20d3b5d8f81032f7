"""Tests of the observations."""
