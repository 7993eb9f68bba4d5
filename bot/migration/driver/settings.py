"""Which environment variables a settings class of pydantic asked for in vain, with its prefix and aliases."""

from __future__ import annotations

from typing import Any


def list_missing_variables(error: BaseException) -> list[str]:
    """The variables, none for any other error. Pydantic 1 tells them itself; 2 names fields only."""
    tell = getattr(error, "errors", None)
    if type(error).__name__ != "ValidationError" or not callable(tell):
        return []
    fields = [str(item["loc"][0]) for item in tell() if item.get("loc") and "missing" in item.get("type", "")]
    old = getattr(error, "model", None)
    if old is not None and hasattr(old, "__fields__"):
        return [min(old.__fields__[name].field_info.extra.get("env_names", {name})).upper() for name in fields]
    settings = find_settings(error)
    return [] if settings is None else [get_variable(settings, name) for name in fields]


def find_settings(error: BaseException) -> Any:
    """The class whose `__init__` of pydantic-settings raised."""
    trace, found = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").startswith("pydantic_settings"):
            values = trace.tb_frame.f_locals
            found = values.get("__pydantic_self__", values.get("self", found))
        trace = trace.tb_next
    return None if found is None else type(found)


def get_variable(settings: Any, field: str) -> str:
    """The prefix and the field; an alias has no prefix.

    https://docs.pydantic.dev/latest/concepts/pydantic_settings/#environment-variable-names
    """
    prefix = settings.model_config.get("env_prefix") or ""
    return (prefix + field if field in settings.model_fields else field).upper()
