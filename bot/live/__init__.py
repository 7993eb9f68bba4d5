"""Live databases: asked for what their catalog says, read-only and with short patience; no row of a user is read."""
