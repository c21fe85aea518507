"""The table of builtins written in Python: `function(input, argument, ...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.jq import dates, lists, mathematics, patterns, strings
from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.formats import FORMATS
from kestrel_cli.jq.paths import del_paths, indices, set_path
from kestrel_cli.jq.values import dump_json, dump_text, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kestrel_cli.jq.machine import Machine


def _setpath(value: object, path: object, new: object) -> object:
    if not isinstance(path, list):
        raise JqError("Path must be specified as an array")
    return set_path(value, path, new)


def _delpaths(value: object, paths: object) -> object:
    if not isinstance(paths, list):
        raise JqError("Paths must be specified as an array")
    return del_paths(value, paths)


def _format(value: object, name: object) -> object:
    function = FORMATS.get(f"@{name}")
    if function is None:
        raise JqError(f"{dump_text(name)} is not a valid format")
    return function(value)


def _builtins(_value: object) -> object:
    from kestrel_cli.jq.prelude import SOURCES

    names = {*VALUE_FUNCTIONS, *GENERATORS, *SOURCES}
    return [f"{name}/{arity}" for name, arity in names if not name.startswith("_")]


def _nothing(_value: object, *_arguments: object) -> object:
    return None


VALUE_FUNCTIONS: Final[dict[tuple[str, int], Callable[..., object]]] = {
    **lists.FUNCTIONS,
    **strings.FUNCTIONS,
    **mathematics.FUNCTIONS,
    **dates.FUNCTIONS,
    ("type", 0): type_name,
    ("tojson", 0): dump_json,
    ("tostring", 0): dump_text,
    ("setpath", 2): _setpath,
    ("delpaths", 1): _delpaths,
    ("indices", 1): indices,
    ("_indices", 1): indices,
    ("format", 1): _format,
    ("_named", 0): patterns.named,
    ("builtins", 0): _builtins,
    ("input_filename", 0): _nothing,
    ("input_line_number", 0): lambda _value: 0,
    ("get_search_list", 0): lambda _value: [],
}


def _range(machine: Machine, _value: object, start: object, end: object) -> Iterator[object]:
    return lists.counted(start, end, 1)


def _range_by(
    machine: Machine, _value: object, start: object, end: object, step: object
) -> Iterator[object]:
    return lists.counted(start, end, step)


# These give any number of results; the machine is handed in for its fuel and its patterns.
GENERATORS: Final[dict[tuple[str, int], Callable[..., Iterable[object]]]] = {
    ("range", 2): _range,
    ("range", 3): _range_by,
    ("match", 2): patterns.matches,
    ("test", 2): patterns.test,
    ("split", 2): patterns.split,
    ("_edits", 2): patterns.edits,
    ("_woven", 0): lambda _machine, value: patterns.woven(value),
}

# Known to jq, and kept out here: they would reach out of the program.
REFUSED: Final = frozenset(
    {
        "env", "input", "inputs", "halt", "halt_error", "modulemeta", "include", "import",
        "localtime", "strflocaltime",
    }
)  # fmt: skip
