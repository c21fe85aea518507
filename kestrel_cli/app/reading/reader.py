"""Expressions, read for what they ask of the values that they name."""

from collections.abc import Callable
from typing import Any, Final

from jinja2 import nodes

from kestrel_cli.app.reading.queries import Query, listed
from kestrel_cli.app.reading.shape import Kind, Read, Shape
from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.identifiers import unmangled
from kestrel_cli.expressions.tags import parse

Variables = Callable[[str], Shape | None]
"""The shape of a variable, or of what a function gives (`secret:NAME`, `kv:KEY`, `read:PATH`,
`http:`); None: nothing of it has to be made up."""

_MATHS: Final = frozenset(("multiply", "divide", "modulo", "subtract", "negate", "plus", "span"))
_ORDER: Final = frozenset(("less", "less_or_equal", "greater", "greater_or_equal"))
_SAME: Final = frozenset(("equals", "differs"))
_NUMBERS: Final = frozenset(("abs", "numberFormat"))
_LENIENT: Final = frozenset(("coalesce", "when_missing", "default"))
_DATES: Final = frozenset(
    ("date", "dateAdd", "timestamp", "timestampMicro", "timestampMilli", "timestampNano")
)
_LISTS: Final = frozenset(
    ("chunk", "distinct", "flatten", "join", "reverse", "rsort", "slice", "sort", "merge")
)
_ONE_OF: Final = frozenset(("first", "last"))
_SAME_LIST: Final = frozenset(("distinct", "flatten", "reverse", "rsort", "slice", "sort"))
_TEXTS: Final = frozenset(
    (
        "abbreviate",
        "base64decode",
        "base64encode",
        "capitalize",
        "endsWith",
        "indent",
        "lower",
        "md5",
        "nindent",
        "regexExtract",
        "regexMatch",
        "regexReplace",
        "replace",
        "sha1",
        "sha256",
        "sha512",
        "slugify",
        "split",
        "startsWith",
        "substringAfter",
        "substringAfterLast",
        "substringBefore",
        "substringBeforeLast",
        "title",
        "trim",
        "upper",
        "urldecode",
        "urlencode",
    )
)
_MAPS: Final = frozenset(("keys", "values"))
_PARSERS: Final = frozenset(("fromJson", "json", "fromIon", "yaml"))
_OF_FILES: Final = frozenset(("isFileEmpty", "fileSize", "fileExists"))
_OF_DATES: Final = frozenset(
    (
        "dayOfMonth",
        "dayOfWeek",
        "hourOfDay",
        "isDateBetween",
        "isDayWeekInMonth",
        "isLastWorkingDay",
        "isPublicHoliday",
        "isWeekend",
        "monthOfYear",
    )
)
_NAMED: Final = frozenset(("secret", "kv", "read"))


class Reader:
    """Reads the templates of one place; `where` is told of everything that is read."""

    def __init__(
        self,
        variables: Variables,
        where: Read,
        compat: int = 1,
        seen: list[Shape] | None = None,
    ) -> None:
        """`seen` takes every shape that is read."""
        self._seen = seen
        self._variables = variables
        self._where = where
        self._compat = compat
        self._known: dict[str, Shape | None] = {}
        self._may_lack = 0  # how many `??` and the like are around what is read

    def read(self, text: str) -> Shape | None:
        """What the text asks of the world; the value itself when the text is one expression."""
        if "{{" not in text and "{%" not in text:
            return None
        try:
            return self._read(parse(text, self._compat))
        except (RenderError, RecursionError):
            return None  # the run tells it better

    def _read(self, tree: nodes.Template) -> Shape | None:
        whole = self._whole(tree)
        if whole is not None:
            return self.of(whole)
        for node in tree.body:
            self._statement(node)
        return None

    def _whole(self, tree: nodes.Template) -> nodes.Expr | None:
        """The only expression of a text that is nothing else."""
        if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output):
            return None
        pieces = [one for one in tree.body[0].nodes if not _is_blank(one)]
        return pieces[0] if len(pieces) == 1 and not _is_text(pieces[0]) else None

    # -- statements
    # ---------------------------------------------------------------------------------------

    def _statement(self, node: nodes.Node) -> None:
        match node:
            case nodes.For():
                values = self.of(node.iter)
                if isinstance(node.target, nodes.Name):
                    self._known[node.target.name] = None if values is None else values
                for one in (*node.body, *node.else_):
                    self._statement(one)
            case nodes.Assign():
                value = self.of(node.node)
                if isinstance(node.target, nodes.Name):
                    self._known[node.target.name] = value
            case nodes.Expr():
                self.of(node)
            case _:
                for one in node.iter_child_nodes():
                    self._statement(one)

    # -- expressions
    # ---------------------------------------------------------------------------------------

    def of(self, node: nodes.Node | None) -> Shape | None:
        """The shape of an expression; None where nothing has to be made up."""
        match node:
            case nodes.Name():
                return self._name(node.name)
            case nodes.Filter():
                return self._filter(node)
            case nodes.CondExpr():
                self.of(node.test)
                chosen, other = self.of(node.expr1), self.of(node.expr2)
                return chosen or other
            case None | nodes.Const() | nodes.TemplateData():
                return None
            case _:
                for one in node.iter_child_nodes():
                    self.of(one)
                return None

    def _name(self, name: str) -> Shape | None:
        if name in self._known:
            return self._known[name]
        return self._variables(unmangled(name.removeprefix("v_")))

    def _filter(self, node: nodes.Filter) -> Shape | None:
        kind, _, name = node.name.partition(" ")
        match kind:
            case "get":
                return self._got(node)
            case "filter":
                return self._filtered(name, node)
            case "function":
                return self._called(name, node)
            case "read":
                return self._name(f"v_{_constant(node.node)}")
            case _:
                return self._operator(kind, node)

    def _got(self, node: nodes.Filter) -> Shape | None:
        holder, key = self.of(node.node), node.args[0]
        if not isinstance(key, nodes.Const):
            self.of(key)
        if holder is None:
            return None
        if isinstance(key, nodes.Const) and isinstance(key.value, str):
            found = holder.part(key.value)
        else:
            found = holder.element()
        self._told(found)
        return found

    def _told(self, shape: Shape) -> None:
        shape.read_at(self._where)
        if not self._may_lack and shape.root.needed is None:
            shape.root.needed = self._where
        if self._seen is not None:
            self._seen.append(shape)

    def _left(self, node: nodes.Filter, *, lenient: bool) -> Shape | None:
        """What is before the operator; one that is lenient lets it be missing."""
        self._may_lack += lenient
        found = self.of(node.node)
        self._may_lack -= lenient
        return found

    # A case for each operator, filter and function that says something of a value.
    def _operator(self, name: str, node: nodes.Filter) -> Shape | None:  # noqa: C901, PLR0912
        left = self._left(node, lenient=name in _LENIENT or name.startswith("test "))
        rights = [self.of(one) for one in node.args]
        right = rights[0] if rights else None
        constants = [_constant(node.node), _constant(node.args[0]) if node.args else None]
        if name in ("items", "iterate"):
            return None if left is None else _turn(left)
        if name == "coalesce" or name == "when_missing" or name == "default":
            return left or right
        if name in _SAME or name in _ORDER:
            self._compares(name, (left, constants[1]), (right, constants[0]))
            return None
        if name in _MATHS:
            for one in (left, right):
                if one is not None:
                    one.use(Kind.NUMBER)
        elif name == "add":
            for one, other in ((left, constants[1]), (right, constants[0])):
                if one is not None and not isinstance(other, str):
                    one.use(Kind.NUMBER)
        elif name == "contains":
            if left is not None and constants[1] is not None:
                left.root.holds.append(constants[1])
        elif name == "is_in" and left is not None and isinstance(node.args[0], nodes.List):
            for item in node.args[0].items:
                if (value := _constant(item)) is not None:
                    left.compared(value)
        elif name in ("as_boolean", "chosen", "holds", "not") and left is not None:
            left.root.kinds.add(Kind.BOOLEAN)
        elif name == "test iterable" and left is not None:
            left.use(Kind.LIST)
        elif name == "test json" and left is not None:
            left.as_json()
        return None

    def _compares(self, name: str, *sides: tuple[Shape | None, Any]) -> None:
        for shape, constant in sides:
            if shape is None or constant is None:
                continue
            for value in _around(name, constant, mirrored=shape is sides[1][0]):
                shape.compared(value)
            if isinstance(constant, bool):
                shape.use(Kind.BOOLEAN)
            elif isinstance(constant, (int, float)):
                shape.use(Kind.NUMBER)
        left, right = sides[0][0], sides[1][0]
        if left is not None and right is not None and name in _ORDER:
            for one in (left, right):
                if Kind.MOMENT not in one.root.kinds:
                    one.use(Kind.NUMBER)

    def _filtered(self, name: str, node: nodes.Filter) -> Shape | None:  # noqa: C901, PLR0912
        value = self._left(node, lenient=name == "default")
        for one in (*node.args, *(keyword.value for keyword in node.kwargs)):
            self.of(one)
        if value is None:
            return None
        if name == "number":
            value.use(Kind.DIGITS)
        elif name in _NUMBERS:
            value.use(Kind.NUMBER)
        elif name in _DATES:
            if not any(keyword.key == "existingFormat" for keyword in node.kwargs):
                value.use(Kind.MOMENT)
        elif name in _ONE_OF:
            return value.element()
        elif name in _LISTS:
            value.use(Kind.LIST)
            if name == "join":
                value.element()
            return value if name in _SAME_LIST else None
        elif name in _TEXTS:
            value.use(Kind.TEXT)
        elif name in _MAPS:
            value.use(Kind.MAP)
        elif name == "jq":
            return self._queried(value, _constant(node.args[0]) if node.args else None)
        elif name == "yaml":
            return None
        return None

    def _queried(self, value: Shape, query: object) -> Shape | None:
        """What a jq program goes through; its results are a list."""
        if not isinstance(query, str):
            return None
        self._may_lack += 1  # what is not there is null
        found = Query(self._told).of(query, value.root.parsed or value)
        self._may_lack -= 1
        return None if found is None else listed(found)

    def _called(self, name: str, node: nodes.Filter) -> Shape | None:  # noqa: C901, PLR0912
        given = [*node.args, *(keyword.value for keyword in node.kwargs)]
        first = _constant(given[0]) if given else None
        if name in _NAMED and isinstance(first, str):
            found = self._variables(f"{name}:{first}")
            if found is not None:
                self._told(found)
            return found
        shapes = [self.of(one) for one in given]
        value = shapes[0] if shapes else None
        if name == "http":
            return self._variables("http:")
        if value is None:
            return None
        if name in _PARSERS:
            return value.as_json()
        if name == "read":
            return value.in_file()
        if name == "currentEachOutput":
            return value.innermost()
        if name in ("render", "renderOnce"):
            return value
        if name in _OF_FILES:
            value.use(Kind.FILE)
        elif name in _OF_DATES:
            value.use(Kind.MOMENT)
        elif name in ("max", "min"):
            for one in shapes:
                if one is not None:
                    one.use(Kind.NUMBER)
        return None


def _around(name: str, constant: Any, *, mirrored: bool) -> list[Any]:
    """What a value may be that is compared with this: first one of which it is true."""
    if isinstance(constant, (int, float)) and not isinstance(constant, bool):
        step = {"greater": 1, "less": -1}.get(name, 0)
        if step:
            return [constant - step if mirrored else constant + step, constant]
    return [constant]


def _turn(shape: Shape) -> Shape:
    """What a `for` goes through: elements, or entries of the outputs of a loop."""
    root = shape.root
    if not root.levels:
        return root.element()
    entry = Shape("entry")
    entry.kinds.add(Kind.MAP)
    entry.parts["value"] = root.element()
    return entry


def _constant(node: nodes.Node | None) -> Any:
    return node.value if isinstance(node, nodes.Const) else None


def _is_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.TemplateData)


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.TemplateData) and not node.data.strip()
