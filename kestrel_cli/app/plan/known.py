"""What values will be, where literals, inputs and variables decide it: nothing is asked of the
world, and no secret is read.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from kestrel_cli.app.births import execution_of, of_request
from kestrel_cli.app.preflight.inputs import foreseen
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.scope import BareServices
from kestrel_cli.expressions.template import render_text, render_value
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model, is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import enabled
from kestrel_cli.model.record import changed
from kestrel_cli.worker.services import prefixed_environment

_FIXED: Final = frozenset(("envs", "flow", "globals", "inputs", "kestra", "namespace", "vars"))
_OF_LOOPS: Final = frozenset(("parent", "parents", "taskrun"))
# How the values of loops are written; what else these variables hold only the run knows.
_LOOP_VALUE: Final = re.compile(r"(?<![\w.])(?:parent\.|parents\[\d+\]\.)?taskrun\.value\b")
_LOOP_NAME: Final = re.compile(r"(?<![\w.'\"])(?:parents?|taskrun)\b")
_PURE: Final = ("data", "numbers")  # modules of functions that know their arguments only


class Unknown(Exception):
    """Only the run knows."""


class Place(NamedTuple):
    """The loop values around a task: its own, and those of its parents, the nearest first."""

    value: str | None = None
    parents: tuple[str | None, ...] = ()

    def inside(self, value: str | None = None) -> "Place":
        """That of a task in this one, or in one of its iterations."""
        return Place(value, (self.value, *self.parents))

    def variables(self) -> dict[str, Any]:
        """What templates see."""
        around = [{} if one is None else {"taskrun": {"value": one}} for one in self.parents]
        own = {} if self.value is None else {"taskrun": {"value": self.value}}
        return {**own, "parents": around, **({"parent": around[0]} if around else {})}


class Known:
    """The values of one flow before it runs."""

    def __init__(self, request: RunRequest) -> None:
        """`request.inputs` are those that are given; a secret one is shown as stars."""
        flow = request.flow
        self._compat = request.compat
        self._inputs, self._open = foreseen(request)
        execution = execution_of(of_request(request, 0), flow)
        around = Surroundings(
            execution,
            BareServices({}),
            envs=prefixed_environment(request.environ) if request.envs is None else request.envs,
            globals_=request.globals,
            kestra=request.kestra,
            namespace=request.namespace_variables(flow.namespace),
            compat=request.compat,
        )
        self._scope = RunScope(around)
        self._fixed = _FIXED - ({"vars"} if _changes_variables(flow) else set())
        self._renders = all(
            self._follows(text, renders=False) for text in _texts(flow.variables or {})
        )

    def text(self, value: object, place: Place) -> str:
        """A template as text. Raises Unknown."""
        return str(self._rendered(str(value), place, render_text))

    def value(self, value: object, place: Place) -> Any:
        """A value, every template in it rendered. Raises Unknown."""
        match value:
            case str():
                return self._rendered(value, place, render_value)
            case dict():
                return {
                    str(self.value(key, place)): self.value(one, place)
                    for key, one in value.items()
                }
            case list() | tuple():
                return [self.value(one, place) for one in value]
            case _:
                return value

    def _rendered(self, text: str, place: Place, render: Any) -> Any:
        if not is_template(text):
            return text
        if not self._follows(text):
            raise Unknown
        scope = self._scope.with_variables({"inputs": self._inputs, **place.variables()})
        try:
            return render(text, scope, self._compat)
        except RenderError:
            raise Unknown from None

    def _follows(self, text: str, *, renders: bool | None = None) -> bool:
        """Whether a template names nothing but what is known."""
        from jinja2 import nodes

        from kestrel_cli.expressions.functions import FUNCTIONS
        from kestrel_cli.expressions.tags import parse

        if "inputs" in text and any(
            re.search(rf"\b{re.escape(name)}\b", text) for name in self._open
        ):
            return False
        try:
            tree = parse(text, self._compat)
        except (RenderError, RecursionError):
            return False
        names = [(one.name.removeprefix("v_"), one.ctx) for one in tree.find_all(nodes.Name)]
        own = {name for name, how in names if how != "load"}
        if not {name for name, _ in names} <= own | self._fixed | _OF_LOOPS:
            return False
        if _LOOP_NAME.search(_LOOP_VALUE.sub("", text)):
            return False
        may_render = self._renders if renders is None else renders
        for one in tree.find_all(nodes.Filter):
            kind, _, name = one.name.partition(" ")
            if kind == "function" and not (may_render and name == "render"):
                function = FUNCTIONS.get(name)
                if function is None or function.__module__.rpartition(".")[2] not in _PURE:
                    return False
        return not any(True for _ in tree.find_all(nodes.Call))


def _changes_variables(flow: Flow) -> bool:
    return any(task.type.endswith("etVariables") for task in enabled(flow))


def _texts(value: object) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def plain(value: object) -> Any:
    """A property as plain data."""
    match value:
        case Duration():
            return str(value)
        case Model():
            return {
                one.name: plain(getattr(value, one.attribute))
                for one in value.properties.values()
                if getattr(value, one.attribute) != one.default
            }
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


def called(request: RunRequest, flow: Flow, text: str, given: Mapping[str, object]) -> RunRequest:
    """The request for a flow that is called with these inputs."""
    return changed(request, flow=flow, text=text, inputs=given)
