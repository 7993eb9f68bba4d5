"""Values for a column of a type, as the text that the server reads: ordinary ones without end, and awkward ones.

Awkward are those that break migrations: empty, longest, extreme, Unicode, quotes. All can be held by Python's own types
(no infinity, no year 10000), so that a migration or a test which reads them does not fail for a reason of ours.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.migration.rows.hints import MAX_LENGTH, Hints, render_like, render_pattern
from bot.migration.rows.words import render_word
from bot.schema.model import Column, Domain, Schema

UNICODE = "Zoë Ünïcødé 日本語 🎉"
QUOTES = 'O\'Brien "the" \\ %s {x} $1'
LONGEST_UNBOUNDED = 4_000
EPOCH = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Pool:
    """`ordinary(n)` is a different value for every n where the type has enough of them; `hinted` come from checks."""

    ordinary: Callable[[int], str]
    awkward: tuple[str, ...]
    hinted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Type:
    """A type's name without its modifiers, and these: `numeric(10,2)` is ("numeric", (10, 2))."""

    name: str
    modifiers: tuple[int, ...] = ()
    is_array: bool = False


def read_type(text: str) -> Type:
    """A type as `format_type` writes it (or as SQLite's declaration has it, in any case)."""
    is_array = text.endswith("[]")
    text = text.removesuffix("[]")
    match = re.search(r"\(([\d\s,-]+)\)", text)
    numbers = tuple(int(number) for number in match[1].split(",")) if match else ()
    name = text if match is None else text[: match.start()] + text[match.end() :]
    return Type(name.strip() if name.startswith('"') else name.strip().lower(), numbers, is_array)


def build_pool(schema: Schema, column: Column, hints: Hints, rng: random.Random) -> Pool:
    """The pool of a column; a type that is not known here gets what many types can read."""
    type_ = resolve_type(schema, column.type)
    enum = next((enum for enum in schema.enums if _is_called(enum.schema, enum.name, type_.name)), None)
    plain = _enum_pool(enum.values) if enum is not None and enum.values else _plain_pool(type_, column.name, rng)
    pool = _with_hints(plain, type_, hints, rng)
    return _array_pool(pool) if type_.is_array else pool


def resolve_type(schema: Schema, text: str) -> Type:
    """The type below any domains."""
    type_ = read_type(text)
    while (domain := find_domain(schema, type_.name)) is not None:
        base = read_type(domain.type)
        type_ = Type(base.name, base.modifiers, base.is_array or type_.is_array)
    return type_


def find_domain(schema: Schema, name: str) -> Domain | None:
    """The domain of that name, qualified or not, as `format_type` writes it."""
    return next((domain for domain in schema.domains if _is_called(domain.schema, domain.name, name)), None)


def _is_called(schema: str, name: str, text: str) -> bool:
    return text.replace('"', "") in (name, f"{schema}.{name}")


def _enum_pool(values: tuple[str, ...]) -> Pool:
    return Pool(lambda number: values[number % len(values)], tuple(values))


def _plain_pool(type_: Type, column: str, rng: random.Random) -> Pool:
    name = "int" if re.fullmatch(r"(big|small|tiny|medium)?int(eger)?\d?", type_.name) else type_.name
    if name == "int":
        return _integer_pool(type_.name)
    if name in _TEXTS or any(word in name for word in ("char", "text", "clob")):
        return _text_pool(type_, column)
    if name in _NUMBERS:
        return _number_pool(type_)
    if name == "uuid":
        return Pool(lambda number: str(uuid.UUID(int=(rng.getrandbits(64) << 64) + number)), (str(uuid.UUID(int=0)),))
    if name in ("bit", "vector", "halfvec"):
        return _fixed_length_pool(type_)
    name = "interval" if name.startswith("interval") else name
    return _FIXED.get(name) or Pool(lambda number: _ANYTHING[number % len(_ANYTHING)], _ANYTHING)


_TEXTS = {"text", "citext", "name", "bpchar", "string"}
_NUMBERS = {"numeric", "decimal", "real", "double precision", "double", "float", "money"}
_ANYTHING = ("", "0", "1", "a", "{}", "[]", "()", "(0,0)", "1.2", "<a/>", "2024-01-01", "a=>1", "POINT(0 0)", "[1,2,3]")


def _integer_pool(name: str) -> Pool:
    if name in ("smallint", "int2"):
        high = 2**15 - 1
    elif name in ("bigint", "int8"):
        high = 2**63 - 1
    else:
        high = 2**31 - 1
    return Pool(lambda number: str(number + 1), tuple(map(str, (0, high, -high - 1, -1))))


def _number_pool(type_: Type) -> Pool:
    if not type_.modifiers:
        extremes = ("99999999999999.99", "-99999999999999.99", "-0.01")
        return Pool(lambda number: f"{number + 1}.5", ("0", "1e-20" if type_.name == "numeric" else "0.1", *extremes))
    precision, scale = type_.modifiers[0], type_.modifiers[1] if len(type_.modifiers) > 1 else 0
    nines = "9" * max(precision - scale, 0) or "0"
    largest = nines + ("." + "9" * scale if scale > 0 else "")
    smallest = "0." + "0" * (scale - 1) + "1" if scale > 0 else "1"
    limit = 10 ** max(precision - scale, 0)
    return Pool(lambda number: str((number + 1) % limit), ("0", largest, f"-{largest}", smallest))


def _fixed_length_pool(type_: Type) -> Pool:
    size = type_.modifiers[0] if type_.modifiers else 1 if type_.name == "bit" else 3
    if type_.name == "bit":
        return Pool(lambda number: f"{number % 2**size:0{size}b}", ("0" * size, "1" * size))
    return Pool(lambda number: "[" + ",".join([str(number)] * size) + "]", ("[" + ",".join(["0"] * size) + "]",))


def _text_pool(type_: Type, column: str) -> Pool:
    limit = type_.modifiers[0] if type_.modifiers else 1 if type_.name in ("character", "char") else None
    longest = "x" * min(limit or LONGEST_UNBOUNDED, MAX_LENGTH)
    awkward = ("", longest, UNICODE, QUOTES, " padded ", "first\nsecond")
    cut = tuple(dict.fromkeys(text[:limit] for text in awkward))
    return Pool(lambda number: render_word(column, number, limit), cut)


def _day(number: int) -> date:
    return EPOCH + timedelta(days=number)


def _moment(number: int) -> str:
    return (datetime(2024, 1, 1, 12) + timedelta(days=number, seconds=number)).isoformat(sep=" ")


def _range_pool(render: Callable[[int], str]) -> Pool:
    """Ranges that do not overlap, for exclusion constraints; `render` gives the n-th bound."""
    return Pool(lambda number: f"[{render(2 * number)},{render(2 * number + 1)})", ("empty", "(,)"))


def _braces(pool: Pool) -> Pool:
    return Pool(lambda number: "{" + pool.ordinary(number) + "}", ("{}",))


_MOMENTS = ("0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "1970-01-01 00:00:00", "2024-02-29 12:00:00")
_ZONED = (
    "0001-01-02 00:00:00+00",
    "9999-12-30 23:59:59.999999+00",
    "1970-01-01 00:00:00+00",
    "2024-03-31 02:30:00+02",
)
_JSON = ("{}", "[]", "null", '""', "0", json.dumps({"text": UNICODE, "deep": [{"a": None}]}))
_JSON_POOL = Pool(lambda number: json.dumps({"key": number}), _JSON)
_TIMES = Pool(lambda number: f"{number % 24:02d}:{number // 24 % 60:02d}:00", ("00:00:00", "23:59:59.999999"))
_INT_RANGES = _range_pool(str)
_DAY_RANGES = _range_pool(lambda number: _day(number).isoformat())
_MOMENT_RANGES = _range_pool(lambda number: f'"{_moment(number)}"')
_FIXED: Mapping[str, Pool] = {
    "boolean": Pool(lambda number: "true" if number % 2 == 0 else "false", ("false", "true")),
    "bool": Pool(lambda number: str(1 - number % 2), ("0", "1")),
    "date": Pool(lambda number: _day(number).isoformat(), ("0001-01-01", "9999-12-31", "1970-01-01", "2024-02-29")),
    "datetime": Pool(_moment, _MOMENTS),
    "timestamp": Pool(_moment, _MOMENTS),
    "timestamp without time zone": Pool(_moment, _MOMENTS),
    "timestamp with time zone": Pool(lambda number: f"{_moment(number)}+00", _ZONED),
    "time": _TIMES,
    "time without time zone": _TIMES,
    "time with time zone": Pool(lambda number: f"{_TIMES.ordinary(number)}+00", ("00:00:00+00", "23:59:59+14")),
    "interval": Pool(lambda number: f"{number + 1} hours", ("0", "-1 day", "100 years", "1 mon 2 days 03:04:05.6")),
    "json": _JSON_POOL,
    "jsonb": _JSON_POOL,
    "bytea": Pool(lambda number: f"\\x{number:08x}", ("\\x", "\\x00", "\\xff00fe27")),
    "blob": Pool(lambda number: f"bytes {number}", ("",)),
    "inet": Pool(
        lambda number: f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}", ("::1", "0.0.0.0/0")
    ),
    "cidr": Pool(lambda number: f"10.{number // 256 % 256}.{number % 256}.0/24", ("::/0", "192.168.0.0/16")),
    "macaddr": Pool(lambda number: f"08:00:2b:00:{number // 256 % 256:02x}:{number % 256:02x}", ("ff:ff:ff:ff:ff:ff",)),
    "macaddr8": Pool(lambda number: f"08:00:2b:01:02:03:{number // 256 % 256:02x}:{number % 256:02x}", ()),
    "int4range": _INT_RANGES,
    "int8range": _INT_RANGES,
    "numrange": _INT_RANGES,
    "daterange": _DAY_RANGES,
    "tsrange": _MOMENT_RANGES,
    "tstzrange": _MOMENT_RANGES,
    "int4multirange": _braces(_INT_RANGES),
    "int8multirange": _braces(_INT_RANGES),
    "nummultirange": _braces(_INT_RANGES),
    "datemultirange": _braces(_DAY_RANGES),
    "tsmultirange": _braces(_MOMENT_RANGES),
    "tstzmultirange": _braces(_MOMENT_RANGES),
    "tsvector": Pool(lambda number: f"word{number}", ("", "a:1 fat:2A")),
    "tsquery": Pool(lambda number: f"word{number}", ("", "a & !b")),
    "xml": Pool(lambda number: f"<a>{number}</a>", ("<a/>",)),
    "point": Pool(lambda number: f"({number},{number})", ("(0,0)", "(-1e10,1e10)")),
    "bit varying": Pool(lambda number: f"{number + 1:b}", ("", "0")),
    "oid": Pool(lambda number: str(number + 1), ("0",)),
    "hstore": Pool(lambda number: f"key=>{number}", ("", "a=>NULL")),
    "ltree": Pool(lambda number: f"top.n{number}", ("",)),
}


def _with_hints(pool: Pool, type_: Type, hints: Hints, rng: random.Random) -> Pool:
    hinted = [*hints.texts, *(text for number in hints.numbers for text in _near(number, type_))]
    if type_.name in _TEXTS or "char" in type_.name:
        limit = min(type_.modifiers[0] if type_.modifiers else MAX_LENGTH, MAX_LENGTH)
        lengths = {int(number) + step for number in hints.numbers if number.isdigit() for step in (-1, 0, 1)}
        hinted += [letter * length for length in sorted(lengths) if 0 < length <= limit for letter in "yA"]
        hinted += [render_like(like, rng) for like in hints.likes]
        hinted += [text for pattern in hints.patterns for _ in range(12) if (text := render_pattern(pattern, rng))]
    elif type_.name in ("json", "jsonb") and hints.texts:
        values: tuple[object, ...] = ("x", 1, [])
        hinted += [json.dumps(dict.fromkeys(hints.texts, value)) for value in values]
    elif type_.name.startswith(("date", "timestamp")):
        hinted += [text for day in hints.texts for text in _days_near(day)]
    return Pool(pool.ordinary, pool.awkward, tuple(dict.fromkeys(hinted)))


def _near(number: str, type_: Type) -> tuple[str, ...]:
    value = float(number)
    if value.is_integer() and abs(value) < 2**53:
        whole = int(value)
        return number, str(whole + 1), str(whole - 1)
    return (number,) if type_.name not in _NUMBERS else (number, str(value + 0.01), str(value - 0.01))


def _days_near(text: str) -> tuple[str, ...]:
    match = re.match(r"\d{4}-\d\d-\d\d", text)
    try:
        day = date.fromisoformat(match[0]) if match else None
    except ValueError:
        return ()
    return () if day is None else tuple((day + timedelta(days=step)).isoformat() for step in (-1, 1, 7))


def _array_pool(pool: Pool) -> Pool:
    def wrap(*items: str) -> str:
        return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"

    many = (*(wrap(text) for text in pool.awkward), wrap(*pool.awkward))
    hinted = (*(wrap(text) for text in pool.hinted), *((wrap(*pool.hinted),) if pool.hinted else ()))
    return Pool(lambda number: wrap(pool.ordinary(number)), ("{}", "{NULL}", *many), hinted)
