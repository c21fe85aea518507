"""Cron expressions: five fields, six with seconds, or a nickname."""

from typing import Final, NamedTuple

NICKNAMES: Final = frozenset(
    ("@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly")
)
_MONTHS: Final = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905
_DAYS: Final = "MON TUE WED THU FRI SAT SUN".split()  # noqa: SIM905


class Field(NamedTuple):
    """One field: what it is called, its limits, and the names of its values."""

    noun: str
    least: int
    most: int
    names: dict[str, int]


class Flaw(NamedTuple):
    """What is wrong with an expression, and the part of it that is."""

    message: str
    part: str
    hint: str | None = None


_SECONDS: Final = Field("second", 0, 59, {})
_FIELDS: Final = (
    Field("minute", 0, 59, {}),
    Field("hour", 0, 23, {}),
    Field("day of the month", 1, 31, {}),
    Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    Field("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS, 1)}),
)
_ORDER: Final = "minute, hour, day of the month, month, day of the week"


def flaw_of(expression: str, *, with_seconds: bool = False) -> Flaw | None:
    """The first thing that is wrong with a cron expression; None when nothing is."""
    text = expression.strip()
    if text.startswith("@"):
        return None if text in NICKNAMES else _unknown_nickname(text)
    if not text:
        return Flaw("Empty expression!", "")
    for one in text.split("||"):
        if (found := _flaw_of_one(one, with_seconds=with_seconds)) is not None:
            return found
    return None


def _unknown_nickname(text: str) -> Flaw:
    from kestrel_cli.flowfile.suggest import nearest

    near = nearest(text, sorted(NICKNAMES))
    hint = f"did you mean `{near}`?" if near else f"there are {', '.join(sorted(NICKNAMES))}"
    return Flaw(f"`{text}` is no nickname of a cron expression", text, hint)


def _flaw_of_one(text: str, *, with_seconds: bool) -> Flaw | None:
    fields = (_SECONDS, *_FIELDS) if with_seconds else _FIELDS
    parts = text.split()
    if len(parts) != len(fields):
        message = (
            f"Cron expression contains {len(parts)} parts but we expect one of [{len(fields)}]"
        )
        return Flaw(message, text.strip(), _counted(len(parts), with_seconds=with_seconds))
    for field, part in zip(fields, parts, strict=True):
        for alternative in part.split("|"):
            for item in alternative.split(","):
                if (problem := _item(field, item)) is not None:
                    return Flaw(problem, part)
    return None


def _counted(count: int, *, with_seconds: bool) -> str:
    if count == len(_FIELDS) + 1 and not with_seconds:
        return "a sixth field, for seconds, needs `withSeconds: true`"
    if with_seconds:
        return f"with `withSeconds` the fields are second, {_ORDER}"
    return f"the fields are {_ORDER}"


def _item(field: Field, item: str) -> str | None:
    """What is wrong with `*`, a value or a range, and the step behind it."""
    span, slash, step = item.partition("/")
    if slash and not (step.isascii() and step.isdigit() and 0 < int(step) <= field.most):
        return f"the step `{step}` of the {field.noun} is not in [1, {field.most}]"
    if span == "*":
        return None
    first, dash, last = span.partition("-")
    values = [_value(field, one) for one in ([first, last] if dash else [first])]
    for one, value in zip((first, last), values, strict=False):
        if value is None:
            return f"`{one}` is no {field.noun}: a number from {field.least} to {field.most}" + (
                f", or one of {', '.join(field.names)}" if field.names else ""
            )
    return _backwards(field, span, values) if dash else None


def _backwards(field: Field, span: str, values: list[int | None]) -> str | None:
    first, last = values
    if first is not None and last is not None and first > last:
        return f"Invalid range! `{span}` of the {field.noun} goes backwards"
    return None


def _value(field: Field, text: str) -> int | None:
    if text.upper() in field.names:
        return field.names[text.upper()]
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        return None
    value = int(text)
    return value if field.least <= value <= field.most else None
