import importlib
import pkgutil

import pytest

import kestrel_cli.tasks.core
import kestrel_cli.tasks.flow
from kestrel_cli.model.task import FlowableTask, RunnableTask, Task
from kestrel_cli.tasks import registry

CORE = "io.kestra.plugin.core."


def modules(package):
    return [name for _, name, _ in pkgutil.iter_modules(package.__path__)]


def task_classes():
    """Every task class that a module below `tasks` defines, as `package.module:Class`."""
    for package in (kestrel_cli.tasks.core, kestrel_cli.tasks.flow):
        short = package.__name__.rpartition(".")[2]
        for name in modules(package):
            module = importlib.import_module(f"{package.__name__}.{name}")
            for member in vars(module).values():
                if (
                    isinstance(member, type)
                    and issubclass(member, Task)
                    and member.__module__ == module.__name__
                ):
                    yield f"{short}.{name}:{member.__name__}"


def test_every_task_class_is_listed_once():
    assert sorted(task_classes()) == sorted(registry.TYPES.values())


def test_every_module_below_tasks_holds_a_task_type():
    listed = {place.partition(":")[0] for place in registry.TYPES.values()}
    for package in (kestrel_cli.tasks.core, kestrel_cli.tasks.flow):
        short = package.__name__.rpartition(".")[2]
        assert {f"{short}.{name}" for name in modules(package)} <= listed


@pytest.mark.parametrize("name", sorted(registry.TYPES))
def test_every_listed_type_can_be_imported_and_does_something(name):
    found = registry.find(name)
    assert issubclass(found, (RunnableTask, FlowableTask))
    assert found.__name__ == name.rpartition(".")[2]
    work = "expand" if found.flowable else "run"
    assert work in found.__dict__


@pytest.mark.parametrize(
    "name",
    # Script tasks are made of a table: tests/tasks/scripts/test_script.py looks at them.
    sorted(name for name, place in registry.TYPES.items() if not place.startswith("scripts.")),
)
def test_the_module_of_every_listed_type_names_it_in_its_docstring(name):
    found = registry.find(name)
    assert importlib.import_module(found.__module__).__doc__ == name
    assert found.__doc__


@pytest.mark.parametrize("name", sorted(registry.TYPES))
def test_a_flowable_stands_under_flow_and_a_runnable_under_core(name):
    package = registry.TYPES[name].partition(".")[0]
    assert registry.find(name).flowable is (package == "flow")


@pytest.mark.parametrize("old", sorted(registry.ALIASES))
def test_every_older_name_leads_to_a_known_one(old):
    new = registry.canonical(old)
    assert new in registry.TYPES or new in registry.KNOWN_CORE
    assert new not in registry.ALIASES


def test_no_type_both_runs_and_does_not():
    assert not registry.KNOWN_CORE & set(registry.TYPES)


def test_an_older_name_finds_the_same_class():
    assert registry.find("io.kestra.core.tasks.log.Log") is registry.find(f"{CORE}log.Log")
    assert registry.canonical("io.kestra.core.tasks.flows.Worker") == f"{CORE}flow.WorkingDirectory"


@pytest.mark.parametrize("name", ["", "Log", "io.kestra.plugin.core.log.Logg", f"{CORE}flow.Dag"])
def test_what_does_not_run_is_not_found(name):
    assert registry.find(name) is None


def test_names_are_todays_names():
    assert registry.names() == tuple(registry.TYPES)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (f"{CORE}flow.Dag", True),
        ("io.kestra.core.tasks.flows.Dag", True),
        ("io.kestra.core.tasks.flows.Template", True),
        ("io.kestra.plugin.jdbc.postgresql.Query", True),
        ("com.example.Custom", True),
        (f"{CORE}log.Log", False),
        (f"{CORE}log.Logg", False),
        ("io.kestra.core.tasks.flows.Nonsense", False),
        ("io.kestra.core.tasks.log.Nonsense", False),
        ("io.kestra.plugin.jdbc.query", False),
        ("Query", False),
        (".Query", False),
        ("a.", False),
        ("", False),
    ],
)
def test_what_kestra_has_and_kestrel_does_not_run(name, known):
    assert registry.is_known_elsewhere(name) is known
