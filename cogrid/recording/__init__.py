"""Environments and episodes in files, and what they were played with."""
