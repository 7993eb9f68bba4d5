"""What the bot can do. Knows no webhook and no queue: those are in `handlers` and `jobs`."""
