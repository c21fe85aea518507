"""The use cases that go on with a run: resume, restart, replay, a task run's state set by hand.

Each reads the journal back, folds one more event where the use case needs it, and lets the
executions run as ever.
"""

from collections.abc import Callable, Mapping
from typing import Final

from kestrel_cli.app.continuation import Continuation
from kestrel_cli.app.history import is_running, kept_by, path_of, still_running, story_of
from kestrel_cli.app.mocks import mock_finder
from kestrel_cli.app.options import take_options
from kestrel_cli.app.outside import Outside
from kestrel_cli.app.parts import left_out, restrict
from kestrel_cli.app.request import Part, RunRequest, RunResult
from kestrel_cli.app.story import Story
from kestrel_cli.errors import InputError, UsageError
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.masker import Masker, Origin
from kestrel_cli.model.record import changed
from kestrel_cli.model.sealing import Seals
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.reopen import plan_change, plan_restart
from kestrel_cli.store.secrets import how_to_set

Inputs = Mapping[str, object]

_NOTHING_FAILED: Final = (State.SUCCESS, State.WARNING, State.KILLED, State.CANCELLED)


def read_back(request: RunRequest, execution_id: str) -> tuple[RunRequest, Story]:
    """The run of that id, and the request with the flow and the options of that run.

    Raises NothingMatched, CannotStart.
    """
    kept = kept_by(execution_id, request.state_dir, request.environ)
    wanted = take_options(request, kept)

    def adapt(flow: Flow) -> None:
        if "part" in kept:  # it was folded without what is left out
            restrict(flow, wanted.part, mock_finder(wanted).covers)

    def values(flow: Flow) -> dict[str, object]:
        return {} if wanted.part == Part() else left_out(flow, wanted.mocks.listed)

    path = path_of(execution_id, request.state_dir, request.environ)
    seals = Seals(Masker(), path.parent.name, finder(wanted))
    story = story_of(
        execution_id,
        request.state_dir,
        request.environ,
        adapt=adapt,
        seals=seals,
        values=values,
        reopens=True,
        whole=True,
    )
    root = story.root.execution
    text = story.texts.get(root.birth.flow or 0, "")
    return changed(wanted, flow=root.flow, text=text), story


def finder(request: RunRequest) -> Callable[[Origin], str | None]:
    """Finds secrets that are given again."""
    outside = Outside(request.given, request.environ, state_dir=request.state_dir)

    def find(origin: Origin) -> str | None:
        if origin.kind == "secret":
            return outside.secret(origin.name)
        return request.again.get(origin.name) if origin.kind == "input" else None

    return find


def resume(request: RunRequest, execution_id: str, story: Story | None = None) -> RunResult:
    """Go on with an execution that is PAUSED, or whose process has died. A `story` that was read
    before serves as it is.
    """
    if story is None:
        request, story = read_back(request, execution_id)
    root = story.root
    if all(told.ended for told in story.told.values()):
        name, state = story.name, root.execution.state
        again = f"`kestrel restart {name}` runs its failed tasks again"
        if state in _NOTHING_FAILED:
            again = f"`kestrel replay {name}` runs it again"
        raise UsageError(
            f"the execution {name} has ended {state}: there is nothing to resume ({again})"
        )
    refuse_running(request, story)
    refuse_lost(story)
    return Continuation(request, story).go()


def restart(request: RunRequest, execution_id: str, story: Story | None = None) -> RunResult:
    """Run again what failed, in the same execution."""
    if story is None:
        request, story = read_back(request, execution_id)
    told = story.root
    execution, name = told.execution, story.name
    if execution.state in _NOTHING_FAILED:
        raise UsageError(
            f"the execution {name} has ended {execution.state}: nothing of it failed "
            f"(`kestrel replay {name}` runs it again)"
        )
    if not told.ended:
        refuse_running(request, story)
        raise UsageError(f"the execution {name} has not ended: use `kestrel resume`")
    failed = [run for run in execution.runs if run.state is State.FAILED and not run.gone]
    if not failed and execution.error is None:
        raise UsageError(
            f"the execution {name} was ended from outside, and no task run of it failed "
            f"(`kestrel replay {name}` runs it again)"
        )
    refuse_lost(story)
    again = Continuation(request, story)
    return again.go(plan_restart(execution, told.expansions, again.tools.clock.now()))


def change_state(
    request: RunRequest, execution_id: str, run: Callable[[Execution], TaskRun], state: State
) -> RunResult:
    """Go on as if a task run had ended in another state."""
    request, story = read_back(request, execution_id)
    told = story.root
    chosen = run(told.execution)
    refuse_lost(story)
    again = Continuation(request, story)
    now = again.tools.clock.now()
    return again.go(plan_change(told.execution, told.expansions, chosen, state, now))


def refuse_running(request: RunRequest, story: Story) -> None:
    if is_running(path_of(story.name, request.state_dir, request.environ)):
        raise still_running(story.name)


def refuse_lost(story: Story, but: Inputs = {}) -> None:  # noqa: B006  never changed
    """Raise InputError for each secret that a value of the run holds and nobody gave again."""
    missing = [one for one in story.seals.missing if not (one.kind == "input" and one.name in but)]
    if missing:
        raise InputError([_lost(one, wrong=one in story.seals.wrong) for one in missing])


def _lost(origin: Origin, *, wrong: bool) -> str:
    """What is missing, and how it is given again."""
    if origin.kind == "input":
        what, how = (
            f"the secret input `{origin.name}`",
            f"give it again with `-i {origin.name}=...`",
        )
    elif origin.kind == "secret":
        what, how = f"the secret `{origin.name}`", how_to_set(origin.name)
    else:
        what = f"a value that the {origin.kind} `{origin.name}` hid"
        how = "it can't be given again: `kestrel replay` runs the flow from its beginning"
    if wrong:
        return f"{what} is not the one that the run had: {how}"
    return f"{what} is not kept: {how}"
