"""Conditions and expressions that the queries of the catalogs share."""

from __future__ import annotations

OURS = "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'"


def not_of_extension(catalog: str, oid: str) -> str:
    """The condition that no extension owns the object."""
    return (
        "NOT EXISTS (SELECT FROM pg_depend e WHERE e.deptype = 'e' "
        f"AND e.classid = '{catalog}'::regclass AND e.objid = {oid})"
    )


def not_made_along(catalog: str, oid: str) -> str:
    """The condition that the object is no part of another one, as the constructors of a range type are."""
    return (
        "NOT EXISTS (SELECT FROM pg_depend i WHERE i.deptype = 'i' "
        f"AND i.classid = '{catalog}'::regclass AND i.objid = {oid})"
    )


def comment(catalog: str, oid: str) -> str:
    """The object's comment."""
    return f"obj_description({oid}, '{catalog}')"


def join_comment(catalog: str, oid: str, part: str = "0") -> str:
    """The join that gives `m.description`: of thousands of rows much faster than a call a row."""
    return (
        f"LEFT JOIN pg_description m ON m.classoid = '{catalog}'::regclass AND m.objoid = {oid} AND m.objsubid = {part}"
    )
