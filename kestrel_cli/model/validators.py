"""The limits an input may put on its value, in Kestra's sentences."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.flow import Input
from kestrel_cli.model.typed import as_text, choices, typed

_EMAIL: Final = r"|[a-zA-Z0-9_!#$%&’*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+"  # noqa: RUF001  Kestra's own
_MOMENTS: Final = ("DATE", "TIME", "DATETIME")
_LIMITS: Final = (
    (("min", "more than"), ("max", "less than")),
    (("after", "after"), ("before", "before")),
)


def causes(declared: Input, value: object, *, matches: Callable[[str, str], bool]) -> list[str]:
    """What is wrong with a typed value, in Kestra's words; an empty list when nothing is.

    `matches(pattern, text)` says whether a Java pattern matches the whole text. It is passed in
    because the translation of such patterns belongs to the expressions, which the model cannot see.
    """
    if value is None:
        return []
    judge = _JUDGES.get(declared.type)
    if declared.type in ("STRING", "SECRET"):
        return _pattern(declared, as_text(value), matches)
    return judge(declared, value) if judge else []


def is_free_choice(declared: Input) -> bool:
    """Whether a value outside `values` is taken; Kestra does not enforce an optional SELECT."""
    return declared.allowCustomValue or (declared.type == "SELECT" and not declared.required)


def _pattern(declared: Input, text: str, matches: Callable[[str, str], bool]) -> list[str]:
    if declared.validator is None or matches(declared.validator, text):
        return []
    # Kestra checks a secret before it encrypts it, and on that way the id gets into the sentence.
    prefix = f"{declared.id}: " if declared.type == "SECRET" else ""
    return [f"{prefix}it must match the pattern `{declared.validator}`"]


def _email(_: Input, value: Any) -> list[str]:
    import re

    return [] if re.fullmatch(_EMAIL, as_text(value)) else ["The input must be a valid email"]


def _choice(declared: Input, value: Any) -> list[str]:
    allowed = choices(declared.values)
    if as_text(value) in allowed or is_free_choice(declared):
        return []
    return [f"it must match the values `{as_text(allowed)}`"]


def _choice_of_many(declared: Input, value: Any) -> list[str]:
    found = []
    if declared.values is not None and declared.options is not None:
        found.append("you can't define both `values` and `options`")
    if not is_free_choice(declared):
        allowed = choices(declared.options if declared.values is None else declared.values)
        found += [
            f"value `{as_text(item)}` doesn't match the values `{as_text(allowed)}`"
            for item in value
            if as_text(item) not in allowed
        ]
    return found


def _limits(declared: Input, value: Any) -> list[str]:
    """Both limits are inclusive; like Kestra, only the first one broken is told."""
    it = "It" if declared.type == "DURATION" else "it"
    position = _position(declared.type, value)
    for name, words in _LIMITS[declared.type in _MOMENTS]:
        if (said := getattr(declared, name)) is None:
            continue
        try:
            limit = typed(declared.type, said)
        except ValueError as error:
            return [f"`{name}` of the input itself is wrong: {error}"]
        bound = _position(declared.type, limit)
        is_lower = name in ("min", "after")
        if position < bound if is_lower else position > bound:
            return [f"{it} must be {words} `{as_text(limit)}`"]
    return []


def _position(type_name: str, value: object) -> Any:
    """What decides the order of two values: ISO text sorts by itself, an instant's without `Z`."""
    if type_name == "DURATION":
        return Duration.parse(value)
    return value.removesuffix("Z") if isinstance(value, str) else value


def _extension(declared: Input, value: Any) -> list[str]:
    allowed = declared.allowedFileExtensions
    if not allowed:
        return []
    name = as_text(value).rpartition("/")[2]
    extension = f".{name.rpartition('.')[2]}".lower() if "." in name else ""
    if extension in [one.lower() for one in allowed]:
        return []
    return [f"File type not allowed. Accepted extensions: {', '.join(allowed)}"]


_JUDGES: Final[Mapping[str, Callable[[Input, Any], list[str]]]] = {
    "EMAIL": _email,
    "ENUM": _choice,
    "SELECT": _choice,
    "MULTISELECT": _choice_of_many,
    "FILE": _extension,
    **dict.fromkeys(("INT", "FLOAT", "DURATION", "DATE", "TIME", "DATETIME"), _limits),
}
