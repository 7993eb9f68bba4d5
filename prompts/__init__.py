"""Templates for a model, one a task: data only, read through `bot.words`. Empty until the model implementer arrives."""
