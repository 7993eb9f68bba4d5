"""Drift: where two sources of truth part, how much that matters, and what would bring them together again."""
