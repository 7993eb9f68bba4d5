"""The base commit's tests on a schema that new revisions have changed: may they be run before the code is deployed?

Tests often make their schema themselves. So the new revisions are laid over those of the base commit: a test that runs
`alembic upgrade head` comes to the new schema. Which schema a test really met is not guessed: a plugin of pytest asks
the connection on which the test reads and writes rows (`plugin.py`).
"""
