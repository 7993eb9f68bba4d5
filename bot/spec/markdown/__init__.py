"""The Markdown of an issue: its blocks and its sections."""
