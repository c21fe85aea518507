"""Reads a jq program into nodes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kestrel_cli.jq import binding, control, nodes, operators, updates
from kestrel_cli.jq.calls import Call
from kestrel_cli.jq.errors import ProgramError
from kestrel_cli.jq.lexer import tokens
from kestrel_cli.jq.prelude import SOURCES
from kestrel_cli.jq.terms import TermReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kestrel_cli.jq.machine import Node

_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_UPDATES: Final = frozenset({"=", "|=", "+=", "-=", "*=", "/=", "%=", "//="})
_MAX_OPERATORS: Final = 100


@lru_cache(maxsize=128)
def parsed(program: str) -> Node:
    """The program's node; ProgramError says what is wrong and where."""
    reader = _Reader(program, tokens(program))
    if reader.peek().kind == "end":
        return nodes.Identity()
    return reader.whole()


@lru_cache(maxsize=256)
def library(name: str, arity: int) -> binding.Define | None:
    """The prelude's definition, or None."""
    source = SOURCES.get((name, arity))
    if source is None:
        return None
    reader = _Reader(source, tokens(source))
    return reader.definition()


def _too_many() -> ProgramError:
    return ProgramError(f"a jq program has more than {_MAX_OPERATORS} operators in a row")


class _Reader(TermReader):
    """Recursive descent: operators from the loosest to the tightest, then `terms`."""

    # Where the current stage of a pipe starts: a binding there is handled by the pipe's loop.
    stage = -1

    def call_of(self, name: str, arguments: Sequence[Node]) -> Node:
        return Call(name, arguments, library)

    def whole(self) -> Node:
        node = self.pipe()
        if self.peek().kind != "end":
            raise self.error("unexpected token")
        return node

    def pipe(self) -> Node:
        self.enter()
        node = self._pipe()
        self.leave()
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
                    lambda rest, node=node, patterns=patterns: binding.Bind(node, patterns, rest)  # type: ignore[misc]
                )
            elif self.take("|"):
                stages.append(lambda rest, node=node: operators.Pipe(node, rest))  # type: ignore[misc]
            else:
                break
        for stage in reversed(stages):
            node = stage(node)
        return node

    def _definition_stage(self) -> Callable[[Node], Node]:
        defined = self.definition()

        def stage(rest: Node) -> Node:
            return binding.Define(defined.name, defined.parameters, defined.body, rest)

        return stage

    def definition(self) -> binding.Define:
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
        return binding.Define(name, parameters, body, nodes.Identity())

    def parameter(self) -> str:
        token = self.next()
        if token.kind not in ("name", "var", "keyword"):
            raise self.error("expected a parameter")
        return token.text

    def comma(self) -> Node:
        node = self.alternative()
        while self.take(","):
            node = operators.Comma(node, self.alternative())
        return node

    def alternative(self) -> Node:
        left = self.update()
        rest: list[Node] = [left]
        while self.has("//") or self.has("?//"):
            if self.next().text == "?//":
                rest[-1] = control.Try(rest[-1])
            rest.append(self.update())
            if len(rest) > _MAX_OPERATORS:
                raise _too_many()
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
            change = operators.Operator(sign[:-1], nodes.Identity(), given)
        pattern = binding.Patterns([binding.Pattern(name=name)])
        return binding.Bind(source, pattern, updates.Modify(target, change))

    def either(self) -> Node:
        node = self.both()
        while self.take("or"):
            node = operators.Logic(node, self.both(), stops_at=True)
        return node

    def both(self) -> Node:
        node = self.comparison()
        while self.take("and"):
            node = operators.Logic(node, self.comparison(), stops_at=False)
        return node

    def comparison(self) -> Node:
        node = self.sum()
        if self.peek().kind == "sign" and self.peek().text in _COMPARISONS:
            sign = self.next().text
            node = operators.Operator(sign, node, self.sum())
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
            node = operators.Operator(sign, node, operand())
            count += 1
            if count > _MAX_OPERATORS:
                raise _too_many()
        return node

    def postfix(self) -> Node:
        start = self.at
        node = self.unbound()
        if start == self.stage or not self.take("as"):
            return node
        patterns = self.patterns()
        self.expect("|")
        return binding.Bind(node, patterns, self.pipe())

    def unbound(self) -> Node:
        if self.take("-"):
            return operators.Negate(self.postfix())
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

    def _source(self) -> tuple[Node, binding.Patterns]:
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
