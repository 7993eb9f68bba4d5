"""Every source of truth becomes a database, and databases are compared by their own catalog.

`snapshot(connection)` reads a `Schema`; `diff(before, after)` says what differs. Nothing else compares schemas.
"""
