"""The state directory, and the settings that hold here."""

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kestrel_cli.app.doctor.report import Fact, Section
from kestrel_cli.app.history import summaries
from kestrel_cli.errors import CannotStart, with_hint
from kestrel_cli.store.config import Config, read_config, user_place
from kestrel_cli.store.directory import state_directory
from kestrel_cli.store.variables import unknown_variables

_LITTLE: Final = 200_000_000  # bytes that are left on the disk
_VARIABLE: Final = "KESTREL_STATE_DIR"
_MANY: Final = 1_000_000_000  # bytes of state


def configuration(
    folder: Path, environ: Mapping[str, str], *, ignore_project: bool = False
) -> tuple[Section, Config]:
    """The files and variables that count, and what in them does not; the settings that hold."""
    warnings: list[str] = []
    facts = []
    try:
        config = read_config(folder, environ, warnings.append, ignore_project=ignore_project)
    except CannotStart as error:
        config = Config()
        facts.append(Fact("settings", "broken", with_hint(error)))
    facts += [Fact("file", "ok", path) for path in config.files]
    if not facts:
        own = user_place(environ)
        looked = f"kestrel.toml here and above{f', {own}' if own else ''}"
        facts.append(Fact("file", "ok", "none", f"looked for {looked}"))
    said = [name for name in config.origins if config.origins[name].startswith("KESTREL_")]
    facts += [Fact("variable", "ok", config.origins[name]) for name in said]
    facts += [Fact("ignored", "warning", text) for text in warnings]
    facts += [Fact("ignored", "warning", text) for text in unknown_variables(environ)]
    return Section("Settings", facts), config


def state(asked: str | None, config: Config, environ: Mapping[str, str]) -> Section:
    """Where executions are kept, and how much of them there is."""
    origin = config.origins.get("state-dir", "the usual place")
    if asked is not None:
        origin = _VARIABLE if environ.get(_VARIABLE) == asked else "--state-dir"
    try:
        place = state_directory(asked or config.state_dir, environ)
    except OSError as error:
        hint = f"set HOME, or {_VARIABLE}"
        return Section("State", [Fact("directory", "broken", str(error), hint)])
    facts = [_directory(place, origin)]
    if place.is_dir():
        facts += [_size(place), _executions(str(place), environ)]
    facts += _room(place)
    return Section("State", facts)


def _directory(place: Path, origin: str) -> Fact:
    there = next(one for one in (place, *place.parents) if one.exists())
    told = f"{place} ({origin})"
    if not there.is_dir():
        return Fact("directory", "broken", told, f"{there} is no directory")
    if not os.access(there, os.W_OK | os.X_OK):
        return Fact("directory", "broken", told, f"nothing can be written to {there}")
    return Fact("directory", "ok", told if there == place else f"{told}, not made yet")


def _size(place: Path) -> Fact:
    size = sum(
        _bytes_of(Path(folder, name)) for folder, _, names in os.walk(place) for name in names
    )
    told = f"{size / 1e6:,.1f} MB"
    if size > _MANY:
        return Fact(
            "size", "warning", told, "`kestrel executions prune --keep 100` removes old ones"
        )
    return Fact("size", "ok", told)


def _bytes_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _executions(place: str, environ: Mapping[str, str]) -> Fact:
    states = Counter(one.state for one in summaries(place, environ))
    listed = ", ".join(f"{number} {name}" for name, number in states.most_common())
    told = f"{states.total():,}" + (f": {listed}" if listed else "")
    if states["LOST"]:
        return Fact("executions", "ok", told, "`kestrel resume ID` goes on with one that is LOST")
    return Fact("executions", "ok", told)


def _room(place: Path) -> list[Fact]:
    there = next(one for one in (place, *place.parents) if one.exists())
    try:
        free = shutil.disk_usage(there).free
    except OSError:
        return []
    told = f"{free / 1e9:,.1f} GB"
    if free < _LITTLE:
        return [Fact("free", "warning", told, "a run needs some for its journal")]
    return [Fact("free", "ok", told)]
