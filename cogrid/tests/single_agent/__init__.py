"""Tests of one agent among partners."""
