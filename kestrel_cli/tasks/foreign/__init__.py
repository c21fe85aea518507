"""Types of Kestra's plugins that Kestrel does not run: what they are and what they output.

Facts for those who mock them: `described(type)` and `trigger_outputs(type)`. The lines stand in
the text files beside this one (`lines.py` says how they are written) and are read when one of the
functions is first asked.
"""

from functools import cache
from pathlib import Path

from kestrel_cli.tasks.foreign.lines import Table, read
from kestrel_cli.tasks.foreign.types import Fetched, Foreign, Kind, Output, Outputs

__all__ = [
    "Fetched",
    "Foreign",
    "Kind",
    "Output",
    "Outputs",
    "all_triggers",
    "all_types",
    "described",
    "trigger",
    "trigger_outputs",
]

_PLUGINS = "io.kestra.plugin."


def described(type_name: str) -> Foreign | None:
    """What is known of a task type, under today's name or an older one.

    Of a type that has no line, but whose package has a heading, the family is known: `exact` is
    False then, and `outputs` is empty. None: nothing is known.
    """
    return _table().task(type_name) or _of_family(type_name, _table())


def trigger(type_name: str) -> Foreign | None:
    """What is known of a trigger type; its members are those of the variable `trigger`."""
    return _table().trigger(type_name)


def trigger_outputs(type_name: str) -> dict[str, Kind] | None:
    """What `trigger` holds in an execution that a trigger of this type started; None: not known."""
    found = trigger(type_name)
    return None if found is None else found.outputs


def all_types() -> list[Foreign]:
    """Every task type that has a line, sorted by name."""
    found = (_table().task(name) for name in sorted(_table().tasks))
    return [one for one in found if one is not None]


def all_triggers() -> list[Foreign]:
    """Every trigger type that has a line, sorted by name."""
    found = (_table().trigger(name) for name in sorted(_table().triggers))
    return [one for one in found if one is not None]


@cache
def _table() -> Table:
    found = Path(__file__).parent.glob("*.txt")
    return read((path.name, path.read_text("utf-8")) for path in sorted(found))


def _of_family(name: str, table: Table) -> Foreign | None:
    package = name.rpartition(".")[0]
    while package.startswith(_PLUGINS):
        if (family := table.families.get(package)) is not None:
            return Foreign(name, f"A task for {family}.", family, {}, exact=False)
        package = package.rpartition(".")[0]
    return None
