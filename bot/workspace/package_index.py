"""How this machine reaches its package registry: read from what pip and uv are told, for the install step alone."""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.workspace.sandbox import Network

# https://docs.astral.sh/uv/reference/environment/
UV_VARIABLES = (
    "UV_CONSTRAINT",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_TIMEOUT",
    "UV_INDEX",
    "UV_INDEX_STRATEGY",
    "UV_INDEX_URL",
    "UV_INSECURE_HOST",
    "UV_NATIVE_TLS",
    "UV_NO_INDEX",
    "UV_SYSTEM_CERTS",
)
UV_CREDENTIALS = re.compile(r"UV_INDEX_\w+_(USERNAME|PASSWORD)")
CERTIFICATE_VARIABLES = ("SSL_CERT_DIR", "SSL_CERT_FILE")
DEFAULT_PORTS = {"http": 80, "https": 443}
# pip's settings (https://pip.pypa.io/en/stable/cli/pip_install/) and what uv calls them
FROM_PIP = {
    "cert": "SSL_CERT_FILE",
    "constraint": "UV_CONSTRAINT",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "no-index": "UV_NO_INDEX",
    "timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
}


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """`env` is uv's environment, `network` the way to the hosts that it names, `readable` its files and folders."""

    env: Mapping[str, str]
    network: Network
    readable: tuple[Path, ...]


def read_package_index(environ: Mapping[str, str]) -> PackageIndex:
    """The settings that `environ` and pip's configuration files give; uv's own variables win over pip's."""
    settings = read_pip_settings(environ)
    env = {FROM_PIP[key]: value for key, value in settings.items() if key in FROM_PIP}
    if "UV_EXTRA_INDEX_URL" in env:
        # pip takes a package from any of its indexes, uv by itself only from the first that knows its name. This looks
        # into all, the extra ones first, so that a stranger's package of the same name is the last resort.
        env["UV_INDEX_STRATEGY"] = "unsafe-first-match"
    for name, value in environ.items():
        if name in UV_VARIABLES or UV_CREDENTIALS.fullmatch(name) or name in CERTIFICATE_VARIABLES:
            env[name] = value
    proxies = {"all": settings["proxy"]} if "proxy" in settings else {}
    for name, value in environ.items():
        if name.lower().endswith("_proxy") and value:
            proxies[name.lower().removesuffix("_proxy")] = value
    return PackageIndex(env, Network(frozenset(_find_hosts(env)), proxies), tuple(_find_paths(env)))


def read_pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """pip's settings by name without dashes in front; later files win, then PIP_… variables, as pip itself does it."""
    settings: dict[str, str] = {}
    for path in _list_pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue  # pip itself says so to whoever uses it
        for section in ("global", "install"):
            if parser.has_section(section):
                settings |= {_name(key): " ".join(value.split()) for key, value in parser.items(section)}
    variables = {name[4:]: value for name, value in environ.items() if name.startswith("PIP_")}
    return settings | {_name(key): " ".join(value.split()) for key, value in variables.items() if value}


def _list_pip_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """https://pip.pypa.io/en/stable/topics/configuration/#location"""
    given = environ.get("PIP_CONFIG_FILE")
    if given == "/dev/null":
        return
    for folder in reversed(environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")):
        yield Path(folder) / "pip" / "pip.conf"
    yield Path("/etc/pip.conf")
    home = environ.get("HOME")
    if home:
        yield Path(home) / ".pip" / "pip.conf"
        yield Path(environ.get("XDG_CONFIG_HOME") or Path(home) / ".config") / "pip" / "pip.conf"
    yield Path(sys.prefix) / "pip.conf"
    if given:
        yield Path(given)


def _name(key: str) -> str:
    name = key.lower().replace("_", "-").removeprefix("--")
    return "timeout" if name == "default-timeout" else name


def _find_hosts(env: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The hosts of the package indexes, each with its port: they may lie in a private network."""
    for word in (word for value in env.values() for word in value.split()):
        parts = urlsplit(word[word.index("http") :] if "http" in word else word)  # UV_INDEX may say name=URL
        if parts.scheme in DEFAULT_PORTS and parts.hostname:
            yield parts.hostname.lower(), parts.port or DEFAULT_PORTS[parts.scheme]


def _find_paths(env: Mapping[str, str]) -> Iterator[Path]:
    """What the values name on this machine: file URLs and absolute paths."""
    for word in (word for value in env.values() for word in value.split()):
        is_index = "file://" in word  # UV_INDEX may say name=URL
        path = Path(unquote(urlsplit(word[word.index("file://") :]).path) if is_index else word)
        if path.is_absolute() and path.exists():
            # An index of files is a folder of pages; what they link to usually lies beside it, under such a name.
            yield from (each for each in (path, path.parent / "files", path.parent / "packages") if each.exists())
