"""Runs Alembic inside the sandbox, with the target repository's interpreter and its env.py as it is.

The folder is copied to where the sandbox can read it, as the package `specwright_driver`, and called with one argument,
the request as JSON; the database's URL is in SPECWRIGHT_DATABASE_URL. The answer is one JSON object on standard
output; whatever the repository prints goes to standard error. Python 3.9 and later, standard library, SQLAlchemy >= 1.4
and Alembic only: nothing else of the bot can be imported here, and nothing of it is imported by the bot. What it
answers comes out of the repository's own process: the bot believes it only as far as that can hurt nobody else.
"""
