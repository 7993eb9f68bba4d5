"""The calls of Alembic's operations in a revision, found in its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.migration.revision_source import RevisionSource

_TABLE_AT_ONE = frozenset(
    {
        "create_index",
        "drop_index",
        "create_unique_constraint",
        "create_check_constraint",
        "create_foreign_key",
        "create_primary_key",
        "create_exclude_constraint",
        "drop_constraint",
    }
)
_SENDERS = frozenset({"execute", "exec_driver_sql", "scalar", "scalars"})
_TABLE_WORDS = ("table_name", "source_table", "old_table_name")


@dataclass(frozen=True, slots=True)
class OpCall:
    """One call: `name` is the operation, `batch` the table of the `batch_alter_table` block that it stands in."""

    name: str
    node: ast.Call
    is_autocommit: bool = False
    batch: str | None = None

    @property
    def line(self) -> int:
        """Where the call begins."""
        return self.node.lineno

    def find_argument(self, position: int, word: str) -> ast.expr | None:
        """An argument by its position (as outside of a batch, where the table is among them) or by its keyword."""
        for keyword in self.node.keywords:
            if keyword.arg == word:
                return keyword.value
        if self.batch is not None:
            position -= position > self._table_position
        arguments = self.node.args[: position + 1]
        if len(arguments) <= position or any(isinstance(argument, ast.Starred) for argument in arguments):
            return None
        return arguments[position]

    def find_table(self, constants: dict[str, str]) -> str | None:
        """The table that it is about; None when the source does not tell."""
        if self.batch is not None:
            return self.batch
        position = self._table_position
        found = [self.find_argument(position, word) for word in _TABLE_WORDS]
        return next((text for node in found if node and (text := read_text(node, constants))), None)

    def list_texts(self) -> tuple[str, ...]:
        """Every string constant in it, and the table of the batch."""
        constants = (node.value for node in ast.walk(self.node) if isinstance(node, ast.Constant))
        texts = [value for value in constants if isinstance(value, str)]
        return (*([self.batch] if self.batch else []), *texts)

    @property
    def _table_position(self) -> int:
        return 1 if self.name in _TABLE_AT_ONE else 0


def find_calls(source: RevisionSource, function: str) -> tuple[OpCall, ...]:
    """The operations that `function` ("upgrade", "downgrade") calls, in the order of the source.

    Functions of the same file that it calls are looked into. What is executed on `op.get_bind()` counts as `execute`.
    """
    finder = _Finder(source)
    start = source.find_function(function)
    if start is not None:
        finder.follow(start)
    return tuple(finder.calls)


def list_constants(source: RevisionSource) -> dict[str, str]:
    """The names at the top of the file that are set to a string."""
    pairs = [node for node in source.module.body if isinstance(node, ast.Assign)]
    return {
        target.id: node.value.value
        for node in pairs
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def read_text(node: ast.expr | None, constants: dict[str, str]) -> str | None:
    """The string that an expression is: a constant, a name of the file's that is one, or either in `op.f(…)`."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and get_last_name(node.func) in ("f", "conv", "text"):
        node = node.args[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return constants.get(node.id) if isinstance(node, ast.Name) else None


def get_last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`; empty for what is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_nothing(node: ast.expr | None) -> bool:
    """Whether it is missing or None."""
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


class _Finder:
    def __init__(self, source: RevisionSource) -> None:
        self.source = source
        self.receivers = set(_list_op_names(source.module))
        self.binds = {target for node in ast.walk(source.module) for target in _list_binds(node)}
        self.constants = list_constants(source)
        self.calls: list[OpCall] = []
        self.seen: set[str] = set()

    def follow(self, function: ast.FunctionDef) -> None:
        if function.name in self.seen:
            return
        self.seen.add(function.name)
        self.visit_all(function.body, {}, False)

    def visit_all(self, nodes: Sequence[ast.AST], batches: dict[str, str], is_autocommit: bool) -> None:
        for node in nodes:
            self.visit(node, batches, is_autocommit)

    def visit(self, node: ast.AST, batches: dict[str, str], is_autocommit: bool) -> None:
        if isinstance(node, ast.With):
            for item in node.items:
                batches = {**batches, **self._read_batch(item)}
                is_autocommit = is_autocommit or _is_autocommit_block(item.context_expr)
                self.visit(item.context_expr, batches, is_autocommit)
            self.visit_all(node.body, batches, is_autocommit)
            return
        if isinstance(node, ast.Call):
            self._note(node, batches, is_autocommit)
        self.visit_all(list(ast.iter_child_nodes(node)), batches, is_autocommit)

    def _note(self, node: ast.Call, batches: dict[str, str], is_autocommit: bool) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            local = self.source.find_function(function.id)
            if local is not None:
                self.follow(local)
        if not isinstance(function, ast.Attribute):
            return
        if function.attr in _SENDERS and self._is_bind(function.value):
            self.calls.append(OpCall("execute", node, is_autocommit))
        if not isinstance(function.value, ast.Name):
            return
        receiver = function.value.id
        if receiver in batches:
            self.calls.append(OpCall(function.attr, node, is_autocommit, batches[receiver]))
        elif receiver in self.receivers and function.attr not in ("f", "get_bind", "get_context", "batch_alter_table"):
            self.calls.append(OpCall(function.attr, node, is_autocommit))

    def _is_bind(self, node: ast.expr) -> bool:
        return _is_get_bind(node) or (isinstance(node, ast.Name) and node.id in self.binds)

    def _read_batch(self, item: ast.withitem) -> dict[str, str]:
        call, name = item.context_expr, item.optional_vars
        if (
            isinstance(call, ast.Call)
            and get_last_name(call.func) == "batch_alter_table"
            and isinstance(name, ast.Name)
        ):
            table = read_text(call.args[0], self.constants) if call.args else None
            return {name.id: table or ""}
        return {}


def _list_op_names(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module == "alembic":
            yield from (name.asname or name.name for name in node.names if name.name == "op")
        elif isinstance(node, ast.Import):
            yield from (name.asname for name in node.names if name.name == "alembic.op" and name.asname)


def _list_binds(node: ast.AST) -> Iterator[str]:
    """`connection` of `connection = op.get_bind()`."""
    if isinstance(node, ast.Assign) and _is_get_bind(node.value):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _is_get_bind(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and get_last_name(node.func) == "get_bind"


def _is_autocommit_block(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and get_last_name(node.func) == "autocommit_block"
