"""Data models of every kind, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.spec.model import ColumnSpec, ConstraintSpec, DataModel, EnumSpec, Statement, TableSpec
from bot.spec.names import quote_name

_WORD = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
_ODD = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='".'), min_size=1, max_size=15)
NAMES = st.one_of(_WORD, st.sampled_from(["on", "no", "null", "y", "Orders", "Full Name", "1", "naïve", "größe"]), _ODD)
_TABLE_NAMES = st.one_of(NAMES, st.tuples(NAMES, NAMES).map(".".join))
_TYPES = st.sampled_from(["integer", "varchar(50)", "numeric(10, 2)", "timestamp with time zone", "text[]", '"Kind"'])
_EXPRESSIONS = st.sampled_from(
    ["0", "true", "'a: b # c'", "now()", "x > 0", "x <> '?'", "lower(x) || E'\\n'", "1\n+ 2"]
)
_REFERENCES = st.sampled_from(["orders", "orders(id)", "a.b(c, d)", '"Orders"("Full Name")'])
_ACTIONS = st.sampled_from(["cascade", "restrict", "set null", "set default", "no action"])
_TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=30).map(str.strip)
_COLUMN_LISTS = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), strategy)


@st.composite
def columns(draw: st.DrawFn) -> ColumnSpec:
    """A column that does not contradict itself."""
    references = draw(maybe(_REFERENCES))
    filled = draw(st.sampled_from(["default", "generated", "identity", "drop_default", "none"]))
    is_key = draw(st.booleans())
    was = draw(maybe(NAMES))
    return ColumnSpec(
        draw(NAMES),
        0,
        draw(maybe(_TYPES)),
        nullable=draw(st.sampled_from([None, False] if is_key or filled == "identity" else [None, True, False])),
        default=draw(_EXPRESSIONS) if filled == "default" else None,
        primary_key=is_key,
        identity=filled == "identity",
        unique=draw(st.booleans()),
        index=draw(st.booleans()),
        references=references,
        on_delete=draw(maybe(_ACTIONS)) if references else None,
        check=draw(maybe(_EXPRESSIONS)),
        generated=draw(_EXPRESSIONS) if filled == "generated" else None,
        comment=draw(maybe(_TEXTS)),
        was=was,
        drop=was is None and draw(st.booleans()),
        drop_default=filled == "drop_default",
        is_new=draw(st.booleans()),
    )


@st.composite
def constraints(draw: st.DrawFn) -> ConstraintSpec:
    """A constraint or an index, added or dropped."""
    kind = draw(st.sampled_from(["primary_key", "unique", "check", "foreign_key", "exclusion", "index"]))
    name = draw(maybe(NAMES))
    if draw(st.booleans()):
        return ConstraintSpec("index" if kind == "index" else "check", 0, name or "x", drop=True)
    if kind == "check":
        return ConstraintSpec("check", 0, name, expression=draw(_EXPRESSIONS))
    if kind == "exclusion":
        return ConstraintSpec("exclusion", 0, name, expression="USING gist (r WITH &&)")
    keys = draw(_COLUMN_LISTS)
    if kind == "foreign_key":
        actions = {key: draw(maybe(_ACTIONS)) for key in ("on_delete", "on_update")}
        return ConstraintSpec("foreign_key", 0, name, keys, references=draw(_REFERENCES), **actions)  # type: ignore[arg-type]
    if kind == "index":
        keys = (*map(quote_name, keys), *draw(st.sampled_from([(), ("lower(x)",), ("x DESC",)])))
        where, method = draw(maybe(_EXPRESSIONS)), draw(maybe(st.sampled_from(["hash", "gin"])))
        return ConstraintSpec("index", 0, name, keys, expression=where, unique=draw(st.booleans()), method=method)
    return ConstraintSpec("unique" if kind == "unique" else "primary_key", 0, name, keys)


@st.composite
def tables(draw: st.DrawFn) -> TableSpec:
    """A table whose columns have different names."""
    return TableSpec(
        draw(_TABLE_NAMES),
        0,
        tuple(draw(st.lists(columns(), max_size=3, unique_by=lambda column: column.name))),
        tuple(sorted(draw(st.lists(constraints(), max_size=3)), key=lambda item: item.kind == "index")),
        draw(maybe(_TEXTS)),
        draw(maybe(_TABLE_NAMES)),
        draw(st.booleans()),
    )


_ENUMS = st.builds(
    EnumSpec, _TABLE_NAMES, st.lists(_TEXTS, max_size=4, unique=True).map(tuple), st.just(0), st.booleans()
)
_STATEMENTS = st.sampled_from(
    ["CREATE SEQUENCE a", "ALTER TABLE a\n  ADD b text DEFAULT ': #',\n  DROP c", "DROP VIEW é"]
)
MODELS = st.builds(
    DataModel,
    st.lists(st.builds(Statement, _STATEMENTS, st.just(0)), max_size=3).map(tuple),
    st.lists(_ENUMS, max_size=3, unique_by=lambda enum: enum.name).map(tuple),
    st.lists(tables(), max_size=3, unique_by=lambda table: table.name).map(tuple),
)
