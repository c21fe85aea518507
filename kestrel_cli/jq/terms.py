"""Reads the terms of a jq program: literals, paths, calls, maps, and the patterns that bind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.jq import binding, control, nodes, operators
from kestrel_cli.jq.cursor import Cursor
from kestrel_cli.jq.errors import ProgramError
from kestrel_cli.jq.formats import FORMATS
from kestrel_cli.jq.values import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kestrel_cli.jq.lexer import Token
    from kestrel_cli.jq.machine import Node


class TermReader(Cursor):
    """Terms hold whole programs, which a subclass reads."""

    def whole(self) -> Node:
        """A program up to the last token."""
        raise NotImplementedError

    def pipe(self) -> Node:
        """A program up to a token that cannot go on with it."""
        raise NotImplementedError

    def alternative(self) -> Node:
        """A program without `|` and `,` outside of brackets."""
        raise NotImplementedError

    def call_of(self, name: str, arguments: Sequence[Node]) -> Node:
        """The node of a function call."""
        raise NotImplementedError

    def suffixes(self, node: Node) -> Node:
        """What may follow a term: fields, brackets, question marks."""
        while True:
            token = self.peek()
            if token.kind == "field":
                self.at += 1
                node = nodes.Index(node, nodes.Literal(token.text[1:]))
            elif self.has(".") and self.peek(1).kind == "string":
                self.at += 1
                node = nodes.Index(node, self.string(operators.PLAIN))
            elif self.has(".") and self.peek(1).text == "[":
                self.at += 1
            elif self.take("["):
                node = self.bracket(node)
            elif self.take("?"):
                node = control.Try(node)
            else:
                return node

    def bracket(self, target: Node) -> Node:
        """After `[`: nothing, an index, or a slice."""
        if self.take("]"):
            return nodes.Iterate(target)
        if self.take(":"):
            top = self.pipe()
            self.expect("]")
            return nodes.Slice(target, _null(), top)
        key = self.pipe()
        if self.take(":"):
            if self.take("]"):
                return nodes.Slice(target, key, _null())
            top = self.pipe()
            self.expect("]")
            return nodes.Slice(target, key, top)
        self.expect("]")
        return nodes.Index(target, key)

    def term(self) -> Node:
        """A term without what may follow it."""
        token = self.next()
        reader = {
            "field": self.field,
            "number": self.number,
            "string": self.text,
            "format": self.format,
            "var": self.variable_term,
            "name": self.call,
            "sign": self.sign_term,
        }.get(token.kind)
        if reader is not None:
            return reader(token)
        self.at -= 1
        if token.text == "def":
            return self.pipe()
        raise self.error("unexpected token")

    def field(self, token: Token) -> Node:
        """`.name`"""
        return nodes.Index(nodes.Identity(), nodes.Literal(token.text[1:]))

    def number(self, token: Token) -> Node:
        """A number."""
        return nodes.Literal(_number(token.text))

    def text(self, token: Token) -> Node:
        """A string that was just stepped over."""
        self.at -= 1
        return self.string(operators.PLAIN)

    def sign_term(self, token: Token) -> Node:
        """A term that starts with a sign."""
        if token.text == "..":
            return nodes.Descend()
        if token.text == ".":
            if self.peek().kind == "string":
                return nodes.Index(nodes.Identity(), self.string(operators.PLAIN))
            return nodes.Identity()
        if token.text == "{":
            return self.map()
        if token.text in ("(", "["):
            return self.enclosed(token.text)
        if token.text == "$" and self.take("__loc__"):
            return self._location(token)
        self.at -= 1
        raise self.error("unexpected token")

    def enclosed(self, start: str) -> Node:
        """`(program)` or `[program]`."""
        if start == "[" and self.take("]"):
            return operators.ListOf(None)
        inner = self.pipe()
        self.expect(")" if start == "(" else "]")
        return operators.ListOf(inner) if start == "[" else inner

    def _location(self, token: Token) -> Node:
        line = self.program.count("\n", 0, token.at) + 1
        return nodes.Literal({"file": "<top-level>", "line": line})

    def variable_term(self, token: Token) -> Node:
        """`$name`"""
        if token.text == "$ENV":
            raise ProgramError("jq: $ENV is not available here")
        if token.text == "$__loc__":
            return self._location(token)
        if token.text == "$__prog_args":
            return nodes.Literal([])
        return nodes.Variable(token.text)

    def call(self, token: Token) -> Node:
        """A constant, `break $label`, or a function call."""
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
            return operators.Not()
        if name == "recurse" and not arguments:
            return nodes.Descend()
        return self.call_of(name, arguments)

    def string(self, format_: Callable[[object], str]) -> Node:
        """A string, its interpolations put through the format."""
        token = self.next()
        pieces = [part for part in token.parts if isinstance(part, str)]
        inner = [part for part in token.parts if not isinstance(part, str)]
        if not inner:
            return nodes.Literal(pieces[0])
        self.enter()
        programs = [type(self)(self.program, part, self.nesting).whole() for part in inner]
        self.leave()
        return operators.Text(pieces, programs, format_)

    def format(self, token: Token) -> Node:
        """`@format`, or `@format "string"`."""
        function = FORMATS.get(token.text)
        if function is None:
            raise ProgramError(f"jq: {token.text[1:]} is not a valid format")
        if self.peek().kind == "string":
            return self.string(function)
        return operators.Formatted(function)

    def map(self) -> Node:
        """After `{`: the entries."""
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            if entries:
                self.expect(",")
                if self.take("}"):
                    break
            entries.append(self.entry())
        return operators.MapOf(entries)

    def entry(self) -> tuple[Node, Node]:
        """A key and its value. A key alone stands for the field, or variable, of its name."""
        if self.take("("):
            key = self.pipe()
            self.expect(")")
            self.expect(":")
            return key, self.entry_value()
        key, implied = self.simple_key()
        return key, self.entry_value() if self.take(":") else implied

    def simple_key(self) -> tuple[Node, Node]:
        """A key that is a word, a string or a variable, and the value it implies."""
        token = self.next()
        if token.kind == "var":
            return nodes.Literal(token.text[1:]), self.variable_term(token)
        if token.text == "$" and self.take("__loc__"):
            return nodes.Literal("__loc__"), self._location(token)
        key: Node
        if token.kind in ("name", "keyword"):
            key = nodes.Literal(token.text)
        elif token.kind == "number":
            key = self.number(token)
        elif token.kind == "string":
            key = self.text(token)
        elif token.kind == "format":
            key = self.format(token)
        else:
            self.at -= 1
            raise self.error("expected a key")
        return key, nodes.Index(nodes.Identity(), key)

    def entry_value(self) -> Node:
        """The value after a colon, up to the next comma."""
        node = self.alternative()
        while self.take("|"):
            node = operators.Pipe(node, self.alternative())
        return node

    def patterns(self) -> binding.Patterns:
        """One pattern or several alternatives."""
        found = [self.pattern()]
        while self.take("?//"):
            found.append(self.pattern())
        return binding.Patterns(found)

    def pattern(self) -> binding.Pattern:
        """`$name`, `[...]` or `{...}`."""
        if self.peek().kind == "var":
            return binding.Pattern(name=self.next().text)
        if self.take("["):
            items = [self.pattern()]
            while self.take(","):
                items.append(self.pattern())
            self.expect("]")
            return binding.Pattern(items=tuple(items))
        self.expect("{")
        entries = [self.pattern_entry()]
        while self.take(","):
            entries.append(self.pattern_entry())
        self.expect("}")
        return binding.Pattern(entries=tuple(entries))

    def pattern_entry(self) -> tuple[Node, str, binding.Pattern | None]:
        """A key, the variable it binds itself, and the pattern for its value."""
        token = self.next()
        if token.kind == "var":
            key: Node = nodes.Literal(token.text[1:])
            return key, token.text, self.pattern() if self.take(":") else None
        if token.kind in ("name", "keyword"):
            key = nodes.Literal(token.text)
        elif token.kind == "string":
            self.at -= 1
            key = self.string(operators.PLAIN)
        elif token.text == "(":
            key = self.pipe()
            self.expect(")")
        else:
            self.at -= 1
            raise self.error("expected a key")
        self.expect(":")
        return key, "", self.pattern()


def _null() -> Node:
    return nodes.Literal(None)


def _number(text: str) -> int | float:
    if text.isdigit():
        if len(text) > 1000:
            raise ProgramError("a number in a jq program has too many digits")
        return int(text)
    return normal(float(text))
