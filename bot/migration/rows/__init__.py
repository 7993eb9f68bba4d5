"""Rows for a scratch database: valid under every constraint, and awkward enough to break a careless migration."""

from bot.migration.rows.fill import Filling, fill

__all__ = ["Filling", "fill"]
