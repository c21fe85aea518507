"""Tokens to Jinja2's syntax tree: the expressions of the dialect.

Operators, attribute access, filters and functions all become `Filter` nodes with internal names: in
the generated code each is a call of a local function, and no value is ever called or asked for a
Python attribute.
"""

from collections.abc import Callable, Sequence
from typing import Final

from jinja2 import nodes

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.binding import Arguments, bound_filter, bound_function, given_twice
from kestrel_cli.expressions.calls import applied, failing
from kestrel_cli.expressions.identifiers import mangled
from kestrel_cli.expressions.lexer import Token, line_of, syntax_error

_FILTER: Final = 100
_TEST: Final = 20
_UNARY: Final = 500
_MAX_DEPTH: Final = 60
_CONSTANTS: Final = {
    "true": True,
    "TRUE": True,
    "false": False,
    "FALSE": False,
    "null": None,
    "NULL": None,
    "none": None,
    "NONE": None,
}
_END: Final = Token("end", "", -1)

Named = Callable[[str, int], nodes.Expr]


class ExpressionParser:
    """Parses the tokens of one print or tag. `variable` makes the node that reads a variable."""

    def __init__(
        self,
        tokens: Sequence[Token],
        source: str,
        end: int,
        operators: dict[str, tuple[int, str]],
        variable: Named,
        macros: dict[str, tuple[str, ...]],
    ) -> None:
        self.tokens = tokens
        self.source = source
        self.end = end
        self.operators = operators
        self.variable = variable
        self.macros = macros
        self.index = 0
        self.depth = 0

    @property
    def current(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.index] if self.index < len(self.tokens) else _END

    def line(self) -> int:
        """The line of the current token."""
        at = self.current.at
        return line_of(self.source, self.end if at < 0 else at)

    def next(self) -> Token:
        """Read one token."""
        token = self.current
        self.index += 1
        return token

    def at_operator(self, *values: str) -> bool:
        """Whether one of these operators comes next."""
        return self.current.kind == "operator" and self.current.value in values

    def skip(self, value: str) -> bool:
        """Read this operator if it comes next."""
        if self.at_operator(value):
            self.index += 1
            return True
        return False

    def expect(self, value: str) -> None:
        """Read this operator or fail."""
        if not self.skip(value):
            raise self.unexpected(f"expected `{value}`")

    def name(self) -> str:
        """Read a name or fail."""
        if self.current.kind != "name":
            raise self.unexpected("expected a name")
        return self.next().value

    def done(self) -> None:
        """Fail if anything is left."""
        if self.current.kind != "end":
            raise self.unexpected("nothing may follow here")

    def unexpected(self, wanted: str) -> RenderError:
        """The error for the current token."""
        token = self.current
        at = self.end if token.at < 0 else token.at
        if token.kind == "end":
            return syntax_error(f"Unexpected end of expression: {wanted}", self.source, at)
        from kestrel_cli.expressions.habits import hint_for

        error = syntax_error(f"Unexpected token `{token.value}`: {wanted}", self.source, at)
        error.hint = hint_for(self.tokens, self.index, self.source)
        return error

    def whole(self) -> nodes.Expr:
        """The only expression of a print."""
        if self.current.kind == "end":
            raise self.unexpected("expected an expression")
        found = self.expression()
        self.done()
        return found

    def expression(self, level: int = 0) -> nodes.Expr:
        """An expression whose operators bind at least as tightly as `level`."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise syntax_error("The expression is nested too deeply", self.source, self.current.at)
        left = self._operand()
        while (following := self._binary(left, level)) is not None:
            left = following
        if level == 0 and self.at_operator("?"):
            left = self._ternary(left)
        self.depth -= 1
        return left

    def _operand(self) -> nodes.Expr:
        if not self.at_operator("not", "+", "-"):
            return self._postfix()
        line = self.line()
        names = {"not": "negated", "+": "identity", "-": "negate"}
        operator = self.next().value
        return applied(names[operator], self.expression(_UNARY), line=line)

    def _binary(self, left: nodes.Expr, level: int) -> nodes.Expr | None:
        """`left` with the next operator and its right side, if that binds tightly enough."""
        if self.current.kind != "operator":
            return None
        operator, line = self.current.value, self.line()
        if operator == "|" and level <= _FILTER:
            self.next()
            return self.filter(left)
        if operator in ("is", "is not") and level <= _TEST:
            self.next()
            return self._test(left, negative=operator == "is not", line=line)
        precedence, name = self.operators.get(operator, (-1, ""))
        if precedence < level or precedence < 0:
            return None
        self.next()
        right = self.expression(precedence + 1)
        if name in ("and", "or"):
            join = nodes.And if name == "and" else nodes.Or
            word = nodes.Const(name)
            return join(
                applied("as_boolean", left, word), applied("as_boolean", right, word), lineno=line
            )
        if name == "concatenate" and isinstance(left, nodes.Filter) and left.name == name:
            left.args.append(right)
            return left
        return applied(name, left, right, line=line)

    def _ternary(self, condition: nodes.Expr) -> nodes.Expr:
        line = self.line()
        self.expect("?")
        chosen = self.expression()
        self.expect(":")
        return nodes.CondExpr(applied("chosen", condition), chosen, self.expression(), lineno=line)

    def _test(self, value: nodes.Expr, *, negative: bool, line: int) -> nodes.Expr:
        from kestrel_cli.expressions.tests import TESTS

        at = self.current.at
        name = self.name()
        if name == "defined":
            found: nodes.Expr = applied("is_defined", value, line=line)
        elif name in TESTS:
            found = applied(f"test {name}", value, line=line)
        else:
            found = failing(f"Test [{name}] does not exist.", line, at)
        if self.at_operator("("):
            self.arguments()
        return nodes.Not(found, lineno=line) if negative else found

    def filter(self, value: nodes.Expr | None) -> nodes.Expr:
        """`name(arguments)` after `|`, applied to `value` (None: the text of a filter block)."""
        line, at = self.line(), self.current.at
        name = self.name()
        arguments = self.arguments() if self.at_operator("(") else Arguments([], [])
        return bound_filter(name, value, arguments, line, at)

    def arguments(self) -> Arguments:
        """`(a, b, name=c)`"""
        positional: list[nodes.Expr] = []
        named: list[nodes.Keyword] = []
        self.expect("(")
        while not self.at_operator(")"):
            if self._is_named():
                key, line = self.name(), self.line()
                self.expect("=")
                named.append(nodes.Keyword(key, self.expression(), lineno=line))
            elif named:
                message = "Positional arguments must be declared before any named arguments."
                raise syntax_error(message, self.source, self.current.at)
            else:
                positional.append(self.expression())
            if not self.at_operator(")"):
                self.expect(",")
                if self.at_operator(")"):
                    raise self.unexpected("expected an argument")
        self.expect(")")
        return Arguments(positional, named)

    def _is_named(self) -> bool:
        following = self.tokens[self.index + 1] if self.index + 1 < len(self.tokens) else _END
        return (
            self.current.kind == "name" and following.kind == "operator" and following.value == "="
        )

    def _postfix(self) -> nodes.Expr:
        """A primary with its attributes and subscripts."""
        start = self.index
        value = self._primary()
        literal = isinstance(value, (nodes.List, nodes.Dict)) or (
            isinstance(value, nodes.Filter) and value.name == "mapping"
        )
        if literal and not self._closed(start):
            return value  # no subscript directly after a literal
        path = self._path(start)
        while self.at_operator(".", "["):
            line = self.line()
            if self.skip("."):
                at = self.current.at
                key = self.name()
                step = key
                if self.at_operator("("):
                    value = self._method(value, key, path, line)
                    path = (*path, f"{key}()")
                    continue
                subscript: nodes.Expr = nodes.Const(key)
            else:
                self.expect("[")
                at, first = self.current.at, self.index
                subscript = self.expression()
                step = f"[{self._spelled(first)}]"
                self.expect("]")
            value = applied("get", value, subscript, nodes.Const(path), nodes.Const(at), line=line)
            path = (*path, step)
        return value

    def _closed(self, start: int) -> bool:
        return self.tokens[start].value == "("

    def _method(self, value: nodes.Expr, name: str, path: tuple[str, ...], line: int) -> nodes.Expr:
        self.arguments()
        return applied("call_method", value, nodes.Const(name), nodes.Const(path), line=line)

    def _path(self, start: int) -> tuple[str, ...]:
        """How the template spells the value that was just read, the first part of a path."""
        read = self.tokens[start : self.index]
        if len(read) > 2 and (read[0].value, read[1].kind, read[2].value) == ("(", "name", ")"):
            return (read[1].value,)  # a variable in parentheses is the variable
        return (self._spelled(start),)

    def _spelled(self, start: int) -> str:
        """The tokens from `start` to here as text."""
        return "".join(
            f"'{token.value}'" if token.kind == "string" else token.value
            for token in self.tokens[start : self.index]
        )

    def _primary(self) -> nodes.Expr:
        line = self.line()
        token = self.next()
        match token.kind:
            case "string":
                return nodes.Const(token.value, lineno=line)
            case "integer":
                return nodes.Const(int(token.value), lineno=line)
            case "float":
                return nodes.Const(float(token.value), lineno=line)
            case "interpolation":
                return self._interpolation(token)
            case "name":
                return self._name(token.value, line)
            case _:
                return self._bracketed(token, line)

    def _bracketed(self, token: Token, line: int) -> nodes.Expr:
        if token.kind == "operator" and token.value == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.kind == "operator" and token.value == "[":
            return nodes.List(self._items("]"), lineno=line)
        if token.kind == "operator" and token.value == "{":
            return self._map(line)
        self.index -= 1
        raise self.unexpected("expected a value")

    def _items(self, closing: str) -> list[nodes.Expr]:
        items: list[nodes.Expr] = []
        if self.skip(closing):
            return items
        while True:
            items.append(self.expression())
            if self.skip(closing):
                return items
            self.expect(",")

    def _map(self, line: int) -> nodes.Expr:
        pairs: list[nodes.Expr] = []
        if self.skip("}"):
            return nodes.Dict([], lineno=line)
        while True:
            pairs.append(self.expression())
            self.expect(":")
            pairs.append(self.expression())
            if self.skip("}"):
                return applied("mapping", *pairs, line=line)
            self.expect(",")

    def _interpolation(self, token: Token) -> nodes.Expr:
        values: list[nodes.Expr] = []
        for piece in token.pieces:
            if isinstance(piece, str):
                values.append(nodes.Const(piece))
            else:
                inner = ExpressionParser(
                    piece, self.source, token.at, self.operators, self.variable, self.macros
                )
                inner.depth = self.depth
                values.append(inner.whole())
        return applied("concatenate", *values)

    def _name(self, name: str, line: int) -> nodes.Expr:
        if self.at_operator("("):
            return self._call(name, line)
        if name in _CONSTANTS:
            return nodes.Const(_CONSTANTS[name], lineno=line)
        return self.variable(name, line)

    def _call(self, name: str, line: int) -> nodes.Expr:
        at = self.tokens[self.index - 1].at
        arguments = self.arguments()
        if name in self.macros:
            return self._macro_call(name, arguments, line)
        if name == "block":
            return self._block_call(arguments, line)
        return bound_function(name, arguments, line, at)

    def _macro_call(self, name: str, arguments: Arguments, line: int) -> nodes.Expr:
        known = self.macros[name]
        if len(arguments.positional) > len(known):
            return failing(
                f"The argument at position {len(known) + 1} is not allowed. "
                f"Only {len(known)} argument(s) are allowed.",
                line,
            )
        for keyword in arguments.named:
            if keyword.key not in known:
                return failing(f"The following named argument does not exist: {keyword.key}", line)
        given = [*known[: len(arguments.positional)], *(keyword.key for keyword in arguments.named)]
        if twice := given_twice(given):
            return failing(twice, line)
        target = nodes.Name(f"macro_{mangled(name)}", "load", lineno=line)
        named = [
            nodes.Keyword(f"v_{mangled(keyword.key)}", keyword.value, lineno=line)
            for keyword in arguments.named
        ]
        return nodes.Call(target, arguments.positional, named, None, None, lineno=line)

    def _block_call(self, arguments: Arguments, line: int) -> nodes.Expr:
        match arguments.positional:
            case [nodes.Const(value=str(name))]:
                target = nodes.Name(f"block_{mangled(name)}", "load", lineno=line)
                return nodes.Call(target, [], [], None, None, lineno=line)
            case _:
                return failing("The 'block' function expects an argument 'name'.", line)
