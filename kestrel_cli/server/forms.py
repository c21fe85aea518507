"""Inputs of an execution as a form: texts, and files with their names.

The server ignores parts that are no inputs, takes any text for a boolean, and tells of one wrong
input at a time: so inputs are checked here, before anything is sent.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import BinaryIO

from kestrel_cli.errors import InputError
from kestrel_cli.web.bodies import Field, Multipart


def form_of(inputs: Mapping[str, object]) -> Multipart:
    """The form of typed values; a Path is a file that is sent. Raises InputError for a file that
    can't be read.
    """
    problems: list[str] = []
    fields: list[Field] = []
    for name, value in inputs.items():
        if isinstance(value, Path):
            try:
                fields.append(file_field(name, value))
            except OSError as error:
                problems.append(f"`{name}`: {value}: {(error.strerror or str(error)).lower()}")
        elif value is not None:
            fields.append(Field(name, text_of(value)))
    if problems:
        raise InputError(problems)
    return Multipart(fields)


def file_field(name: str, place: Path, file_name: str | None = None) -> Field:
    """A file as a part of a form: without a name the server would take it for a text. Raises
    OSError.
    """

    def opened() -> BinaryIO:
        return place.open("rb")

    with opened() as file:
        size = file.seek(0, 2)
    return Field(name, file_name=file_name or place.name or "file", size=size, open=opened)


def text_of(value: object) -> str:
    """A value as the server reads it: JSON for lists and maps, ISO texts for moments."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=text_of)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
