import ast
import inspect
import subprocess
import sys

import pytest

from kestrel_cli.tasks import base
from tests.support.plugins import EXAMPLE


def imported_names(block: ast.AST) -> set[str]:
    return {
        alias.name
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", base.__all__)
def test_every_name_that_is_promised_is_there(name):
    assert getattr(base, name) is not None


def test_helpers_are_found_where_the_types_say():
    whole = ast.parse(inspect.getsource(base))
    first = next(node for node in whole.body if isinstance(node, ast.If))
    assert imported_names(first) == base._MODULES | set(base._NAMES)


def test_another_name_is_missed_as_usual():
    with pytest.raises(AttributeError, match="has no `nothing`"):
        base.nothing  # noqa: B018
    with pytest.raises(ImportError):
        from kestrel_cli.tasks.base import nothing  # noqa: F401


def test_the_base_alone_imports_no_helper():
    say = "import sys, kestrel_cli.tasks.base; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True)
    assert not [name for name in said.stdout.split() if name.startswith("kestrel_cli.expressions")]


def test_the_example_of_a_plugin_imports_nothing_else_of_kestrel():
    whole = ast.parse((EXAMPLE / "kestrel_shout.py").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(whole) if isinstance(node, ast.ImportFrom)}
    assert {name for name in modules if name.startswith("kestrel_cli")} == {base.__name__}
    assert imported_names(whole) - {"ClassVar", "Final"} <= set(base.__all__)
