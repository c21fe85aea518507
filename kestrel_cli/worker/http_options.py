"""The `options` of the function `http`: those of HTTP tasks, in values that are there already."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.text import printed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.web.options import HttpOptions, Settings, settings_of

M = TypeVar("M", bound=Model)

SECONDS: Final = 10.0
MAX_BODY: Final = 10_000_000
_NOT_HERE: Final = frozenset(("logs", "logLevel"))  # an expression has no log


def options_of(given: Mapping[Any, Any]) -> Settings:
    """Read the options. Raises RenderError for one that is not known or has no sense.

    An expression does not wait for long, nor for much: limits are the usual ones at most.
    """
    timeout = given.get("timeout")
    if timeout is not None and not isinstance(timeout, Mapping):
        given = {**given, "timeout": {"readIdleTimeout": timeout}}
    try:
        settings = settings_of(_Given(), _made(HttpOptions, given))
    except TaskFailed as error:
        raise RenderError(f"The 'http' function: {error}") from None
    settings.connect = min(settings.connect, SECONDS)
    settings.read = min(settings.read, SECONDS)
    settings.most = min(settings.most, MAX_BODY)
    return settings


def _made(model: type[M], given: object, place: str = "options") -> M:
    """The model with values as they are given; what they are worth, the reader says."""
    if not isinstance(given, Mapping):
        raise TaskFailed(f"expected a map in `{place}`, got `{printed(given)[:100]}`")
    made: dict[str, object] = {}
    for name, value in given.items():
        declared = model.properties.get(name)
        if declared is None or name in _NOT_HERE:
            raise TaskFailed(f"`{place}` has no `{printed(name)}`")
        inner = _model_in(declared.shape)
        if value is not None:
            made[name] = value if inner is None else _made(inner, value, f"{place}.{name}")
    for declared in model.properties.values():
        if declared.required and declared.name not in made:
            raise TaskFailed(f"`{place}` needs a `{declared.name}`")
    return model(**made)


def _model_in(shape: object) -> type[Model] | None:
    """The model of an optional property that is one."""
    parts = [one for one in get_args(shape) if isinstance(one, type) and issubclass(one, Model)]
    return parts[0] if parts else None


class _Given:
    """Reads values that need no rendering."""

    def text(self, value: object) -> str:
        return printed(value)

    def items(self, value: object) -> list[Any]:
        if isinstance(value, (list, tuple)):
            return list(value)
        raise TaskFailed(f"expected a list, got `{printed(value)[:100]}`")

    def integer(self, value: object) -> int:
        try:
            return int(printed(value))
        except ValueError:
            raise TaskFailed(f"expected a whole number, got `{printed(value)[:100]}`") from None

    def boolean(self, value: object) -> bool:
        text = printed(value).lower()
        if text not in ("true", "false"):
            raise TaskFailed(f"expected true or false, got `{text[:100]}`")
        return text == "true"

    def duration(self, value: object) -> Duration:
        try:
            return value if isinstance(value, Duration) else Duration.parse(value)
        except ValueError as error:
            raise TaskFailed(str(error)) from None

    def hide(self, secret: str) -> None:
        """What is secret is hidden where it comes from."""
