"""What a configuration file may say, and how the environment says the same."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

Reader = Callable[[Any, Path], Any]
"""The value in its final form, given the folder that paths are relative to. Raises ValueError with
the words that complete "`key` ...".
"""


class Key(NamedTuple):
    """One setting: how a file's value is read, how the environment's text is, one line of help."""

    read: Reader
    read_text: Reader
    about: str


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be text")
    return value


def _path(value: Any, folder: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a path")
    return str(folder / Path(value).expanduser())


def _paths(value: Any, folder: Path) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one for one in listed):
        raise ValueError("must be a path or a list of paths")
    return [_path(one, folder) for one in listed]


def _paths_text(value: Any, folder: Path) -> list[str]:
    return _paths([one for one in str(value).split(os.pathsep) if one], folder)


def _flag(value: Any, _: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _flag_text(value: Any, _: Path) -> bool:
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError("must be true or false")


def _one_of(*words: str) -> Reader:
    def read(value: Any, _: Path) -> str:
        for word in words:
            if isinstance(value, str) and value.lower() == word.lower():
                return word
        raise ValueError(f"must be one of {', '.join(f'`{word}`' for word in words)}")

    return read


def _generation(value: Any, _: Path) -> int:
    if str(value) not in ("1", "2") or isinstance(value, bool):
        raise ValueError("must be 1 or 2")
    return int(value)


def _length(value: Any, folder: Path) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    text = _text(value, folder)
    if not re.fullmatch(r"[Pp]\S+|\d+(?:\.\d+)?[smh]?", text):
        raise ValueError("must be a length of time such as `PT5M`, `90s` or `5m`")
    return text


def _count(value: Any, _: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("must be a number from 1 on")
    return value


def _count_text(value: Any, folder: Path) -> int:
    text = str(value).strip()
    return _count(int(text) if text.isascii() and text.isdigit() else None, folder)


def _same(read: Reader, about: str) -> Key:
    return Key(read, read, about)


# Every setting. One line each.
KEYS: Final[Mapping[str, Key]] = {
    "state-dir": _same(_path, "where journals, key-values and internal storage are"),
    "flows-dir": _same(_path, "the folder whose flows a Subflow may call"),
    "secrets-file": Key(_paths, _paths_text, "files with secrets"),
    "env-file": Key(_paths, _paths_text, "files with more variables"),
    "namespace-files": _same(_path, "the folder of the flow's namespace files"),
    "offline": Key(_flag, _flag_text, "refuse all requests"),
    "containers": _same(_text, "what runs containers"),
    "pause": _same(_one_of("skip", "fail", "wait"), "what a Pause does when nobody is there"),
    "sequential": Key(_flag, _flag_text, "one task at a time"),
    "durable": Key(_flag, _flag_text, "a journal that survives a power loss, or no run"),
    "timeout": _same(_length, "kill a run after that"),
    "compat": _same(_generation, "the Kestra generation of expressions"),
    "fail-on": _same(_one_of("failed", "warning"), "the mildest state that ends with exit code 1"),
    "log-level": _same(
        _one_of("TRACE", "DEBUG", "INFO", "WARN", "ERROR"), "the mildest log level to show"
    ),
    "color": _same(_one_of("auto", "always", "never"), "when to colour"),
    "executions-keep": Key(_count, _count_text, "how many executions are left after a run"),
}
DEFAULTS: Final = "plugin-defaults"
GLOBALS: Final = "globals"
NAMESPACES: Final = "namespaces"
TABLES: Final = (DEFAULTS, GLOBALS, NAMESPACES)
DEFAULT_KEYS: Final = ("type", "values", "forced", "ref")


def variable(name: str) -> str:
    """The environment variable for a setting."""
    return f"KESTREL_{name.upper().replace('-', '_')}"


def plugin_default(value: Any) -> dict[str, Any]:
    """One entry of `plugin-defaults`. Raises ValueError with what it must be."""
    if not isinstance(value, dict):
        raise ValueError("must be a table with `type` and `values`")
    if not isinstance(value.get("type"), str) or not value["type"]:
        raise ValueError("needs a `type`: the name of a task type, or how such names begin")
    if not isinstance(value.get("values"), dict):
        raise ValueError("needs `values`: a table of properties")
    if not isinstance(value.get("forced", False), bool):
        raise ValueError("must have true or false as `forced`")
    if not isinstance(value.get("ref", ""), str):
        raise ValueError("must have text as `ref`")
    return value
