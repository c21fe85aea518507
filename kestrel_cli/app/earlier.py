"""The outputs of an earlier execution, for a part run: what is left out shows what it gave then.

A part run takes over values, not task runs: the flow may have been edited since, so what happened
then can't be folded with it. Tasks that run make their own outputs; of a loop of which only one
value runs, the other values keep theirs.

Iterations of Loop are executions of their own. What they had to show is kept below the task that
called them, by the loop values that lead there (`place_of`), at any depth:

    {"outputs": {task: {...}}, "below": {place: {the same}}}
"""

from typing import Any, Final

from kestrel_cli.app.history import LAST, is_running, path_of, state_folder, still_running
from kestrel_cli.app.last_runs import last_of_flow
from kestrel_cli.app.replay import given_inputs
from kestrel_cli.app.request import Earlier, Mocks, Part, RunRequest
from kestrel_cli.app.resume import read_back, refuse_lost
from kestrel_cli.app.story import Story
from kestrel_cli.errors import NothingMatched, UsageError
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.masker import MASK, leaves
from kestrel_cli.model.outputs import put, shelves
from kestrel_cli.model.record import changed
from kestrel_cli.model.taken import place_of

_OPTION: Final = "--outputs-of"


def with_earlier(request: RunRequest, wanted: str) -> RunRequest:
    """The request with what an earlier execution of its flow had: `wanted` is its id, the beginning
    of one, or `last` for the last one of this flow. Its inputs count where none are given.

    Raises UsageError when no part is asked for or the execution is one of another flow,
    NothingMatched, CannotStart; InputError for secrets in outputs that nobody gave again.
    """
    part = request.part
    if part.only is None and part.start is None:
        raise UsageError(
            f"`{_OPTION} {wanted}`: it gives the outputs of tasks that are left out, so it needs "
            "`--from TASK` or `--only TASK`"
        )
    name = _last(request) if wanted in LAST else wanted
    # It is folded as it ran: with its part and its mocks, not with those that are asked for now.
    plain = changed(request, part=Part(), mocks=Mocks(), said=frozenset())
    _, story = read_back(plain, name)
    root, flow = story.root.execution, request.flow
    if (root.flow.namespace, root.flow.id) != (flow.namespace, flow.id):
        raise UsageError(
            f"`{_OPTION} {wanted}`: {story.name} is an execution of the flow "
            f"{root.flow.namespace}.{root.flow.id}, and this is {flow.namespace}.{flow.id}"
        )
    if is_running(path_of(story.name, request.state_dir, request.environ)):
        raise still_running(story.name)
    held = _held(story)
    if any(MASK in leaf for leaf in leaves(held, most=1_000_000)):
        refuse_lost(story)
    declared = _declared(flow)
    inputs = {name: value for name, value in given_inputs(root).items() if name in declared}
    earlier = Earlier(story.name, root.state.value, held, story.seals.masker)
    return changed(request, inputs={**inputs, **request.inputs}, earlier=earlier)


def _last(request: RunRequest) -> str:
    found = last_of_flow(request)
    if found is not None:
        return found
    flow, folder = request.flow, state_folder(request.state_dir, request.environ)
    raise NothingMatched(
        f"`{_OPTION} last`: there is no execution of the flow {flow.namespace}.{flow.id} in "
        f"{folder} that began at its first task: run it once, or give what is read with "
        "`--mock TASK=JSON`"
    )


def _declared(flow: Flow) -> set[str]:
    from kestrel_cli.worker.input_names import leaf_inputs

    return {one.id for one in leaf_inputs(flow)}


def _held(story: Story) -> dict[str, Any]:
    """All outputs of the execution that was asked for, and of the iterations of its Loops."""
    root = story.root
    nodes: dict[int, dict[str, Any]] = {root.number: _own(root.execution)}
    for told in story.told.values():  # who calls comes before who is called
        execution, caller = told.execution, told.execution.birth.caller
        above = None if caller is None else nodes.get(caller.execution)
        if told is root or above is None or caller is None or execution.owner is None:
            continue
        run = execution.owner.runs[caller.run]
        if not run.gone:
            node = nodes[told.number] = _own(execution)
            above.setdefault("below", {})[place_of(execution.owner, run, execution.item)] = node
    return nodes[root.number]


def _own(execution: Execution) -> dict[str, Any]:
    """What the task runs of an execution gave, over what it had taken over itself."""
    taken = execution.birth.taken
    outputs = shelves(taken.get("outputs", {}))
    for run in execution.listed():
        if run.outputs is not None:
            put(outputs, (run.task.id, *execution.values_above(run)), run.outputs)
    return {"outputs": outputs, "below": dict(taken.get("below", {}))}
