"""Jinja2's code generator, with values kept as they are and some operands evaluated on demand."""

from collections.abc import Iterable
from typing import Any, Final

from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.nativetypes import NativeCodeGenerator

# Internal functions that decide themselves whether, and inside which `try`, an operand is
# evaluated.
LAZY: Final = frozenset(
    {
        "coalesce",
        "when_missing",
        "is_defined",
        "default",
        "holds",
        "add",
        "subtract",
        "multiply",
        "divide",
        "modulo",
        "equals",
        "differs",
    }
)
_MOST_TOGETHER: Final = 20
_SHORT: Final = 256


class _GlobalNames(dict[str, str]):
    """The names under which the generated code finds the functions: those of its module."""

    def __missing__(self, name: str) -> str:
        return global_name(name)


def global_name(function: str) -> str:
    """`filter upper` as an identifier."""
    return "f_" + function.replace(" ", "_")


class ValueCodeGenerator(NativeCodeGenerator):
    """Yields values, not text: one compiled template serves text and typed rendering."""

    def pull_dependencies(self, nodes: Iterable[nodes.Node]) -> None:
        """Nothing to be looked up: the functions are there by name.

        That halves what Python has to compile.
        """
        self.filters = _GlobalNames()

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        """Only text is joined at compile time: constants keep their type."""
        if isinstance(node, nodes.TemplateData):
            return node.data
        raise nodes.Impossible

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802  Jinja2's naming
        """Texts and values side by side, as loops have them: one text where all values are short
        texts or integers. Not in macros, whose text is only counted when they end.
        """
        texts = sum(isinstance(child, nodes.TemplateData) for child in node.nodes)
        together_at_most = _MOST_TOGETHER if frame.buffer is None else 0
        if not 0 < texts < len(node.nodes) <= together_at_most:
            super().visit_Output(node, frame)
            return
        pieces, checks, together = [], [], ""
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                pieces.append(repr(child.data))
                together += child.data.replace("{", "{{").replace("}", "}}")
                continue
            name = self.temporary_identifier()
            self.writeline(f"{name} = ", child)
            self.visit(child, frame)
            pieces.append(name)
            short = f"type({name}) is str and len({name}) < {_SHORT}"
            checks.append(f"(type({name}) is int or {short})")
            together += f"{{{name}}}"
        self.writeline(f"if {' and '.join(checks)}:")
        self.indent()
        self.writeline(f"yield f{together!r}")
        self.outdent()
        self.writeline("else:")
        self.indent()
        for piece in pieces:
            self.writeline(f"yield {piece}")
        self.outdent()

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802  Jinja2's naming
        if self._is_count(node):
            self.visit(node.node, frame)  # type: ignore[arg-type]  # it is a Name
            self.write(f".{node.args[0].value}")  # type: ignore[attr-defined]  # it is a Const
            return
        if node.name not in LAZY or node.node is None:
            super().visit_Filter(node, frame)
            return
        if node.name == "coalesce" and self._is_part(node.node):
            self._coalesce_part(node.node, node.args[0], frame)  # type: ignore[arg-type]  # a Filter
            return
        self.write(f"{self.filters[node.name]}(")
        for operand in (node.node, *node.args):
            self.write("(lambda: ")
            self.visit(operand, frame)
            self.write("), ")
        self.write(")")

    def _is_part(self, node: nodes.Node | None) -> bool:
        """`a.b`, with a name that is known now."""
        return (
            isinstance(node, nodes.Filter)
            and node.name == "get"
            and isinstance(node.args[0], nodes.Const)
            and isinstance(node.args[0].value, str)
        )

    def _is_count(self, node: nodes.Filter) -> bool:
        """`loop.index` and `loop.length`, which are there and plain."""
        return (
            self._is_part(node)
            and isinstance(node.node, nodes.Name)
            and node.node.name == "loop_state"
            and node.args[0].value in ("index", "length")  # type: ignore[attr-defined]  # a Const
        )

    def _coalesce_part(self, part: nodes.Filter, right: nodes.Expr, frame: Frame) -> None:
        """`a.b ?? c`: no error is made of a key that is not there."""
        self.write(f"{self.filters['coalesce_part']}((lambda: ")
        self.visit(part.node, frame)  # type: ignore[arg-type]  # `get` has a holder
        self.write("), ")
        for argument in part.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write("(lambda: ")
        self.visit(right, frame)
        self.write("))")
