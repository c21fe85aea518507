"""What is used of the drivers that their documentation does not promise.

A new minor version of a driver may lack any of it: whoever raises a bound in `pyproject.toml` finds
out here, and runs the tests with servers.
"""

import ast
import inspect
import tomllib
from pathlib import Path
from types import FunctionType

import pytest
from pg8000 import converters as pg8000_converters
from pg8000 import core
from pymysql import connections, cursors, protocol
from pymysql import converters as pymysql_converters

import kestrel_cli.tasks.jdbc
from tests.support.cli import ROOT

USED = {
    core.CoreConnection: {
        "_backend_key_data", "_sock", "execute_named", "execute_simple", "execute_unnamed",
        "prepare_statement", "py_types", "register_in_adapter",
    },
    core.Context: {"columns", "row_count", "rows"},
    connections.Connection: {
        "_execute_command", "_force_close", "_read_packet", "_result", "ctx", "ssl",
    },
    connections.MySQLResult: {"fields", "unbuffered_active"},
    cursors.SSCursor: {"_result", "connection"},
    protocol.MysqlPacket: {"get_all_data", "is_load_local_packet"},
    protocol.FieldDescriptorPacket: {"flags", "length", "name", "type_code"},
}  # fmt: skip
PARAMETERS = {
    core.CoreConnection: {
        "user", "host", "database", "password", "ssl_context", "application_name",
        "startup_params", "sock",
    },
    core.CoreConnection.execute_unnamed: {"statement", "vals"},
    connections.Connection: {"conv", "defer_connect", "local_infile", "ssl", "ssl_disabled"},
    connections.Connection._execute_command: {"command", "sql"},
}  # fmt: skip
PRIVATE = {name for names in USED.values() for name in names if name.startswith("_")}
FOLDER = Path(kestrel_cli.tasks.jdbc.__file__).parent


def names_of(cls: type) -> set[str]:
    """The names of a class: its own and those that its methods read or set somewhere."""
    known: set[str] = set()
    for one in cls.__mro__[:-1]:
        known |= vars(one).keys()
        for member in vars(one).values():
            if isinstance(member, FunctionType):
                known |= set(member.__code__.co_names)
    return known


@pytest.mark.parametrize("cls", USED, ids=lambda cls: cls.__name__)
def test_the_drivers_have_the_names_that_are_used(cls):
    assert USED[cls] <= names_of(cls)


@pytest.mark.parametrize("call", PARAMETERS, ids=lambda call: call.__name__)
def test_the_drivers_take_the_parameters_that_are_given(call):
    assert PARAMETERS[call] <= inspect.signature(call).parameters.keys()


def test_the_drivers_have_the_functions_and_tables_that_are_used():
    assert callable(pg8000_converters.make_params)
    assert isinstance(pymysql_converters.conversions, dict)


def private_names(place: Path) -> tuple[set[str], set[str]]:
    """Private attributes of a module: those of `self`, and those of anything else."""
    own, others = set(), set()
    for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            is_own = isinstance(node.value, ast.Name) and node.value.id == "self"
            (own if is_own else others).add(node.attr)
    return own, {name for name in others if not name.startswith("__")}


@pytest.mark.parametrize("place", sorted(FOLDER.glob("*.py")), ids=lambda place: place.stem)
def test_private_names_of_a_driver_are_listed_and_used_in_one_place(place):
    own, others = private_names(place)
    assert others <= (PRIVATE if place.stem.endswith("_login") else set())
    if place.stem.endswith("_login"):
        assert own <= PRIVATE | {"_answer_is_due", "_local_file"}


def test_every_private_name_of_the_list_is_used():
    found = [private_names(place) for place in FOLDER.glob("*_login.py")]
    assert set().union(*(own | others for own, others in found)) >= PRIVATE


@pytest.mark.parametrize(
    ("extra", "requirement"),
    [("mysql", "PyMySQL>=1.2,<1.3"), ("postgres", "pg8000>=1.31,<1.32")],
)
def test_a_driver_is_bound_to_the_minor_version_whose_names_are_known(extra, requirement):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"][extra] == [requirement]
    assert requirement in project["optional-dependencies"]["dev"]
