"""What each statement did to the tables that were there before the first one, as the server itself knows it.

Locks and transactions are read from `pg_locks` by a second connection while the migrating one stands still. New files
(`pg_relation_filenode`), indexes, constraints and the counters of scans and rows are read by the migrating connection,
since nobody else sees them before the commit. The counters are exact: those that were handed to the shared statistics
and those that this session still holds, together.
https://www.postgresql.org/docs/current/view-pg-locks.html
https://www.postgresql.org/docs/current/monitoring-stats.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .second import ask_json, get_pid, open_second

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEY = "specwright_observer"
LOCKS = """
SELECT pg_catalog.json_build_object(
  'transaction', (SELECT min(virtualtransaction) FROM pg_catalog.pg_locks WHERE pid = {pid}
    AND locktype = 'virtualxid'),
  'locks', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(relation, mode)), '[]')
    FROM pg_catalog.pg_locks WHERE pid = {pid} AND locktype = 'relation' AND granted AND database =
    (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
)::text
"""
USERS = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
TABLES = f"""
SELECT pg_catalog.json_object_agg(c.oid, pg_catalog.json_build_object(
  'name', pg_catalog.json_build_array(n.nspname, c.relname),
  'file', pg_catalog.pg_relation_filenode(c.oid),
  'scans', pg_catalog.pg_stat_get_numscans(c.oid) + pg_catalog.pg_stat_get_xact_numscans(c.oid),
  'changed', pg_catalog.pg_stat_get_tuples_updated(c.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
    + pg_catalog.pg_stat_get_tuples_deleted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid),
  'inserted', pg_catalog.pg_stat_get_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid)
)) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'v') AND {USERS}
"""  # noqa: S608 (constants)
INDEXES = f"""
SELECT pg_catalog.json_object_agg(c.oid, pg_catalog.json_build_object(
  'name', c.relname, 'table', i.indrelid, 'file', pg_catalog.pg_relation_filenode(c.oid),
  'scans', pg_catalog.pg_stat_get_numscans(c.oid) + pg_catalog.pg_stat_get_xact_numscans(c.oid)
)) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {USERS}
"""  # noqa: S608 (constants)
CONSTRAINTS = f"""
SELECT pg_catalog.json_object_agg(k.oid, pg_catalog.json_build_object('name', k.conname, 'table', k.conrelid))
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
WHERE k.convalidated AND k.contype IN ('c', 'f') AND k.conrelid <> 0 AND {USERS}
"""  # noqa: S608 (constants)
FACTS = f"""
SELECT pg_catalog.json_build_object('tables', coalesce(({TABLES}), '{{}}'), 'indexes', coalesce(({INDEXES}), '{{}}'),
  'constraints', coalesce(({CONSTRAINTS}), '{{}}'))::text
"""


class Observer:
    """Watches one connection from now on; each look tells what is new since the last one."""

    def __init__(self, connection: Connection) -> None:
        self.second = open_second(connection.dialect)
        self.pid = get_pid(connection)
        self.facts: dict[str, Any] = ask_json(connection.connection, FACTS)
        self.start: dict[str, Any] = self.facts["tables"]
        self.transaction: str | None = None
        self.held: set[tuple[str, str]] = set()

    def look(self, connection: Connection) -> dict[str, Any]:
        """What the statement that has just ended did; its transaction is None when that ended with it."""
        locks = self._look_at_locks()  # first: what comes next may begin a transaction of its own
        before, self.facts = self.facts, ask_json(connection.connection, FACTS)
        return {**locks, **compare(self.start, before, self.facts)}

    def _look_at_locks(self) -> dict[str, Any]:
        seen = ask_json(self.second, LOCKS.format(pid=self.pid))
        if seen["transaction"] is None or seen["transaction"] != self.transaction:
            self.held = set()
        self.transaction = seen["transaction"]
        held = {(str(oid), mode) for oid, mode in seen["locks"] if str(oid) in self.start}
        new, self.held = held - self.held, held
        return {
            "transaction": self.transaction and f"{self.pid} {self.transaction}",
            "locks": sorted([self.start[oid]["name"], mode] for oid, mode in new),
        }


def find_observer(connection: Connection) -> Observer | None:
    """The connection's observer, made when a revision first uses it; None for another kind of server."""
    if connection.dialect.name != "postgresql":
        return None
    if KEY not in connection.info:
        connection.info[KEY] = Observer(connection)
    found: Observer = connection.info[KEY]
    return found


def compare(start: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs between two looks, for the tables of `start`, under the names that they had then."""
    old, new = before["tables"], after["tables"]
    common = {oid: start[oid]["name"] for oid in start if oid in old and oid in new}
    # An index of a column whose type got wider is made anew around its old file: nothing is built.
    files = {None, *(index["file"] for index in before["indexes"].values())}

    def find_grown(counter: str) -> list[Any]:
        return [name for oid, name in common.items() if old[oid][counter] < new[oid][counter]]

    return {
        "rewritten": [name for oid, name in common.items() if old[oid]["file"] != new[oid]["file"]],
        "scanned": find_grown("scans"),
        "changed": find_grown("changed"),
        "inserted": find_grown("inserted"),
        "built": [
            [common[str(index["table"])], index["name"]]
            for index in after["indexes"].values()
            if str(index["table"]) in common and index["file"] not in files
        ],
        "validated": [
            [common[str(item["table"])], item["name"]]
            for oid, item in after["constraints"].items()
            if oid not in before["constraints"]
            and str(item["table"]) in common
            and count_reads(before, item["table"]) < count_reads(after, item["table"])
        ],
    }


def count_reads(facts: dict[str, Any], oid: int) -> int:
    """How often the table was read, in whole or by an index."""
    by_index = sum(int(index["scans"]) for index in facts["indexes"].values() if index["table"] == oid)
    return int(facts["tables"][str(oid)]["scans"]) + by_index
