"""Values of rows as values of an Avro schema, read leniently: text may spell numbers and dates."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from kestrel_cli.tasks.base import RenderError, dates, java_text, record
from kestrel_cli.tasks.serdes.avro_schema import Node

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = Context(prec=2000)


class DoesNotFit(Exception):
    """A value that is none of its type. `path` leads to it."""

    def __init__(self, wanted: str, value: object) -> None:
        self.wanted = wanted
        self.value = value
        self.path = ""
        super().__init__(wanted)

    def __str__(self) -> str:
        shown = "null" if self.value is None else f"`{java_text(self.value)[:100]}`"
        return f"field `{self.path}`: {shown} is no {self.wanted}"


@record
class Rules:
    """How values are read. `choose` marks which branch of a union a value is for."""

    true_values: frozenset[str]
    false_values: frozenset[str]
    null_values: frozenset[str]
    date_format: str
    time_format: str
    datetime_format: str
    decimal_separator: str
    strict: bool
    infer_all: bool
    zone: tzinfo
    choose: Callable[[Node, Any], Any]


def converted_record(node: Node, row: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """A record from a map; a field is looked for by its aliases too. Raises DoesNotFit."""
    made = {}
    for field in node.fields:
        value = row.get(field.name)
        for alias in field.aliases:
            value = row.get(alias) if value is None else value
        try:
            made[field.name] = converted(field.node, value, rules)
        except DoesNotFit as problem:
            problem.path = f"{field.name}.{problem.path}" if problem.path else field.name
            raise
    if rules.strict and len(row) > len(node.fields):
        known = {name for field in node.fields for name in (field.name, *field.aliases)}
        raise _more_fields([name for name in row if name not in known])
    return made


def converted(node: Node, value: Any, rules: Rules) -> Any:
    """The value of that type. Raises DoesNotFit."""
    if rules.infer_all and isinstance(value, str):
        word = value.lower()
        if word in rules.null_values:
            value = None
        elif word in rules.true_values or word in rules.false_values:
            value = word in rules.true_values
    try:
        return _CONVERT[node.kind](node, value, rules)
    except (ValueError, OverflowError, RenderError, InvalidOperation, ArithmeticError):
        raise DoesNotFit(_named(node), value) from None


def _more_fields(names: list[str]) -> DoesNotFit:
    problem = DoesNotFit("field of the schema (strictSchema)", names[0] if names else "")
    problem.path = names[0] if names else ""
    return problem


def _named(node: Node) -> str:
    return f"{node.kind} of {node.name}" if node.name else node.kind


def _null(node: Node, value: Any, rules: Rules) -> None:
    if value is not None and not (isinstance(value, str) and value.lower() in rules.null_values):
        raise DoesNotFit("null", value)


def _boolean(node: Node, value: Any, rules: Rules) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        for words, meaning in ((rules.true_values, True), (rules.false_values, False)):
            if value.lower() in words:
                return meaning
    if value in (0, 1):
        return bool(value)
    raise DoesNotFit("boolean", value)


def _whole(bits: int) -> Callable[[Node, Any, Rules], int]:
    def whole(node: Node, value: Any, rules: Rules) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
            raise DoesNotFit(node.kind, value)
        found = int(value)
        if found != value and not isinstance(value, str):
            raise DoesNotFit(node.kind, value)
        if not -(2 ** (bits - 1)) <= found < 2 ** (bits - 1):
            raise DoesNotFit(node.kind, value)
        return found

    return whole


def _real(node: Node, value: Any, rules: Rules) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise DoesNotFit(node.kind, value)
    return float(_number_text(value, rules) if isinstance(value, str) else value)


def _number_text(text: str, rules: Rules) -> str:
    if rules.decimal_separator == ".":
        return text
    return text.replace(rules.decimal_separator, ".", 1)


def _string(node: Node, value: Any, rules: Rules) -> str:
    if value is None:
        raise DoesNotFit(node.kind, value)
    return java_text(value)


def _bytes(node: Node, value: Any, rules: Rules) -> bytes:
    data = value if isinstance(value, bytes) else _string(node, value, rules).encode("utf-8")
    if node.size and len(data) != node.size:
        raise DoesNotFit(f"{node.name} of {node.size} bytes", value)
    return data


def _enum(node: Node, value: Any, rules: Rules) -> str:
    text = _string(node, value, rules)
    if text not in node.symbols:
        raise DoesNotFit(f"{node.name} ({', '.join(node.symbols)})", value)
    return text


def _decimal(node: Node, value: Any, rules: Rules) -> Decimal:
    if isinstance(value, str):
        number = Decimal(_number_text(value, rules))
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, float):
        number = Decimal(repr(value))
    else:
        raise DoesNotFit("decimal", value)
    made = number.quantize(Decimal(1).scaleb(-node.scale), ROUND_HALF_EVEN, _DIGITS)
    if not made.is_finite() or len(made.as_tuple().digits) > node.precision:
        raise DoesNotFit(f"decimal with {node.precision} digits", value)
    return made


def _uuid(node: Node, value: Any, rules: Rules) -> str:
    return str(UUID(_string(node, value, rules)))


def _date(node: Node, value: Any, rules: Rules) -> date:
    if isinstance(value, str):
        return dates.read(value, UTC, rules.date_format).when.date()
    if isinstance(value, datetime):
        return (value.astimezone(rules.zone) if value.tzinfo is UTC else value).date()
    if isinstance(value, date):
        return value
    raise DoesNotFit("date", value)


def _time(node: Node, value: Any, rules: Rules) -> time:
    if isinstance(value, str):
        # The reader of patterns wants a day.
        read = dates.read(f"1970-01-01T{value}", UTC, f"yyyy-MM-dd'T'{rules.time_format}")
        return read.when.time()
    raise DoesNotFit("time", value)


def _instant(node: Node, value: Any, rules: Rules) -> datetime:
    unit = timedelta(milliseconds=1) if node.kind.endswith("millis") else timedelta(microseconds=1)
    if isinstance(value, str):
        if not value.lstrip("+-").isdecimal():
            return dates.read(value, rules.zone, rules.datetime_format).when.astimezone(UTC)
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _EPOCH + unit * value
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or rules.zone).astimezone(UTC)
    raise DoesNotFit(node.kind, value)


def _local(node: Node, value: Any, rules: Rules) -> datetime:
    return _instant(node, value, rules).astimezone(rules.zone).replace(tzinfo=None)


def _record(node: Node, value: Any, rules: Rules) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DoesNotFit("map", value)
    return converted_record(node, value, rules)


def _array(node: Node, value: Any, rules: Rules) -> list[Any]:
    if not isinstance(value, list) or node.items is None:
        raise DoesNotFit("list", value)
    return [converted(node.items, item, rules) for item in value]


def _map(node: Node, value: Any, rules: Rules) -> dict[str, Any]:
    if not isinstance(value, dict) or node.items is None:
        raise DoesNotFit("map", value)
    return {java_text(key): converted(node.items, item, rules) for key, item in value.items()}


def _union(node: Node, value: Any, rules: Rules) -> Any:
    for branch in node.branches:
        if branch.kind == "null":
            if value is None or (isinstance(value, str) and value.lower() in rules.null_values):
                return None
            continue
        try:
            made = converted(branch, value, rules)
        except DoesNotFit:
            continue
        return None if made is None else rules.choose(branch, made)
    raise DoesNotFit(" or ".join(_named(branch) for branch in node.branches), value)


_CONVERT: Final[dict[str, Callable[[Node, Any, Rules], Any]]] = {
    "null": _null, "boolean": _boolean, "int": _whole(32), "long": _whole(64), "float": _real,
    "double": _real, "string": _string, "bytes": _bytes, "fixed": _bytes, "enum": _enum,
    "decimal": _decimal, "uuid": _uuid, "date": _date, "time-millis": _time, "time-micros": _time,
    "timestamp-millis": _instant, "timestamp-micros": _instant, "local-timestamp-millis": _local,
    "local-timestamp-micros": _local, "record": _record, "array": _array, "map": _map,
    "union": _union,
}  # fmt: skip
