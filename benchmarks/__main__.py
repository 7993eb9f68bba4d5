"""Runs the benchmarks, all or those named: `python -m benchmarks workspace_tree`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main(names: list[str]) -> None:
    """Prints what each module measures, and its table."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_")]
    unknown = sorted(set(names) - set(found))
    if unknown:
        sys.exit(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(found)}")
    for name in names or found:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"## {name}\n\n{(module.__doc__ or '').strip()}\n\n{module.run()}\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
