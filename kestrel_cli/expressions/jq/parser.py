"""Reads a jq program into nodes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.jq import control, nodes, updates
from kestrel_cli.expressions.jq.calls import Call
from kestrel_cli.expressions.jq.formats import FORMATS
from kestrel_cli.expressions.jq.lexer import syntax_error, tokens
from kestrel_cli.expressions.jq.prelude import SOURCES
from kestrel_cli.expressions.jq.values import normal

if TYPE_CHECKING:
    from collections.abc import Callable

    from kestrel_cli.expressions.jq.lexer import Token
    from kestrel_cli.expressions.jq.nodes import Node

_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_UPDATES: Final = frozenset({"=", "|=", "+=", "-=", "*=", "/=", "%=", "//="})
# One level takes some fifteen of Python's frames, of which there are a thousand.
_MAX_NESTING: Final = 40
_MAX_OPERATORS: Final = 100
_NULL: Final = nodes.Literal(None)


@lru_cache(maxsize=128)
def parsed(program: str) -> Node:
    """The program's node; RenderError says what is wrong and where."""
    reader = _Reader(program, tokens(program))
    if reader.peek().kind == "end":
        return nodes.Identity()
    return reader.whole()


@lru_cache(maxsize=256)
def library(name: str, arity: int) -> control.Define | None:
    """The prelude's definition, or None."""
    source = SOURCES.get((name, arity))
    if source is None:
        return None
    reader = _Reader(source, tokens(source))
    defined = reader.definition(nodes.Identity)
    return defined


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, program: str, found: tuple[Token, ...]) -> None:
        self.program = program
        self.tokens = found
        self.at = 0
        self.nesting = 0
        # Where the current stage of a pipe starts: a binding there is handled by the pipe's loop.
        self.stage = -1

    # Tokens

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def has(self, text: str) -> bool:
        token = self.peek()
        return token.text == text and token.kind in ("sign", "keyword")

    def take(self, text: str) -> bool:
        found = self.has(text)
        self.at += found
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.error(f"expected {text}")

    def error(self, what: str) -> RenderError:
        return syntax_error(what, self.program, self.peek().at)

    # Expressions, from the loosest operator to the tightest

    def whole(self) -> Node:
        node = self.pipe()
        if self.peek().kind != "end":
            raise self.error("unexpected token")
        return node

    def pipe(self) -> Node:
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            raise RenderError(f"a jq program is nested deeper than {_MAX_NESTING} levels")
        node = self._pipe()
        self.nesting -= 1
        return node

    def _pipe(self) -> Node:
        """A chain of `|`, built from its end so that no chain is too long."""
        stages: list[Callable[[Node], Node]] = []
        while True:
            if self.has("def"):
                stages.append(self._definition_stage())
                continue
            if self.take("label"):
                name = self.variable()
                self.expect("|")
                stages.append(lambda rest, name=name: control.Label(name, rest))  # type: ignore[misc]
                continue
            self.stage = self.at
            node = self.comma()
            if self.take("as"):
                patterns = self.patterns()
                self.expect("|")
                stages.append(
                    lambda rest, node=node, patterns=patterns: control.Bind(node, patterns, rest)  # type: ignore[misc]
                )
            elif self.take("|"):
                stages.append(lambda rest, node=node: nodes.Pipe(node, rest))  # type: ignore[misc]
            else:
                break
        for stage in reversed(stages):
            node = stage(node)
        return node

    def _definition_stage(self) -> Callable[[Node], Node]:
        defined = self.definition(nodes.Identity)

        def stage(rest: Node) -> Node:
            return control.Define(defined.name, defined.parameters, defined.body, rest)

        return stage

    def definition(self, rest: Callable[[], Node]) -> control.Define:
        self.expect("def")
        name = self.next().text
        parameters: list[str] = []
        if self.take("("):
            parameters.append(self.parameter())
            while self.take(";"):
                parameters.append(self.parameter())
            self.expect(")")
        self.expect(":")
        body = self.pipe()
        self.expect(";")
        return control.Define(name, parameters, body, rest())

    def parameter(self) -> str:
        token = self.next()
        if token.kind not in ("name", "var", "keyword"):
            raise self.error("expected a parameter")
        return token.text

    def comma(self) -> Node:
        node = self.alternative()
        while self.take(","):
            node = nodes.Comma(node, self.alternative())
        return node

    def alternative(self) -> Node:
        left = self.update()
        rest: list[Node] = [left]
        while self.has("//") or self.has("?//"):
            if self.next().text == "?//":
                rest[-1] = control.Try(rest[-1])
            rest.append(self.update())
            if len(rest) > _MAX_OPERATORS:
                raise RenderError(f"a jq program has more than {_MAX_OPERATORS} operators in a row")
        node = rest.pop()
        while rest:
            node = control.Alternative(rest.pop(), node)
        return node

    def update(self) -> Node:
        target = self.either()
        if self.peek().text == "?//=" and self.peek().kind == "sign":
            target = control.Try(target)
        elif not (self.peek().kind == "sign" and self.peek().text in _UPDATES):
            return target
        sign = self.next().text.removeprefix("?")
        source = self.alternative()
        if sign == "=":
            return updates.Assign(target, source)
        if sign == "|=":
            return updates.Modify(target, source)
        name = "$__update"
        given = nodes.Variable(name)
        change: Node
        if sign == "//=":
            change = control.Alternative(nodes.Identity(), given)
        else:
            change = nodes.Operator(sign[:-1], nodes.Identity(), given)
        pattern = control.Patterns([control.Pattern(name=name)])
        return control.Bind(source, pattern, updates.Modify(target, change))

    def either(self) -> Node:
        node = self.both()
        while self.take("or"):
            node = nodes.Logic(node, self.both(), stops_at=True)
        return node

    def both(self) -> Node:
        node = self.comparison()
        while self.take("and"):
            node = nodes.Logic(node, self.comparison(), stops_at=False)
        return node

    def comparison(self) -> Node:
        node = self.sum()
        if self.peek().kind == "sign" and self.peek().text in _COMPARISONS:
            sign = self.next().text
            node = nodes.Operator(sign, node, self.sum())
            if self.peek().kind == "sign" and self.peek().text in _COMPARISONS:
                raise self.error("unexpected comparison")
        return node

    def sum(self) -> Node:
        return self._left_associative(("+", "-"), self.product)

    def product(self) -> Node:
        return self._left_associative(("*", "/", "%"), self.postfix)

    def _left_associative(self, signs: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        node = operand()
        count = 0
        while self.peek().kind == "sign" and self.peek().text in signs:
            sign = self.next().text
            node = nodes.Operator(sign, node, operand())
            count += 1
            if count > _MAX_OPERATORS:
                raise RenderError(f"a jq program has more than {_MAX_OPERATORS} operators in a row")
        return node

    # Terms

    def postfix(self) -> Node:
        start = self.at
        node = self.unbound()
        if start == self.stage or not self.take("as"):
            return node
        patterns = self.patterns()
        self.expect("|")
        return control.Bind(node, patterns, self.pipe())

    def unbound(self) -> Node:
        if self.take("-"):
            return nodes.Negate(self.postfix())
        if self.take("reduce"):
            return self.suffixes(self.reduce())
        if self.take("foreach"):
            return self.suffixes(self.foreach())
        if self.take("if"):
            return self.suffixes(self.conditional())
        if self.take("try"):
            return self.attempt()
        return self.suffixes(self.term())

    def attempt(self) -> Node:
        body = self.postfix()
        return control.Try(body, self.postfix() if self.take("catch") else None)

    def suffixes(self, node: Node) -> Node:
        while True:
            token = self.peek()
            if token.kind == "field":
                self.at += 1
                node = nodes.Index(node, nodes.Literal(token.text[1:]))
            elif self.has(".") and self.peek(1).kind == "string":
                self.at += 1
                node = nodes.Index(node, self.string(nodes.PLAIN))
            elif self.has(".") and self.peek(1).text == "[":
                self.at += 1
            elif self.take("["):
                node = self.bracket(node)
            elif self.take("?"):
                node = control.Try(node)
            else:
                return node

    def bracket(self, target: Node) -> Node:
        if self.take("]"):
            return nodes.Iterate(target)
        if self.take(":"):
            top = self.pipe()
            self.expect("]")
            return nodes.Slice(target, _NULL, top)
        key = self.pipe()
        if self.take(":"):
            if self.take("]"):
                return nodes.Slice(target, key, _NULL)
            top = self.pipe()
            self.expect("]")
            return nodes.Slice(target, key, top)
        self.expect("]")
        return nodes.Index(target, key)

    def term(self) -> Node:
        token = self.next()
        if token.kind == "field":
            return nodes.Index(nodes.Identity(), nodes.Literal(token.text[1:]))
        if token.kind == "number":
            return nodes.Literal(_number(token.text))
        if token.kind == "string":
            self.at -= 1
            return self.string(nodes.PLAIN)
        if token.kind == "format":
            return self.format(token)
        if token.kind == "var":
            return self.variable_term(token)
        if token.kind == "name":
            return self.call(token)
        if token.kind == "sign":
            return self.sign_term(token)
        if token.text == "def":
            self.at -= 1
            defined = self.definition(nodes.Identity)
            rest = self.pipe()
            return control.Define(defined.name, defined.parameters, defined.body, rest)
        self.at -= 1
        raise self.error("unexpected token")

    def sign_term(self, token: Token) -> Node:
        if token.text == "..":
            return nodes.Descend()
        if token.text == ".":
            if self.peek().kind == "string":
                return nodes.Index(nodes.Identity(), self.string(nodes.PLAIN))
            return nodes.Identity()
        if token.text == "(":
            inner = self.pipe()
            self.expect(")")
            return inner
        if token.text == "[":
            if self.take("]"):
                return nodes.ListOf(None)
            body = self.pipe()
            self.expect("]")
            return nodes.ListOf(body)
        if token.text == "{":
            return self.map()
        if token.text == "$" and self.take("__loc__"):
            return self._location(token)
        self.at -= 1
        raise self.error("unexpected token")

    def _location(self, token: Token) -> Node:
        line = self.program.count("\n", 0, token.at) + 1
        return nodes.Literal({"file": "<top-level>", "line": line})

    def variable(self) -> str:
        token = self.next()
        if token.kind != "var":
            self.at -= 1
            raise self.error("expected a variable")
        return token.text

    def variable_term(self, token: Token) -> Node:
        if token.text == "$ENV":
            raise RenderError("jq: $ENV is not available in expressions")
        if token.text == "$__loc__":
            return self._location(token)
        if token.text == "$__prog_args":
            return nodes.Literal([])
        return nodes.Variable(token.text)

    def call(self, token: Token) -> Node:
        name = token.text
        constants = {"null": None, "true": True, "false": False}
        if name in constants and not self.has("("):
            return nodes.Literal(constants[name])
        if name == "break" and self.peek().kind == "var":
            return control.Break(self.variable())
        arguments: list[Node] = []
        if self.take("("):
            arguments.append(self.pipe())
            while self.take(";"):
                arguments.append(self.pipe())
            self.expect(")")
        if name == "not" and not arguments:
            return nodes.Not()
        if name == "recurse" and not arguments:
            return nodes.Descend()
        return Call(name, arguments, library)

    def string(self, format_: Callable[[object], str]) -> Node:
        token = self.next()
        pieces = [part for part in token.parts if isinstance(part, str)]
        inner = [part for part in token.parts if not isinstance(part, str)]
        if not inner:
            return nodes.Literal(pieces[0])
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            raise RenderError(f"a jq program is nested deeper than {_MAX_NESTING} levels")
        programs: list[Node] = []
        for part in inner:
            reader = _Reader(self.program, part)
            reader.nesting = self.nesting
            programs.append(reader.whole())
        self.nesting -= 1
        return nodes.Text(pieces, programs, format_)

    def format(self, token: Token) -> Node:
        function = FORMATS.get(token.text)
        if function is None:
            raise RenderError(f"jq: {token.text[1:]} is not a valid format")
        if self.peek().kind == "string":
            return self.string(function)
        return nodes.Formatted(function)

    # Maps

    def map(self) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            if entries:
                self.expect(",")
                if self.take("}"):
                    break
            entries.append(self.entry())
        return nodes.MapOf(entries)

    def entry(self) -> tuple[Node, Node]:
        token = self.next()
        key: Node
        implied: Node
        if token.kind == "var":
            key, implied = nodes.Literal(token.text[1:]), self.variable_term(token)
        elif token.text == "$" and self.take("__loc__"):
            key, implied = nodes.Literal("__loc__"), self._location(token)
        elif token.kind in ("name", "keyword"):
            key = nodes.Literal(token.text)
            implied = nodes.Index(nodes.Identity(), key)
        elif token.kind == "number":
            key = implied = nodes.Literal(_number(token.text))
        elif token.kind in ("string", "format"):
            self.at -= token.kind == "string"
            key = self.string(nodes.PLAIN) if token.kind == "string" else self.format(token)
            implied = nodes.Index(nodes.Identity(), key)
        elif token.text == "(":
            key = self.pipe()
            self.expect(")")
            self.expect(":")
            return key, self.entry_value()
        else:
            self.at -= 1
            raise self.error("expected a key")
        return key, self.entry_value() if self.take(":") else implied

    def entry_value(self) -> Node:
        node = self.alternative()
        while self.take("|"):
            node = nodes.Pipe(node, self.alternative())
        return node

    # Binding and control

    def patterns(self) -> control.Patterns:
        found = [self.pattern()]
        while self.take("?//"):
            found.append(self.pattern())
        return control.Patterns(found)

    def pattern(self) -> control.Pattern:
        if self.peek().kind == "var":
            return control.Pattern(name=self.next().text)
        if self.take("["):
            items = [self.pattern()]
            while self.take(","):
                items.append(self.pattern())
            self.expect("]")
            return control.Pattern(items=tuple(items))
        self.expect("{")
        entries = [self.pattern_entry()]
        while self.take(","):
            entries.append(self.pattern_entry())
        self.expect("}")
        return control.Pattern(entries=tuple(entries))

    def pattern_entry(self) -> tuple[Node, str, control.Pattern | None]:
        token = self.next()
        if token.kind == "var":
            key: Node = nodes.Literal(token.text[1:])
            return key, token.text, self.pattern() if self.take(":") else None
        if token.kind in ("name", "keyword"):
            key = nodes.Literal(token.text)
        elif token.kind == "string":
            self.at -= 1
            key = self.string(nodes.PLAIN)
        elif token.text == "(":
            key = self.pipe()
            self.expect(")")
        else:
            self.at -= 1
            raise self.error("expected a key")
        self.expect(":")
        return key, "", self.pattern()

    def reduce(self) -> Node:
        source, patterns = self._source()
        init = self.pipe()
        self.expect(";")
        update = self.pipe()
        self.expect(")")
        return control.Reduce(source, patterns, init, update)

    def foreach(self) -> Node:
        source, patterns = self._source()
        init = self.pipe()
        self.expect(";")
        update = self.pipe()
        extract = self.pipe() if self.take(";") else nodes.Identity()
        self.expect(")")
        return control.Foreach(source, patterns, init, update, extract)

    def _source(self) -> tuple[Node, control.Patterns]:
        source = self.unbound()
        self.expect("as")
        patterns = self.patterns()
        self.expect("(")
        return source, patterns

    def conditional(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while True:
            condition = self.pipe()
            self.expect("then")
            branches.append((condition, self.pipe()))
            if not self.take("elif"):
                break
        node: Node = self.pipe() if self.take("else") else nodes.Identity()
        self.expect("end")
        for condition, yes in reversed(branches):
            node = control.If(condition, yes, node)
        return node


def _number(text: str) -> int | float:
    if text.isdigit():
        if len(text) > 1000:
            raise RenderError("a number in a jq program has too many digits")
        return int(text)
    return normal(float(text))
