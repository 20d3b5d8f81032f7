"""Tests of training, of policies in files, and of their evaluation."""
