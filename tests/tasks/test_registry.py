import importlib
import pkgutil
from collections import Counter

import pytest

import kestrel_cli.tasks
from kestrel_cli.model.task import FlowableTask, RunnableTask, Task
from kestrel_cli.tasks import registry

CORE = "io.kestra.plugin.core."
# Plugins of Kestra's that share one folder here: they tell somebody something.
NOTICES = {
    "discord",
    "email",
    "googleworkspace",
    "meta",
    "microsoft365",
    "opsgenie",
    "pagerduty",
    "slack",
    "squadcast",
    "telegram",
    "zenduty",
    "zulip",
}
# The tasks that a ForEachItem is made of; no flow names them.
PARTS = {f"flow.batches:ForEachItem{part}" for part in ("Split", "Items", "Merge")}
# How many types a module holds.
SHARED = Counter(
    f"kestrel_cli.tasks.{place.partition(':')[0]}" for place in registry.TYPES.values()
)
# What the module of a type says besides its name.
NEWER = {f"{CORE}flow.Loop": " (Kestra 2.0)"}


def packages():
    """Every package directly below `tasks`, with the names of its modules."""
    for _, package, whole in pkgutil.iter_modules(kestrel_cli.tasks.__path__):
        if whole:
            found = importlib.import_module(f"kestrel_cli.tasks.{package}")
            yield package, [name for _, name, _ in pkgutil.iter_modules(found.__path__)]


def task_classes():
    """Every task class below `tasks` that no other one builds on, as `package.module:Name`."""
    found = {}
    for package, modules in packages():
        for name in modules:
            module = importlib.import_module(f"kestrel_cli.tasks.{package}.{name}")
            for known_as, member in vars(module).items():
                if (
                    isinstance(member, type)
                    and issubclass(member, Task)
                    and member.__module__ == module.__name__
                ):
                    found[member] = f"{package}.{name}:{known_as}"
    bases = {base for cls in found for base in cls.__mro__[1:]}
    return [place for cls, place in found.items() if cls not in bases]


def test_every_task_class_is_listed_once():
    assert sorted(set(task_classes()) - PARTS) == sorted(registry.TYPES.values())


@pytest.mark.parametrize("name", sorted(registry.TYPES))
def test_a_type_stands_in_the_folder_that_its_name_tells(name):
    package = registry.TYPES[name].partition(".")[0]
    kestra = name.removeprefix("io.kestra.plugin.").removeprefix("core.").partition(".")[0]
    if kestra in NOTICES:
        kestra = "notifications"
    assert package == ("scripts" if name.startswith("io.kestra.core.tasks.scripts.") else kestra)


def test_every_folder_says_what_lives_there():
    for package, _ in packages():
        said = importlib.import_module(f"kestrel_cli.tasks.{package}").__doc__
        assert said
        assert said.splitlines()[0].endswith(".")


@pytest.mark.parametrize("name", sorted(registry.TYPES))
def test_every_listed_type_can_be_imported_and_does_something(name):
    found = registry.find(name)
    assert found.__name__ == name.rpartition(".")[2]
    if found.executable:
        assert issubclass(found, Task)
        assert not issubclass(found, (RunnableTask, FlowableTask))
        assert {"calls", "stops", "outcome"} <= set(found.__dict__)
    else:
        assert issubclass(found, FlowableTask if found.flowable else RunnableTask)
        work = "expand" if found.flowable else "run"
        bases = (Task, RunnableTask, FlowableTask)
        assert getattr(found, work) not in [getattr(base, work, None) for base in bases]


@pytest.mark.parametrize(
    "name",
    # Script tasks are made of a table: tests/tasks/scripts/test_script.py looks at them.
    sorted(name for name, place in registry.TYPES.items() if not place.startswith("scripts.")),
)
def test_the_module_of_every_listed_type_names_it_in_its_docstring(name):
    found = registry.find(name)
    said = importlib.import_module(found.__module__).__doc__
    if SHARED[found.__module__] > 1:
        assert name in [line.removeprefix("- ") for line in said.splitlines()]
    else:
        assert said == name + NEWER.get(name, "")
    assert found.__doc__


@pytest.mark.parametrize("name", sorted(registry.TYPES))
def test_what_runs_other_tasks_or_flows_stands_under_flow_and_nothing_else_does(name):
    found = registry.find(name)
    package = registry.TYPES[name].partition(".")[0]
    runs_others = package == "flow" and name != f"{CORE}flow.Sleep"
    assert (found.flowable or found.executable) is runs_others


@pytest.mark.parametrize("old", sorted(registry.ALIASES))
def test_every_older_name_leads_to_a_known_one(old):
    new = registry.canonical(old)
    assert new in registry.TYPES or new in registry.KNOWN_CORE
    assert new not in registry.ALIASES


def test_no_type_both_runs_and_does_not():
    assert not (registry.KNOWN_CORE | registry.KNOWN_NEAR) & set(registry.TYPES)


def test_an_older_name_finds_the_same_class():
    assert registry.find("io.kestra.core.tasks.log.Log") is registry.find(f"{CORE}log.Log")
    assert registry.canonical("io.kestra.core.tasks.flows.Worker") == f"{CORE}flow.WorkingDirectory"


@pytest.mark.parametrize("name", ["", "Log", f"{CORE}log.Logg", f"{CORE}trigger.Toggle"])
def test_what_does_not_run_is_not_found(name):
    assert registry.find(name) is None


def test_names_are_todays_names():
    assert registry.names() == tuple(registry.TYPES)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (f"{CORE}log.PurgeLogs", True),
        ("io.kestra.core.tasks.executions.Counts", False),
        ("io.kestra.core.tasks.trigger.Toggle", True),
        ("io.kestra.plugin.serdes.json.JsonToToon", True),
        ("io.kestra.plugin.jdbc.snowflake.Query", True),
        ("com.example.Custom", True),
        (f"{CORE}log.Log", False),
        (f"{CORE}log.Logg", False),
        (f"{CORE}flow.Dag", False),
        ("io.kestra.core.tasks.flows.Dag", False),
        ("io.kestra.core.tasks.flows.Template", False),
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
