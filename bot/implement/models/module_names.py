"""Names of modules: absolute, and as a module of the same package writes them with dots."""

from __future__ import annotations


def resolve(module: str, package: str) -> str:
    """The absolute name of what `from ..x import` names in a module of `package`."""
    level = len(module) - len(module.lstrip("."))
    if not level:
        return module
    parts = package.split(".") if package else []
    return ".".join([*parts[: len(parts) - level + 1], *filter(None, [module[level:]])])


def relate(module: str, package: str) -> str:
    """The name of `module` as a module of `package` writes it with dots."""
    target, own = module.split("."), package.split(".")
    shared = 0
    while shared < min(len(target), len(own)) and target[shared] == own[shared]:
        shared += 1
    return "." * (len(own) - shared + 1) + ".".join(target[shared:])


def shares_top(module: str, package: str) -> bool:
    """Whether both are of the same top-level package."""
    return bool(package) and module.split(".", 1)[0] == package.split(".", 1)[0]
