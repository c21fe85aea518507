"""Jinja2's code generator, with values kept as they are and some operands evaluated on demand."""

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


class ValueCodeGenerator(NativeCodeGenerator):
    """Yields values instead of text, so that one compiled template serves text and typed
    rendering.
    """

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        """Only text is joined at compile time: constants keep their type."""
        if isinstance(node, nodes.TemplateData):
            return node.data
        raise nodes.Impossible

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802  Jinja2's naming
        if node.name not in LAZY or node.node is None:
            super().visit_Filter(node, frame)
            return
        self.write(f"{self.filters[node.name]}(")
        for operand in (node.node, *node.args):
            self.write("(lambda: ")
            self.visit(operand, frame)
            self.write("), ")
        self.write(")")
