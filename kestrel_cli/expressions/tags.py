"""Parts of a template to Jinja2's syntax tree: prints, tags and their bodies.

Variables are Jinja2's own static locals where that gives the dialect's meaning. A template that
assigns (`set`) and loops gets a run-time chain of scopes instead, because there an assignment in a
loop changes the variable outside.
"""

from typing import Final

from jinja2 import nodes

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.calls import applied, operator_table
from kestrel_cli.expressions.identifiers import mangled
from kestrel_cli.expressions.lexer import Part, Token, line_of, parts, syntax_error
from kestrel_cli.expressions.parser import ExpressionParser

_UNASSIGNABLE: Final = frozenset({"true", "false", "null", "none", "TRUE", "FALSE", "NULL", "NONE"})

# Python takes a second to compile so many.
_MOST_PARTS: Final = 3_000
_MOST_TOKENS: Final = 20_000


def parse(source: str, compat: int) -> nodes.Template:
    """The syntax tree of a template. Raises RenderError with the place of the first mistake."""
    return _TemplateParser(source, compat).run()


class _TemplateParser:
    def __init__(self, source: str, compat: int) -> None:
        self.source = source
        self.parts = parts(source)
        self.operators = operator_table(compat)
        codes = [part for part in self.parts if part.kind != "text"]
        if len(codes) > _MOST_PARTS or sum(len(part.tokens) for part in codes) > _MOST_TOKENS:
            raise RenderError(
                f"The template is too complex: more than {_MOST_PARTS} expressions and tags, "
                f"or {_MOST_TOKENS} words in them"
            )
        tags = {part.tokens[0].value for part in self.parts if part.kind == "tag" and part.tokens}
        self.dynamic = "set" in tags and bool(tags & {"for", "macro"})
        self.index = 0
        self.loops = 0
        self.asked_loop = False  # the body of the loop being read names `loop`
        self.locals: set[str] | None = None  # inside a macro: the names it may see
        self.macros = self._declared_macros()
        self.hoisted: list[nodes.Node] = []

    def run(self) -> nodes.Template:
        body = self._body((), "")
        return nodes.Template([*self.hoisted, *body], lineno=1)

    # -- parts
    # ---------------------------------------------------------------------------------------

    def _body(self, ends: tuple[str, ...], opened: str) -> list[nodes.Node]:
        """Nodes up to one of the tags `ends`, which is left to be read."""
        found: list[nodes.Node] = []
        while self.index < len(self.parts):
            part = self.parts[self.index]
            line = line_of(self.source, part.at)
            if part.kind == "text":
                self._output(found, nodes.TemplateData(part.text), line)
            elif part.kind == "print":
                self._output(found, self._expressions(part).whole(), line)
            elif (name := self._tag_name(part)) in ends:
                return found
            else:
                self.index += 1
                found.extend(self._tag(name, part, line))
                continue
            self.index += 1
        if ends:
            raise RenderError(
                f'Unexpected end of template. Pebble was looking for the "{opened}" tag',
                at=len(self.source),
                line=line_of(self.source, len(self.source)),
            )
        return found

    def _output(self, found: list[nodes.Node], one: nodes.Expr, line: int) -> None:
        """One more output; in a loop it goes together with the one before, which is quicker."""
        if self.loops and found and isinstance(found[-1], nodes.Output):
            found[-1].nodes.append(one)
        else:
            found.append(nodes.Output([one], lineno=line))

    def _tag_name(self, part: Part) -> str:
        if not part.tokens or part.tokens[0].kind != "name":
            raise syntax_error("A block must start with a tag name.", self.source, part.at)
        return part.tokens[0].value

    def _expressions(self, part: Part, skip: int = 0) -> ExpressionParser:
        last = part.tokens[-1] if part.tokens else Token("end", "", part.at + 2)
        end = last.at + len(last.value)
        return ExpressionParser(
            part.tokens[skip:], self.source, end, self.operators, self._variable, self.macros
        )

    def _tag(self, name: str, part: Part, line: int) -> list[nodes.Node]:
        match name:
            case "if":
                return [self._if(part, line)]
            case "for":
                return self._for(part, line)
            case "set":
                return [self._set(part, line)]
            case "macro":
                self._macro(part, line)
                return []
            case "block":
                return self._block(part, line)
            case "filter":
                return [self._filter(part, line)]
            case _:
                raise syntax_error(f'Unexpected tag name "{name}"', self.source, part.at)

    def _end(self) -> tuple[str, Part]:
        part = self.parts[self.index]
        self.index += 1
        return part.tokens[0].value, part

    # -- variables
    # -----------------------------------------------------------------------------------

    def _variable(self, name: str, line: int) -> nodes.Expr:
        if name == "loop" and self.loops:
            self.asked_loop = True
            return nodes.Name("loop_state", "load", lineno=line)
        if self.dynamic:
            return applied("read", nodes.Const(name), line=line)
        if self.locals is not None and name not in self.locals:
            return applied("missing_name", nodes.Const(name), line=line)
        return nodes.Name(f"v_{mangled(name)}", "load", lineno=line)

    def _write(self, name: str, value: nodes.Expr, line: int, how: str) -> nodes.Node:
        """`how` is "assign" (nearest scope that has it) or "bind" (the innermost scope)."""
        return nodes.ExprStmt(applied(how, nodes.Const(name), value, line=line), lineno=line)

    # -- tags
    # ----------------------------------------------------------------------------------------

    def _if(self, part: Part, line: int) -> nodes.If:
        test = self._condition(part)
        body = self._body(("elseif", "else", "endif"), "endif")
        name, following = self._end()
        branches: list[nodes.If] = []
        otherwise: list[nodes.Node] = []
        while name == "elseif":
            condition = self._condition(following)
            inner = self._body(("elseif", "else", "endif"), "endif")
            branches.append(nodes.If(condition, inner, [], [], lineno=line))
            name, following = self._end()
        if name == "else":
            otherwise = self._body(("endif",), "endif")
            self._end()
        return nodes.If(test, body, branches, otherwise, lineno=line)

    def _condition(self, part: Part) -> nodes.Expr:
        return applied("holds", self._expressions(part, 1).whole())

    def _for(self, part: Part, line: int) -> list[nodes.Node]:
        words = self._expressions(part, 1)
        name = words.name()
        if words.current.kind != "name" or words.current.value != "in":
            raise words.unexpected("expected `in`")
        words.next()
        values = words.whole()
        known = self.locals
        if known is not None:
            self.locals = known | {name}
        self.loops += 1
        above, self.asked_loop = self.asked_loop, False
        body = self._body(("else", "endfor"), "endfor")
        self.loops -= 1
        asked, self.asked_loop = self.asked_loop, above
        self.locals = known
        otherwise: list[nodes.Node] = []
        if self._end()[0] == "else":
            otherwise = self._body(("endfor",), "endfor")
            self._end()
        return [self._loop(name, values, body, otherwise, line, asked=asked)]

    def _loop(
        self,
        name: str,
        values: nodes.Expr,
        body: list[nodes.Node],
        otherwise: list[nodes.Node],
        line: int,
        *,
        asked: bool,
    ) -> nodes.Node:
        variable = "loop_item" if self.dynamic else f"v_{mangled(name)}"
        if self.dynamic:
            opened = nodes.ExprStmt(applied("open_scope", nodes.Const(None)), lineno=line)
            closed = nodes.ExprStmt(applied("close_scope", nodes.Const(None)), lineno=line)
            bound = self._write(name, nodes.Name("loop_item", "load"), line, "bind")
            body = [opened, bound, *body, closed]
        target: nodes.Node = nodes.Name(variable, "store", lineno=line)
        walked = applied("iterate" if asked else "items", values)
        if asked:  # the body asks for `loop`
            target = nodes.Tuple([nodes.Name("loop_state", "store"), target], "store", lineno=line)
        loop = nodes.For(target, walked, body, otherwise, None, False, lineno=line)
        if not otherwise:
            return loop
        # Null has neither elements nor an "else"; the value is looked at twice only where there is
        # an else.
        return nodes.If(applied("is_not_null", values), [loop], [], [], lineno=line)

    def _set(self, part: Part, line: int) -> nodes.Node:
        words = self._expressions(part, 1)
        if words.current.value in _UNASSIGNABLE:
            message = f"Can not assign a value to {words.current.value}"
            raise syntax_error(message, self.source, words.current.at)
        name = words.name()
        words.expect("=")
        value = words.whole()
        if self.locals is not None:
            self.locals.add(name)
        if self.dynamic:
            return self._write(name, value, line, "assign")
        return nodes.Assign(nodes.Name(f"v_{mangled(name)}", "store"), value, lineno=line)

    def _declared_macros(self) -> dict[str, tuple[str, ...]]:
        """Macros may be called before they are defined, so their headers are read first."""
        found: dict[str, tuple[str, ...]] = {}
        self.macros = found
        for part in self.parts:
            if part.kind == "tag" and part.tokens and part.tokens[0].value == "macro":
                name, parameters, _ = self._header(part)
                found[name] = tuple(parameters)
        return found

    def _header(self, part: Part) -> tuple[str, list[str], list[nodes.Expr]]:
        words = self._expressions(part, 1)
        name = words.name()
        parameters: list[str] = []
        defaults: list[nodes.Expr] = []
        words.expect("(")
        while not words.skip(")"):
            if parameters:
                words.expect(",")
            parameters.append(words.name())
            defaults.append(words.expression() if words.skip("=") else nodes.Const(None))
        words.done()
        return name, parameters, defaults

    def _macro(self, part: Part, line: int) -> None:
        name, parameters, defaults = self._header(part)
        around, loops = self.locals, self.loops
        self.locals, self.loops = set(parameters), 0
        body = self._body(("endmacro",), "endmacro")
        self._end()
        self.locals, self.loops = around, loops
        arguments = [nodes.Name(f"v_{mangled(p)}", "param") for p in parameters]
        if self.dynamic:
            binds = [
                self._write(p, nodes.Name(argument.name, "load"), line, "bind")
                for p, argument in zip(parameters, arguments, strict=True)
            ]
            opened = nodes.ExprStmt(applied("open_scope", nodes.Const(True)), lineno=line)
            closed = nodes.ExprStmt(applied("close_scope", nodes.Const(None)), lineno=line)
            body = [opened, *binds, *body, closed]
        macro = nodes.Macro(f"macro_{mangled(name)}", arguments, defaults, body, lineno=line)
        self.hoisted.append(macro)

    def _block(self, part: Part, line: int) -> list[nodes.Node]:
        words = self._expressions(part, 1)
        name = words.next().value if words.current.kind == "string" else words.name()
        words.done()
        body = self._body(("endblock",), "endblock")
        self._end()
        # In place the body prints as part of the template; again, by block(), as text of its own.
        return [nodes.Macro(f"block_{mangled(name)}", [], [], body, lineno=line), *body]

    def _filter(self, part: Part, line: int) -> nodes.Node:
        words = self._expressions(part, 1)
        chain = words.filter(None)
        while words.skip("|"):
            chain = words.filter(chain)
        words.done()
        body = self._body(("endfilter",), "endfilter")
        self._end()
        return nodes.FilterBlock(body, chain, lineno=line)
