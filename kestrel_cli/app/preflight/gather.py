"""All that stands in the way of a run, in one list, and the error that shows it."""

from collections.abc import Iterable, Sequence

from kestrel_cli.app.preflight.capabilities import missing_here
from kestrel_cli.app.preflight.finding import Finding, Kind
from kestrel_cli.app.preflight.reached import Reached, reached_flows
from kestrel_cli.app.preflight.standing import Covers, Level, standings
from kestrel_cli.app.request import Part, RunRequest
from kestrel_cli.errors import (
    CannotStart,
    FlowFileError,
    InputError,
    KestrelError,
    Obstacles,
    Unsupported,
    UsageError,
)
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.flow import Flow

_HEADS: dict[Kind, str] = {
    "type": "the flow needs what Kestrel does not run",
    "program": "the flow needs programs that are not there",
    "extra": "the flow needs Python packages that are not installed",
}
_IN_FILES: tuple[Kind, ...] = ("subflow", "expression")
_ANSWERED: tuple[Kind, ...] = ("secret", "input")


def refuse(request: RunRequest, covers: Covers) -> None:
    """Raise one error with all that stands in the way of a run; tell what only may. Tasks that a
    mock `covers` need nothing.
    """
    found = what_stops(request, covers)
    for one in found:
        if not one.stops and one.kind in ("type", "program", "secret"):
            request.demands.warn(f"{one.where}: may be reached: {one.message}")
    error = as_error(found)
    if error is not None:
        raise error


def refuse_unknown_names(request: RunRequest, real: Sequence[str] = ()) -> None:
    """Raise UsageError for mocks and other options that name what no flow has, InputError for
    inputs. `real` are ids of tasks, and beginnings of types, that some flow must have.
    """
    error = as_error([*_names(request), *_unknown_inputs(request)])
    if error is not None:
        raise error
    flows = reached_flows(request, lambda _: False) if real else []
    tasks = [task for one in flows for task in one.flow.by_id.values()]
    for name in real:
        if not any(task.id == name or task.type.startswith(name) for task in tasks):
            near = nearest(name, [task.id for task in tasks])
            hint = f"; did you mean `{near}`?" if near else ""
            raise UsageError(f"`--run {name}`: no task, and no type of one, begins so{hint}")


def what_stops(request: RunRequest, covers: Covers, *, foresee: bool = False) -> list[Finding]:
    """What stands in the way. Missing inputs, which the beginning of a run tells itself, are looked
    for where something else stops it already, or to `foresee` them.
    """
    if not request.demands.everything:
        tasks = list(standings(request.flow, covers))
        own = Reached(request.flow, request.text, Level.SURE, False, tasks, is_own=True)
        here = missing_here([own], programs=not request.in_containers)
        return [one for one in here if one.kind != "extra"]  # its task says so, when it runs
    found = _names(request)
    flows = reached_flows(request, covers)
    found += _calls(request, flows)
    found += missing_here(flows, programs=not request.in_containers)
    found += _secrets(request, flows)
    found += _unknown_inputs(request)
    found += _files(request, flows)
    found += _expressions(request, flows)
    looks = request.flow.inputs and not request.flow.disabled  # a disabled one has no execution
    if looks and (foresee or any(one.stops for one in found)):
        from kestrel_cli.app.preflight.inputs import missing_inputs

        found += missing_inputs(request)
    return found


def refuse_what_does_not_run(
    flow: Flow, covers: Covers = lambda _: False, *, programs: bool = True
) -> None:
    """Raise Unsupported with every enabled task of a flow that does not run here, unless a mock
    `covers` it; `mocks` of the error are the options that would. `programs`: look for those that
    tasks need.
    """
    own = Reached(flow, "", Level.SURE, False, list(standings(flow, covers)), is_own=True)
    kinds = ("type", "program")  # a package that is missing fails its task alone
    error = as_error(one for one in missing_here([own], programs=programs) if one.kind in kinds)
    if error is not None:
        raise error


def as_error(found: Iterable[Finding]) -> KestrelError | None:
    """What shows the findings, if any of them stops; each kind in its own words."""
    found = list(found)
    stopping = [one for one in found if one.stops]
    parts: list[KestrelError] = [UsageError(one.message) for one in _of(stopping, "option")]
    if any(one.kind in _IN_FILES for one in stopping):
        shown = [one.diagnostic for one in found if one.kind in _IN_FILES and one.diagnostic]
        parts.append(FlowFileError(sorted(shown, key=lambda one: one.where)))
    parts += [CannotStart(one.message) for one in _of(stopping, "flow")]
    parts += [_unsupported(kind, _of(stopping, kind)) for kind in _HEADS if _of(stopping, kind)]
    if answers := _of(stopping, *_ANSWERED):
        parts.append(InputError([_Sentence.of(one) for one in answers]))
    parts += [_File(one) for one in _of(stopping, "file")]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Obstacles(parts)


def _of(found: Sequence[Finding], *kinds: Kind) -> list[Finding]:
    return [one for one in found if one.kind in kinds]


class _Sentence(str):
    """What is missing; `hint` says what to type."""

    __slots__ = ("hint",)

    hint: str | None

    @classmethod
    def of(cls, one: Finding) -> "_Sentence":
        made = cls(one.message)
        made.hint = None if one.kind == "secret" else one.hint  # a secret's sentence says it
        return made


class _File(CannotStart):
    """A file that is not there."""

    def __init__(self, one: Finding) -> None:
        self.hint = one.hint
        super().__init__(f"{one.message}\n  {one.where}")


def _unsupported(kind: Kind, found: Sequence[Finding]) -> Unsupported:
    needs = [(one.message, str(one.where)) for one in found]
    mocks = dict.fromkeys(one.mock for one in found if one.mock)
    return Unsupported(_HEADS[kind], needs, list(mocks))


def _names(request: RunRequest) -> list[Finding]:
    if not (request.mocks.listed or request.pauses.given or request.part != Part()):
        return []
    from kestrel_cli.app.preflight.names import unknown_names

    return unknown_names(request)


def _calls(request: RunRequest, flows: Sequence[Reached]) -> list[Finding]:
    found: list[Finding] = []
    if request.flow.disabled:
        message = f"the flow `{request.flow.id}` is disabled: Kestra does not run it either"
        found.append(Finding("flow", message, request.flow.where))
    if any(one.may_call() for one in flows):
        from kestrel_cli.app.preflight.subflows import calls_that_fail

        found += calls_that_fail(flows, request.library)
    return found


def _secrets(request: RunRequest, flows: Sequence[Reached]) -> list[Finding]:
    naming = [one for one in flows if "secret" in one.text]
    if not naming:
        return []
    from kestrel_cli.app.outside import Outside
    from kestrel_cli.app.preflight.secrets import missing_secrets

    outside = Outside(request.given, request.environ, flow=request.flow, warn=request.warn)
    return list(missing_secrets(naming, lambda name: outside.secret(name) is not None))


def _unknown_inputs(request: RunRequest) -> list[Finding]:
    if not request.inputs or not request.demands.known_inputs:
        return []
    from kestrel_cli.app.preflight.inputs import unknown_inputs

    return list(unknown_inputs(request.flow, request.inputs))


def _files(request: RunRequest, flows: Sequence[Reached]) -> list[Finding]:
    if not any("read(" in one.text for one in flows):
        return []
    from kestrel_cli.app.preflight.files import missing_files

    return list(missing_files(request, flows))


def _expressions(request: RunRequest, flows: Sequence[Reached]) -> list[Finding]:
    if not any("{{" in one.text or "{%" in one.text for one in flows):
        return []
    from kestrel_cli.app.preflight.expressions import broken_expressions

    return list(broken_expressions(flows, request.compat))
