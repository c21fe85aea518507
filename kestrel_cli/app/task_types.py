"""The use case "what task types are there": a list of them, and all about one."""

from kestrel_cli.app.task_examples import example_of
from kestrel_cli.errors import NothingMatched
from kestrel_cli.flowfile import resolve
from kestrel_cli.flowfile.server_only import why_not
from kestrel_cli.flowfile.suggest import nearest_type
from kestrel_cli.model.task import Task
from kestrel_cli.model.task_facts import (
    ForeignFacts,
    OutputFacts,
    TypeFacts,
    TypeLine,
    common_properties,
    description_of,
    merged_words,
    own_properties,
    summary_of,
)
from kestrel_cli.tasks import registry
from kestrel_cli.tasks.foreign import Output, all_types, described

_MOST_NAMED = 5


class UnknownType(NothingMatched):
    """No type, or more than one, has that name; `hint` names the ones that may be meant."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


def list_types(*, with_unsupported: bool = False) -> list[TypeLine]:
    """Every type that runs here, sorted; after them, if wanted, known ones that do not."""
    found = [TypeLine(name, summary_of(_class(name))) for name in registry.names()]
    plugins = registry.plugins().all()
    found += [TypeLine(one.name, summary_of(one.task), one.distribution) for one in plugins]
    found.sort(key=lambda one: (one.package, one.name))
    if with_unsupported:
        runs = {one.name for one in found}
        foreign = {one.name: one for one in all_types()}
        known = registry.KNOWN_CORE | registry.KNOWN_NEAR | foreign.keys()
        for name in sorted(known - runs, key=lambda one: (one.rpartition(".")[0], one)):
            one = foreign.get(name)
            if one is None or why_not(name) is not None:
                found.append(TypeLine(name, "", reason=resolve.reason(name)))
            else:
                reason = resolve.reason(name)
                found.append(TypeLine(name, one.about, reason=reason, family=one.family))
    return found


def describe_type(asked: str) -> TypeFacts | ForeignFacts:
    """All about a type: by its name, an older one, or the end of a name that only one type has;
    of types that do not run here, what is known.

    Raises UnknownType.
    """
    name = _named(asked)
    return describe_runnable(name) if registry.find(name) is not None else _foreign(name)


def describe_runnable(name: str) -> TypeFacts:
    """All about a type that runs here."""
    kind = _class(name)
    plugin = registry.plugins().find(name) if name not in registry.TYPES else None
    return TypeFacts(
        name,
        [old for old, new in registry.ALIASES.items() if new == name],
        description_of(kind),
        None if plugin is None else plugin.distribution,
        own_properties(kind),
        common_properties(kind),
        merged_words(kind, "gives"),
        merged_words(kind, "measures"),
        example_of(name, kind),
    )


def _foreign(name: str) -> ForeignFacts:
    from kestrel_cli.tasks.foreign.samples import mock_example

    found = described(name)
    assert found is not None  # it was found by its name
    return ForeignFacts(
        found.name,
        list(found.older),
        found.about,
        found.family,
        resolve.reason(found.name),
        [_output(name, one) for name, one in found.members.items()],
        found.exact,
        found.fetched,
        mock_example("ID", found),
    )


def _output(name: str, one: Output) -> OutputFacts:
    inside = [_output(inner, member) for inner, member in one.inside.items()]
    return OutputFacts(name, one.kind, one.fetched, inside)


def _class(name: str) -> type[Task]:
    found = registry.find(name)
    assert found is not None  # it is in the table, or a plugin that was found
    return found


def _named(asked: str) -> str:
    name = registry.canonical(asked)
    if registry.find(name) is not None:
        return name
    names = [*registry.names(), *(one.name for one in registry.plugins().all())]
    ends = [one for one in names if f".{one}".lower().endswith(f".{asked}".lower())]
    exact = [one for one in ends if one.endswith(asked)] or ends
    if len(exact) == 1:
        return exact[0]
    if exact:
        raise UnknownType(f"`{asked}` is the end of {len(exact)} names", _one_of(exact))
    foreign = _foreign_named(asked)
    if len(foreign) == 1:
        return foreign[0]
    if foreign:
        words = f"`{asked}` is the end of {len(foreign)} names of types that do not run here"
        raise UnknownType(words, _one_of(foreign))
    known = registry.KNOWN_CORE | registry.KNOWN_NEAR
    name = next((one for one in sorted(known) if one.endswith(f".{asked}")), name)
    near = None if name in known else _near(asked, names)
    if near is None and registry.is_known_elsewhere(name):
        hint = "`kestrel tasks` lists those that run; a flow runs with `--mock-unsupported`"
        raise UnknownType(resolve.reason(name), hint)
    hint = f"did you mean `{near}`?" if near else "`kestrel tasks` lists those that run"
    raise UnknownType(f"there is no task type `{asked}`", hint)


def _foreign_named(asked: str) -> list[str]:
    """Types that do not run here: the one with this name, else those whose names end so."""
    names = [one.name for one in all_types()]
    if (found := described(asked)) is not None and found.name in names:
        return [found.name]
    ends = [one for one in names if one.lower().endswith(f".{asked}".lower())]
    return [one for one in ends if one.endswith(asked)] or ends


def _one_of(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return f"use one of {shown}{', ...' if len(names) > _MOST_NAMED else ''}"


def _near(asked: str, names: list[str]) -> str | None:
    """The whole name that was probably meant; of a short one, by as many last parts."""
    if (found := nearest_type(asked, names)) is not None:
        return found
    parts = asked.count(".") + 1
    ends = {".".join(name.split(".")[-parts:]): name for name in names}
    short = nearest_type(asked, ends)
    return ends[short] if short else None
