"""What Java's part refuses, as an error of an expression."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kestrel_cli.errors import RenderError
from kestrel_cli.java.errors import JavaError

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def rendering(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function, with every JavaError raised as a RenderError of the same words and hint."""

    @wraps(function)
    def call(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        try:
            return function(*arguments, **named)
        except JavaError as error:
            raise RenderError(str(error), hint=error.hint) from None

    return call
