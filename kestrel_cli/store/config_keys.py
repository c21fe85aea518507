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


def read_text_value(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be text")
    return value


def read_path(value: Any, folder: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a path")
    return str(folder / Path(value).expanduser())


def read_paths(value: Any, folder: Path) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one for one in listed):
        raise ValueError("must be a path or a list of paths")
    return [read_path(one, folder) for one in listed]


def _paths_text(value: Any, folder: Path) -> list[str]:
    return read_paths([one for one in str(value).split(os.pathsep) if one], folder)


def read_flag(value: Any, _: Path) -> bool:
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


class OneOf:
    """Reads one of some words, in any case."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, value: Any, _: Path) -> str:
        for word in self.words:
            if isinstance(value, str) and value.lower() == word.lower():
                return word
        raise ValueError(f"must be one of {', '.join(f'`{word}`' for word in self.words)}")


def read_generation(value: Any, _: Path) -> int:
    if str(value) not in ("1", "2") or isinstance(value, bool):
        raise ValueError("must be 1 or 2")
    return int(value)


def read_length(value: Any, folder: Path) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    text = read_text_value(value, folder)
    if not re.fullmatch(r"[Pp]\S+|\d+(?:\.\d+)?[smh]?", text):
        raise ValueError("must be a length of time such as `PT5M`, `90s` or `5m`")
    return text


def read_silence(value: Any, folder: Path) -> str:
    return "0" if value == 0 and not isinstance(value, bool) else read_length(value, folder)


def read_size(value: Any, _: Path) -> str:
    from kestrel_cli.model.byte_size import bytes_of

    return str(bytes_of("" if isinstance(value, bool) else str(value)))


def read_count(value: Any, _: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("must be a number from 1 on")
    return value


def _count_text(value: Any, folder: Path) -> int:
    text = str(value).strip()
    return read_count(int(text) if text.isascii() and text.isdigit() else None, folder)


def _same(read: Reader, about: str) -> Key:
    return Key(read, read, about)


# Every setting. One line each.
KEYS: Final[Mapping[str, Key]] = {
    "state-dir": _same(read_path, "where journals, key-values and internal storage are"),
    "flows-dir": _same(read_path, "the folder whose flows a Subflow may call"),
    "secrets-file": Key(read_paths, _paths_text, "files with secrets"),
    "env-file": Key(read_paths, _paths_text, "files with more variables"),
    "namespace-files": _same(read_path, "the folder of the flow's namespace files"),
    "offline": Key(read_flag, _flag_text, "refuse all requests"),
    "containers": _same(read_text_value, "what runs containers"),
    "max-download": _same(read_size, "how large a file may be that Download fetches"),
    "pause": _same(OneOf("skip", "fail", "wait"), "what a Pause does when nobody is there"),
    "sequential": Key(read_flag, _flag_text, "one task at a time"),
    "durable": Key(read_flag, _flag_text, "a journal that survives a power loss, or no run"),
    "timeout": _same(read_length, "kill a run after that"),
    "compat": _same(read_generation, "the Kestra generation"),
    "fail-on": _same(OneOf("failed", "warning"), "the mildest state that ends with exit code 1"),
    "log-level": _same(
        OneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR"), "the mildest log level to show"
    ),
    "log-format": _same(OneOf("full", "short", "json"), "how log lines are written"),
    "log-on": _same(OneOf("always", "failure"), "when the log of a task is shown"),
    "color": _same(OneOf("auto", "always", "never"), "when to colour"),
    "heartbeat": _same(read_silence, "after how long a silence a log says what still runs"),
    "kestra-url": _same(read_text_value, "what `{{ kestra.url }}` is; without it there is none"),
    "kestra-environment": _same(read_text_value, "what `{{ kestra.environment }}` is"),
    "executions-keep": Key(read_count, _count_text, "how many executions are left after a run"),
}
DEFAULTS: Final = "plugin-defaults"
GLOBALS: Final = "globals"
NAMESPACES: Final = "namespaces"
CONTEXTS: Final = "contexts"
TABLES: Final = (DEFAULTS, GLOBALS, NAMESPACES, CONTEXTS)
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
