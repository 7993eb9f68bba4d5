"""What a spec leaves open."""

from bot.spec.gaps.find import find_gaps

__all__ = ["find_gaps"]
