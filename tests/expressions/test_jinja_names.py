"""What the dialect takes from Jinja2 beyond its documented interface, listed and looked up.

Jinja2 promises none of these. A release that renames one has to fail here, with the name, and not
in the middle of a template; this is why `pyproject.toml` keeps Jinja2 below the next minor version.
"""

import ast
import inspect
import re
from pathlib import Path

import jinja2.compiler
import jinja2.environment
import jinja2.nativetypes
import jinja2.nodes
import jinja2.utils
import pytest

import kestrel_cli.expressions
from kestrel_cli.expressions.environment import Rendering

# What is used, and the parameters that calls and overriding methods rely on.
FUNCTIONS = {
    jinja2.compiler.generate: ["node", "environment", "name", "filename", "stream", "defer_init",
                               "optimized"],
    jinja2.compiler.CodeGenerator.pull_dependencies: ["self", "nodes"],
    jinja2.compiler.CodeGenerator.visit_Output: ["self", "node", "frame"],
    jinja2.compiler.CodeGenerator.visit_Filter: ["self", "node", "frame"],
    jinja2.compiler.CodeGenerator.temporary_identifier: ["self"],
    jinja2.compiler.CodeGenerator.write: ["self", "x"],
    jinja2.compiler.CodeGenerator.writeline: ["self", "x", "node", "extra"],
    jinja2.compiler.CodeGenerator.indent: ["self"],
    jinja2.compiler.CodeGenerator.outdent: ["self", "step"],
    jinja2.compiler.CodeGenerator.visit: ["self", "node", "args", "kwargs"],
    jinja2.nativetypes.NativeCodeGenerator._output_child_to_const: ["self", "node", "frame",
                                                                    "finalize"],
    jinja2.nodes.Node.set_environment: ["self", "environment"],
    jinja2.nodes.EvalContext: ["environment", "template_name"],
    jinja2.environment.Undefined: ["hint", "obj", "name", "exc"],
}  # fmt: skip
NAMES = [
    (jinja2.environment.Environment, "code_generator_class"),
    (jinja2.environment.Environment, "concat"),
    (jinja2.nodes, "Impossible"),
    (jinja2.utils, "missing"),
    (jinja2.utils, "pass_context"),
    (jinja2.compiler.Frame(jinja2.nodes.EvalContext(jinja2.Environment())), "buffer"),
    (jinja2.nativetypes.NativeCodeGenerator(jinja2.Environment(), None, None), "filters"),
]
# Nodes are made by keyword: the fields of each kind that is made.
FIELDS = {
    "And": ("left", "right"), "Assign": ("target", "node"),
    "Call": ("node", "args", "kwargs", "dyn_args", "dyn_kwargs"),
    "CondExpr": ("test", "expr1", "expr2"), "Const": ("value",), "Dict": ("items",),
    "ExprStmt": ("node",), "Filter": ("node", "name", "args", "kwargs", "dyn_args", "dyn_kwargs"),
    "FilterBlock": ("body", "filter"),
    "For": ("target", "iter", "body", "else_", "test", "recursive"),
    "If": ("test", "body", "elif_", "else_"), "Keyword": ("key", "value"), "List": ("items",),
    "Macro": ("name", "args", "defaults", "body"), "Name": ("name", "ctx"), "Not": ("node",),
    "Or": ("left", "right"), "Output": ("nodes",), "Template": ("body",),
    "TemplateData": ("data",), "Tuple": ("items", "ctx"),
}  # fmt: skip
# Not kinds of nodes that are made: what all of them are, and the error above.
ABSTRACT = {"Node", "Expr", "Impossible"}
# Imports that are documented.
PUBLIC = {"jinja2.Environment", "jinja2.Undefined", "jinja2.nodes"}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__qualname__)
def test_private_functions_take_what_they_are_given(function):
    assert list(inspect.signature(function).parameters) == FUNCTIONS[function]


@pytest.mark.parametrize(("holder", "name"), NAMES, ids=[name for _, name in NAMES])
def test_private_names_exist(holder, name):
    assert hasattr(holder, name)


@pytest.mark.parametrize("kind", FIELDS)
def test_nodes_have_the_fields_they_are_made_with(kind):
    assert getattr(jinja2.nodes, kind).fields == FIELDS[kind]


def test_a_rendering_has_all_that_generated_code_asks_of_its_context():
    asked = set(re.findall(r"\bcontext\.(\w+)", inspect.getsource(jinja2.compiler)))
    # `super` and `get_all` stand only in code for inheritance and imports, which no tag makes.
    assert asked - {"super", "get_all"} <= set(dir(Rendering)) | set(Rendering.__slots__)


def test_the_lists_above_are_whole():
    imported, made = set(), set()
    for path in Path(kestrel_cli.expressions.__path__[0]).rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "jinja2":
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "nodes"
                and node.attr[0].isupper()
            ):
                made.add(node.attr)
    assert made - ABSTRACT == FIELDS.keys()
    assert imported - PUBLIC == {
        "jinja2.compiler.Frame", "jinja2.compiler.generate",
        "jinja2.nativetypes.NativeCodeGenerator",
        "jinja2.nodes.EvalContext", "jinja2.utils.missing", "jinja2.utils.pass_context",
    }  # fmt: skip
