"""Whether settings of a directory may decide what runs.

Who runs a flow of their own inside somebody else's checkout would not look for commands in a
`kestrel.toml` there. So settings that change what runs are told of, unless they lie beside or above
the flow file, or in a directory that the user trusts. The trusted ones are in the user's settings,
one on a line of the file `trusted`.
"""

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from shlex import quote
from typing import Final

from kestrel_cli.errors import CannotStart, UsageError
from kestrel_cli.store.config import Config, user_place
from kestrel_cli.store.directory import make_private

_FILE: Final = "trusted"
# What only shows or bounds a run, is stricter than nothing, or is used when it is named. All the
# rest changes what runs.
_HARMLESS: Final = frozenset(
    {
        "offline", "sequential", "durable", "timeout", "compat", "fail-on", "log-level", "color",
        "log-format", "log-on", "max-download", "contexts",
    }
)  # fmt: skip


def steering(config: Config, said: Collection[str] = ()) -> list[str]:
    """The settings of the project's file that change what runs, each once; but not those that an
    option, one of `said`, has taken the place of.
    """
    found: dict[str, None] = {}
    for name, origin in config.origins.items():
        setting = re.split(r"[.\[]", name, maxsplit=1)[0]
        if _is_of_project(config, origin) and setting not in _HARMLESS:
            value = getattr(config, setting.replace("-", "_"))
            if isinstance(value, (list, dict)) or setting not in said:
                found[setting] = None
    if any(_is_forced(config, number) for number in range(len(config.plugin_defaults))):
        del found["plugin-defaults"]
        found = {"forced plugin-defaults": None, **found}
    return list(found)


def untrusted(
    config: Config, flow_file: str, environ: Mapping[str, str], said: Collection[str] = ()
) -> str | None:
    """One line about settings that change what runs and are neither the flow's nor trusted."""
    if config.project is None:
        return None
    path = Path(config.project)
    folder = path.parent.resolve()
    flow = Path.cwd() if flow_file in ("", "-") else Path(flow_file).parent
    if flow.resolve().is_relative_to(folder) or str(folder) in trusted(environ):
        return None
    names = steering(config, said)
    if not names:
        return None
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return (
        f"{path} is not beside or above the flow file, and changes what runs by {listed}: `kestrel "
        f"trust {quote(str(folder))}` or `--trust` accepts that, `--no-project-config` ignores the "
        "file"
    )


def untrusted_state(
    config: Config, environ: Mapping[str, str], flow_file: str | None = None
) -> str | None:
    """One line about a state directory that a file of the project has chosen, for commands that
    may have no flow file to judge by; None where the user has chosen it, or trusts that project.
    """
    if config.project is None or not _is_of_project(config, config.origins.get("state-dir", "")):
        return None
    path = Path(config.project)
    folder = path.parent.resolve()
    own = flow_file is not None and Path(flow_file).parent.resolve().is_relative_to(folder)
    if own or str(folder) in trusted(environ):
        return None
    return (
        f"{path} says that executions are in {config.state_dir}: `kestrel trust "
        f"{quote(str(folder))}` or `--trust` accepts that, `--no-project-config` ignores the file"
    )


def trusted(environ: Mapping[str, str]) -> list[str]:
    """The directories that the user trusts. A file that can't be read trusts none."""
    place = _place(environ)
    try:
        text = "" if place is None else place.read_text("utf-8", "surrogateescape")
    except (OSError, ValueError):
        return []
    return list(dict.fromkeys(line for line in text.splitlines() if line))


def trust(folder: Path, environ: Mapping[str, str]) -> None:
    """Trust the settings of a directory from now on. Raises CannotStart, UsageError."""
    name = _name(folder)
    if name not in trusted(environ):
        place = _needed_place(environ)
        try:
            make_private(place.parent)
            # One write at the end of the file: two who trust at the same time are both heard.
            file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(file, "wb") as stream:
                stream.write(f"{name}\n".encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise _unwritable(place, error) from None


def distrust(folder: Path, environ: Mapping[str, str]) -> bool:
    """Trust a directory no longer; whether it was trusted. Raises CannotStart, UsageError."""
    name = _name(folder)
    names = trusted(environ)
    if name not in names:
        return False
    place = _needed_place(environ)
    draft = place.with_name(f".{_FILE}.{os.urandom(6).hex()}")
    left = "".join(f"{one}\n" for one in names if one != name)
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as stream:
            stream.write(left.encode("utf-8", "surrogateescape"))
        draft.replace(place)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _unwritable(place, error) from None
    return True


def _is_of_project(config: Config, origin: str) -> bool:
    return config.project is not None and origin.startswith(f"{config.project}:")


def _is_forced(config: Config, number: int) -> bool:
    origin = config.origins.get(f"plugin-defaults[{number}]", "")
    return _is_of_project(config, origin) and bool(config.plugin_defaults[number].get("forced"))


def _name(folder: Path) -> str:
    name = str(folder.resolve())
    if len(name.splitlines()) != 1:
        raise UsageError(f"{name!r}: a directory with a line break in its name can't be trusted")
    return name


def _place(environ: Mapping[str, str]) -> Path | None:
    settings = user_place(environ)
    return None if settings is None else settings.with_name(_FILE)


def _needed_place(environ: Mapping[str, str]) -> Path:
    place = _place(environ)
    if place is None:
        raise CannotStart("there is no home directory to keep settings in")
    return place


def _unwritable(place: Path, error: OSError) -> CannotStart:
    return CannotStart(f"{place}: {(error.strerror or 'it can not be written').lower()}")
