"""The repository's SQLAlchemy models: found, understood and edited as source, never imported or run."""
