"""Tests of the page: its engine under Node, its look and its keys in a browser."""
