"""Inputs from the command line: `-i`, `--inputs-file`.

    -i name=text        text, whatever it looks like; the input's type makes a number of it
    -i name=@file       a FILE input gets the path, any other the file's content (`@-`: stdin)
    -i name=@@text      text that begins with an `@`
    -i name:=json       a JSON value: `-i 'tags:=["a", "b"]'`
    --inputs-file FILE  a map in YAML or JSON, or NAME=VALUE lines in .env; `-` is YAML on stdin

An option beats the file, a later option an earlier one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from kestrel_cli.cli.bounded import TooLarge, read_whole
from kestrel_cli.errors import UsageError
from kestrel_cli.model.flow import Flow
from kestrel_cli.worker.input_names import flattened, leaf_inputs

ReadYaml = Callable[[str], object]


def read_inputs(
    flow: Flow,
    options: Sequence[str],
    inputs_file: str | None = None,
    *,
    stdin: TextIO | None = None,
    read_yaml: ReadYaml | None = None,
) -> dict[str, object]:
    """The raw values that were passed, by input id. Raises UsageError for what cannot be read.

    Names are not checked here: an input that the flow does not declare is only worth a warning.
    """
    given: dict[str, object] = {}
    if inputs_file is not None:
        declared = {one.id: one for one in leaf_inputs(flow)}
        given |= flattened(read_inputs_file(inputs_file, stdin, read_yaml), declared)
    if options:
        files = {one.id for one in leaf_inputs(flow) if one.type == "FILE"}
        given |= dict(read_option(option, files, stdin) for option in options)
    return given


def read_option(
    option: str, files: set[str] | frozenset[str], stdin: TextIO | None = None
) -> tuple[str, object]:
    """Name and value of one `-i`; `files` are the names of the inputs that want a path."""
    name, equals, value = option.partition("=")
    if not equals or not name.strip(":"):
        raise UsageError(
            f"`-i {option}` has no {'name' if equals else '`=`'}: "
            "write `-i name=value`, `-i name=@file` or `-i name:=json`"
        )
    if name.endswith(":"):
        return name[:-1], _json(value, f"-i {name}=")
    if value.startswith("@@"):
        return name, value[1:]
    if not value.startswith("@"):
        return name, value
    path = value[1:]
    if name not in files:
        return name, _content(path, stdin, f"-i {name}=@{path}")
    if not Path(path).is_file():
        raise UsageError(f"`-i {name}=@{path}`: {_why_no_file(path)}")
    return name, path


def read_inputs_file(
    path: str, stdin: TextIO | None = None, read_yaml: ReadYaml | None = None
) -> Mapping[str, object]:
    """The map in an inputs file; its name says the format."""
    where = f"--inputs-file {path}"
    suffix = ".yaml" if path == "-" else Path(path).suffix or Path(path).name
    if suffix not in (".yaml", ".yml", ".json", ".env"):
        raise UsageError(f"`{where}`: the name must end in .yaml, .yml, .json or .env")
    text = _content(path, stdin, where)
    if suffix == ".env":
        return dict(env_lines(text, path))
    values = _json(text, where) if suffix == ".json" else _yaml(text, where, read_yaml)
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise UsageError(f"`{where}`: expected a map of input names to values")
    return {str(name): value for name, value in values.items()}


def env_lines(text: str, path: str) -> Iterator[tuple[str, str]]:
    """The NAME=VALUE pairs of a .env text: `#` comments, `export`, single and double quotes.

    Nothing is expanded. Double quotes know the escapes `\\n`, `\\t`, `\\r`, `\\"` and `\\\\`.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip().removeprefix("export ").lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{path}:{number}: expected NAME=VALUE")
        yield name.strip(), _unquoted(value.strip(), f"{path}:{number}")


def _unquoted(value: str, where: str) -> str:
    quote = value[:1]
    if quote not in ("'", '"'):
        return value.partition(" #")[0].rstrip()
    import re

    inside = r"(?:[^\"\\]|\\.)*" if quote == '"' else "[^']*"
    match = re.fullmatch(rf"{quote}({inside}){quote}\s*(?:#.*)?", value)
    if match is None:
        raise UsageError(f"{where}: the quote {quote} is not closed, or something follows it")
    if quote == "'":
        return match[1]
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: escapes.get(found[1], found[1]), match[1])


def _json(text: str, where: str) -> object:
    import json

    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"`{where}`: not valid JSON: {error.msg} at {place}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{where}`: not valid JSON: {error}") from None


def _yaml(text: str, where: str, read_yaml: ReadYaml | None) -> object:
    from kestrel_cli.worker.yaml_text import read_yaml as own_reader

    try:
        return (read_yaml or own_reader)(text)
    except ValueError as error:
        raise UsageError(f"`{where}`: {error}") from None


def _content(path: str, stdin: TextIO | None, where: str) -> str:
    try:
        if path == "-" and stdin is not None:
            return stdin.read()
        return read_whole(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"`{where}`: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        why = error.strerror if isinstance(error, TooLarge) else _why_no_file(path)
        raise UsageError(f"`{where}`: {why}") from None


def _why_no_file(path: str) -> str:
    found = Path(path)
    if found.is_dir():
        return "that is a directory"
    return "the file cannot be read" if found.exists() else "no such file"
