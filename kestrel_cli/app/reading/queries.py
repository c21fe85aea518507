"""jq programs, read for what they ask of the value that they are given.

Only what real flows write is understood: paths, pipes, `select`, `map`, `sort_by` and their kin,
lists and maps that are built, comparisons. Of anything else nothing is known, which is no error.
"""

import re
from collections.abc import Callable
from typing import Final

from kestrel_cli.app.reading.shape import Kind, Shape

_OPERATORS: Final = re.compile(r"(==|!=|>=|<=|>|<|//|\+|-|\*|/|\band\b|\bor\b)")
_CALL: Final = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_MATHS: Final = frozenset(("-", "*", "/"))
_ORDERED: Final = frozenset((">", "<", ">=", "<="))
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_DEEPEST: Final = 30


class Query:
    """Reads programs; `told` hears of every value that they name."""

    def __init__(self, told: Callable[[Shape], None]) -> None:
        self._told = told

    def of(self, program: str, value: Shape, depth: int = 0) -> Shape | None:
        """What a program makes of a value; None where nothing is known of it."""
        found: Shape | None = value
        for stage in _split(program, "|"):
            if found is None or depth > _DEEPEST:
                return None
            found = self._stage(stage.strip(), found, depth + 1)
        return found

    def _stage(self, text: str, value: Shape, depth: int) -> Shape | None:  # noqa: C901, PLR0911
        if not text:
            return None
        terms = _terms(text)
        if len(terms) > 1:
            self._operation(terms, value, depth)
            return None
        if _encloses(text, "("):
            return self.of(text[1:-1], value, depth)
        if _encloses(text, "["):
            inner = self.of(text[1:-1], value, depth)
            return None if inner is None else listed(inner)
        if _encloses(text, "{"):
            return self._built(text[1:-1], value, depth)
        if (call := _CALL.fullmatch(text)) is not None:
            return self._call(call[1], call[2], value, depth)
        match text:
            case "first" | "last" | "min" | "max":
                return value.element()
            case "sort" | "unique" | "reverse" | "flatten":
                return value.use(Kind.LIST)
            case "tonumber":
                value.use(Kind.DIGITS)
            case "fromjson":
                return value.as_json()
            case _:
                pass
        return self._path(text, value)

    def _path(self, text: str, value: Shape) -> Shape | None:
        steps = steps_of(text)
        found = value
        for step in steps or ():
            found = found.element() if step is None else found.part(step)
            self._told(found)
        return None if steps is None else found

    def _built(self, text: str, value: Shape, depth: int) -> Shape:
        """A map of what is read."""
        found = Shape(value.name)
        found.kinds.add(Kind.MAP)
        for field in _split(text, ","):
            name, colon, program = field.strip().partition(":")
            name = name.strip().strip('"')
            if not name.isidentifier():
                continue
            made = self.of(program if colon else f".{name}", value, depth)
            found.parts[name] = Shape(name) if made is None else made
        return found

    def _call(self, name: str, inside: str, value: Shape, depth: int) -> Shape | None:
        match name:
            case "select":
                self.of(inside, value, depth)
                return value
            case "map":
                made = self.of(inside, value.element(), depth)
                return None if made is None else listed(made)
            case "sort_by" | "unique_by":
                self.of(inside, value.element(), depth)
                return value
            case "max_by" | "min_by":
                self.of(inside, value.element(), depth)
                return value.element()
            case "group_by":
                self.of(inside, value.element(), depth)
                return listed(value)
            case "join":
                value.element().use(Kind.TEXT)
            case "any" | "all":
                self.of(inside, value.element(), depth)
            case _:
                pass
        return None

    def _operation(self, terms: list[str], value: Shape, depth: int) -> None:
        """What is compared, or counted with."""
        sides = [self._stage(one, value, depth) if _reads(one) else None for one in terms[::2]]
        for number, operator in enumerate(terms[1::2]):
            for mine, other in ((number, number + 1), (number + 1, number)):
                shape, constant = sides[mine], _constant(terms[2 * other])
                if shape is None:
                    continue
                if constant is not None and operator in ("==", "!=", ">=", "<="):
                    shape.compared(constant)
                elif isinstance(constant, (int, float)) and operator in _ORDERED:
                    step = 1 if (operator == ">") is (mine < other) else -1
                    shape.compared(constant + step)
                if operator in _MATHS or (operator in _ORDERED and not isinstance(constant, str)):
                    shape.use(Kind.NUMBER)


def listed(item: Shape) -> Shape:
    """A list of it."""
    found = Shape(item.name)
    found.kinds.add(Kind.LIST)
    found.item = item
    return found


def steps_of(path: str) -> list[str | None] | None:
    """A plain jq path: names, and None for every element; None for anything else."""
    steps: list[str | None] = []
    rest = path.strip()
    if not rest.startswith("."):
        return None
    while rest:
        if rest.startswith("["):
            inside, bracket, rest = rest[1:].partition("]")
            index = inside.strip()
            quoted = len(index) > 1 and index[0] == index[-1] and index[0] in "\"'"
            if not bracket or not (quoted or re.fullmatch(r"-?\d*", index)):
                return None
            steps.append(index[1:-1] if quoted else None)
        elif rest.startswith("."):
            name = re.match(r'"([^"]*)"|\w*', rest[1:])
            assert name is not None
            if name[0]:
                steps.append(name[0].strip('"'))
            rest = rest[1 + name.end() :]
        elif rest.startswith("?"):
            rest = rest[1:]
        else:
            return None
    return steps


def _reads(text: str) -> bool:
    return _constant(text) is None


def _constant(text: str) -> object:
    """What a literal says; None for all that is none."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return None


def _flat(text: str) -> str:
    """The text with all that is in brackets or quotes blanked out, of the same length."""
    found, depth, quoted = [], 0, False
    for one in text:
        if one == '"':
            quoted = not quoted
            found.append("\0")
            continue
        opens, closes = one in "([{", one in ")]}"
        depth -= closes and not quoted
        found.append("\0" if depth > 0 or quoted else one)
        depth += opens and not quoted
    return "".join(found)


def _split(text: str, mark: str) -> list[str]:
    """At a mark that is in no brackets and no quotes."""
    flat, parts, began = _flat(text), [], 0
    for place, one in enumerate(flat):
        if one == mark:
            parts.append(text[began:place])
            began = place + 1
    return [*parts, text[began:]]


def _terms(text: str) -> list[str]:
    """Operands and operators by turns; a single one where nothing is done."""
    found, began = [], 0
    for match in _OPERATORS.finditer(_flat(text)):
        if not text[began : match.start()].strip():
            continue  # a sign
        found += [text[began : match.start()].strip(), match[0]]
        began = match.end()
    return [*found, text[began:].strip()]


def _encloses(text: str, opening: str) -> bool:
    """Whether this bracket and its partner hold the whole text."""
    closing = _CLOSING[opening]
    if not (text.startswith(opening) and text.endswith(closing)):
        return False
    return _flat(text)[1:-1].strip("\0") == ""
