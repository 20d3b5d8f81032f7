"""Tests of many environments stepped together."""
