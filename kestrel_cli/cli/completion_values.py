"""What can stand as the value of an option, or as an argument, by the name it has on a command."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.candidates import (
    FlowNames,
    Named,
    executions,
    names_in_execution,
    names_in_file,
)


class Typed:
    """What stands before the cursor: the values of options and arguments that are known by now."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._params = params

    def flow(self) -> FlowNames:
        """The names of the flow that the command is about."""
        file = self._text("flow_file", "files", "flow")
        if file is not None and Path(file).is_file():
            return names_in_file(file)
        name = self._text("execution")
        if name is not None:
            return names_in_execution(name, self.state_dir(), os.environ)
        return FlowNames("")

    def state_dir(self) -> str | None:
        """Where the executions are."""
        said = self._text("state_dir")
        if said is not None:
            return said
        from kestrel_cli.store.config import read_config

        return read_config(Path.cwd(), os.environ, lambda _: None).state_dir

    def namespace(self) -> str | None:
        return self._text("namespace")

    def _text(self, *names: str) -> str | None:
        for name in names:
            value = self._params.get(name)
            if isinstance(value, list | tuple):
                value = value[0] if value else None
            if isinstance(value, str) and value:
                return value
        return None


Source = Callable[[Typed, str], list[Named]]


def _tasks(typed: Typed, _begun: str) -> list[Named]:
    return typed.flow().tasks()


def _pauses(typed: Typed, _begun: str) -> list[Named]:
    return [(f"{name}=", about) for name, about in typed.flow().tasks(".Pause")]


def _types_of_flow(typed: Typed, _begun: str) -> list[Named]:
    return typed.flow().types()


def _inputs(typed: Typed, begun: str) -> list[Named]:
    flow = typed.flow()
    name, equals, _ = begun.partition("=")
    if equals:
        return [(f"{name}={value}", about) for value, about in flow.values_of(name)]
    return [(f"{one}=", about) for one, about in flow.inputs()]


def _secrets(typed: Typed, _begun: str) -> list[Named]:
    return typed.flow().secrets()


def _executions(typed: Typed, _begun: str) -> list[Named]:
    return executions(typed.state_dir(), os.environ)


def _flows(typed: Typed, _begun: str) -> list[Named]:
    found = executions(typed.state_dir(), os.environ)
    return [(name, "") for name in dict.fromkeys(about.split()[0] for _, about in found)]


def _types(_typed: Typed, begun: str) -> list[Named]:
    from kestrel_cli.tasks.registry import names

    if "." in begun:
        return [(one, "") for one in names()]
    return sorted((one.rpartition(".")[2], one.rpartition(".")[0]) for one in names())


def _keys(typed: Typed, _begun: str) -> list[Named]:
    wanted = typed.namespace()
    return [(key, space) for space, key in _stored(typed) if wanted in (None, space)]


def _namespaces(typed: Typed, _begun: str) -> list[Named]:
    return [(space, "") for space in dict.fromkeys(space for space, _ in _stored(typed))]


def _stored(typed: Typed) -> list[tuple[str, str]]:
    from kestrel_cli.app.history import state_folder
    from kestrel_cli.store.kv import FILE, KeyValues

    path = state_folder(typed.state_dir(), os.environ) / FILE
    return list(KeyValues(path, lambda _: None).everything()) if path.is_file() else []


def _contexts(_typed: Typed, _begun: str) -> list[Named]:
    from kestrel_cli.server.contexts import known_contexts
    from kestrel_cli.store.config import read_config

    settings = read_config(Path.cwd(), os.environ, lambda _: None).contexts
    return [(name, "") for name in known_contexts(os.environ, settings)]


# The name that Typer knows it by -> what could stand there. Those of one command only: the command,
# a blank, the name.
SOURCES: Final[Mapping[str, Source]] = {
    "only": _tasks,
    "from_": _tasks,
    "until": _tasks,
    "mock": _tasks,
    "task": _tasks,
    "rehearse run": _tasks,
    "resume_with": _pauses,
    "mock_type": _types_of_flow,
    "inputs": _inputs,
    "secret": _secrets,
    "execution": _executions,
    "on": _contexts,
    "outputs_of": _executions,
    "executions flow": _flows,
    "tasks type_name": _types,
    "kv key": _keys,
    "kv namespace": _namespaces,
}


def source_of(command: str, name: str) -> Source | None:
    """Where the values of a parameter of a command come from; None: not from here."""
    return SOURCES.get(f"{command} {name}") or SOURCES.get(name)
