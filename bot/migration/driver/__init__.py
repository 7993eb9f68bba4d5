"""Runs Alembic inside the sandbox, with the target repository's interpreter and its env.py as it is.

The folder is copied to where the sandbox can read it, as the package `specwright_driver`. It reads requests from its
stdin, each with its environment, in which the database's URL is SPECWRIGHT_DATABASE_URL, and answers there. Python 3.9
and later, standard library, SQLAlchemy >= 1.4 and Alembic only: nothing else of the bot can be imported here, and
nothing of it is imported by the bot. What it answers comes out of the repository's own process: the bot believes it
only as far as that can hurt nobody else.
"""
