"""Settings from files and the environment.

The first found, walking up from the working directory to the root of its repository, is the
project's: `kestrel.toml`, or `pyproject.toml` with a table `[tool.kestrel]`. Then comes the user's
own: `$XDG_CONFIG_HOME/kestrel/config.toml`. For each setting

    option  >  environment (KESTREL_X)  >  project  >  user  >  default

The tables `globals` and `namespaces` of project and user are merged, `plugin-defaults` are joined,
the project's first. Without any such file nothing is imported for reading one.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kestrel_cli.store.settings import Config

__all__ = ["Config", "project_file", "read_config", "user_file", "user_place"]

_PROJECT: Final = "kestrel.toml"
_PYTHON: Final = "pyproject.toml"
_ROOTS: Final = (".git", ".hg")
_LARGEST: Final = 1_000_000
_PREFIX: Final = "KESTREL_"
_SECRET: Final = "KESTREL_SECRET_"


def read_config(
    cwd: str | Path,
    environ: Mapping[str, str],
    warn: Callable[[str], None],
    *,
    ignore_project: bool = False,
) -> Config:
    """The settings that hold in a directory. Unknown names are warned of, with the near one.

    Raises CannotStart, with file and line, for a file that is not TOML and a value that is wrong.
    """
    project = None if ignore_project else project_file(Path(cwd))
    user = user_file(environ)
    config = Config(project=str(project) if project is not None else None)
    # The most important come first: what is said already is not said again.
    if any(name.startswith(_PREFIX) and not name.startswith(_SECRET) for name in environ):
        from kestrel_cli.store.config_layers import take_environment

        take_environment(config, environ, Path())
    for path in (project, user):
        if path is not None:
            from kestrel_cli.store.config_layers import take_file

            take_file(config, path, ("tool", "kestrel") if path.name == _PYTHON else (), warn)
    return config


def project_file(cwd: Path) -> Path | None:
    """The nearest file with settings, not above the root of the repository; outside of one, in the
    directory itself.
    """
    here = cwd.absolute()
    folders = [here, *here.parents]
    root = next((n for n, one in enumerate(folders) if any(_exists(one / r) for r in _ROOTS)), 0)
    for folder in folders[: root + 1]:
        for path in (folder / _PROJECT, folder / _PYTHON):
            if _is_file(path) and (path.name == _PROJECT or _has_table(path)):
                return path
    return None


def user_file(environ: Mapping[str, str]) -> Path | None:
    """The user's own file, if there is one."""
    path = user_place(environ)
    return path if path is not None and _is_file(path) else None


def user_place(environ: Mapping[str, str]) -> Path | None:
    """Where the user's own file would be; None without a home."""
    if base := environ.get("XDG_CONFIG_HOME"):
        return Path(base) / "kestrel" / "config.toml"
    if sys.platform == "win32" and (base := environ.get("APPDATA")):
        return Path(base) / "kestrel" / "config.toml"
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111  Path.home() raises RuntimeError
    if not home or home == "~":
        return None
    return Path(home) / ".config" / "kestrel" / "config.toml"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _has_table(path: Path) -> bool:
    """Whether a pyproject.toml may speak to us; nearly none does, and reading TOML takes time."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except OSError:
        return False
    # Only for a file that names us at all; the parser decides.
    key = rb"[ \t]*[\"']?"
    return b"kestrel" in data and (
        re.search(
            rb"(?m)^[ \t]*\[?\[?" + key + rb"tool[\"']?[ \t]*(?:\]|=|\." + key + rb"kestrel\b)",
            data,
        )
        is not None
    )
