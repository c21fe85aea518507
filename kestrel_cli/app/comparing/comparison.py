"""What differs between two executions, and why it may.

A difference is *expected* when two places always differ in that: it is told, and does not count.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kestrel_cli.app.comparing.matching import Document, is_below, named_executions, named_runs
from kestrel_cli.app.comparing.pairing import Pairing, is_hidden, same_duration
from kestrel_cli.model.record import record

# What says how something went; elsewhere only one place may tell a thing at all.
_TOLD: Final = ("inputs", "outputs", "variables", "trigger", "kind", "loopRun")
_APART: Final = frozenset(
    (
        "id", "executionId", "namespace", "flowId", "flowRevision", "taskId", "value",
        "parentTaskRunId", "taskRunList", "executions", "attempts", "state", "labels", "exitCode",
        "schemaVersion", "error", "metadata", "deleted", "originalId", "parentId",
    )
)  # fmt: skip
# States of handing work on, which a place without queues does not have.
_HANDED_ON: Final = frozenset(("SUBMITTED", "QUEUED", "RESUBMITTED"))
_MARK: Final = "kestrel-run"  # the label by which a start is found again

_WHY_FLOW: Final = "these are executions of two flows"
_WHY: Final = {
    "inputs": "they were started with different inputs",
    "outputs": "what a script, a request or a random value gave may be another each time",
    "variables": "the flow, or what has set its variables, is another",
    "trigger": "they were started in different ways",
    "state": "look at the log and the `error` of the one that went wrong",
    "attempts": "what is tried again depends on what the task met: the network, the load",
    "labels": "they were started with different labels, or the flow is another",
    "run": "loop values, a condition, or a failure before it decided otherwise",
}
_EXPECTED: Final = {
    "revision": "each place counts the revisions of a flow for itself",
    "handed on": "a server hands work on by queues: SUBMITTED, QUEUED",
    "order": "what runs side by side comes in any order",
    "duration": "no two runs take the same time",
    "system labels": "each place writes `system.` labels of its own, a start from here its mark",
    "duration text": "a server shows durations as text first, as seconds later",
    "one place": "only one of the two places tells it",
    "hidden": "a secret is hidden in one of them",
    "apart": "what they have started is not in both documents: compare those by their ids",
}
_HIDDEN: Final = "(not shown)"


@record
class Difference:
    """One. `here` and `there` are JSON values, None for what is not there."""

    path: str
    here: Any
    there: Any
    why: str
    expected: bool = False


def compare(here: Document, there: Document) -> list[Difference]:
    """All differences of two executions, in the order of the first; with what they have started,
    where both documents hold that.
    """
    pairing = Pairing(_begun(here), _begun(there))
    found = list(_execution(here, there, pairing, ""))
    ours, theirs = named_executions(here), named_executions(there)
    if bool(ours) != bool(theirs):
        found.append(_expected("executions", len(ours) or None, len(theirs) or None, "apart"))
        return found
    for name in _all(ours, theirs):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None:
            found.append(Difference(name, _state(one), _state(other), _WHY["run"]))
        else:
            found += _execution(one, other, pairing, f"{name}: ")
    return found


def _execution(
    here: Document, there: Document, pairing: Pairing, before: str
) -> Iterator[Difference]:
    """What differs in one execution; `before` stands before each path."""
    pairing.pair(str(here.get("id")), str(there.get("id")))
    ours_named, theirs_named = (f"{x.get('namespace')}.{x.get('flowId')}" for x in (here, there))
    if ours_named != theirs_named:
        yield Difference(f"{before}flow", ours_named, theirs_named, _WHY_FLOW)
    revisions = here.get("flowRevision"), there.get("flowRevision")
    if revisions[0] != revisions[1]:
        yield _expected(f"{before}flowRevision", *revisions, "revision")
    yield from _states(f"{before}state", here, there)
    yield from _labels(f"{before}labels", here, there, pairing)
    ours, theirs = named_runs(here), named_runs(there)
    for name in ours.keys() & theirs.keys():
        pairing.pair(str(ours[name].get("id")), str(theirs[name].get("id")))
    yield from _fields(before, here, there, pairing)
    missing: set[str] = set()
    for name in _all(ours, theirs):
        one, other = ours.get(name), theirs.get(name)
        if one is not None and other is not None:
            yield from _run(f"{before}{name}: ", one, other, pairing)
        elif not is_below(name, missing):
            missing.add(name)
            yield Difference(f"{before}{name}", _state(one), _state(other), _WHY["run"])
    orders = [[name for name in runs if name in ours and name in theirs] for runs in (ours, theirs)]
    if orders[0] != orders[1]:
        at = next(n for n, name in enumerate(orders[0]) if orders[1][n] != name)
        yield _expected(f"{before}taskRunList", orders[0][at], orders[1][at], "order")
    took = [(one.get("state") or {}).get("duration") for one in (here, there)]
    if took[0] != took[1]:
        yield _expected(f"{before}state.duration", took[0], took[1], "duration")


def _run(before: str, here: Document, there: Document, pairing: Pairing) -> Iterator[Difference]:
    yield from _states(f"{before}state", here, there)
    attempts = [_attempts(one) for one in (here, there)]
    if attempts[0] != attempts[1]:
        yield Difference(f"{before}attempts", attempts[0], attempts[1], _WHY["attempts"])
    workers = [
        next((a["workerId"] for a in one.get("attempts") or () if a.get("workerId")), None)
        for one in (here, there)
    ]
    if (workers[0] is None) != (workers[1] is None):
        yield _expected(f"{before}attempts.workerId", workers[0], workers[1], "one place")
    yield from _fields(before, here, there, pairing)


def _states(path: str, here: Document, there: Document) -> Iterator[Difference]:
    ours, theirs = _state(here), _state(there)
    if ours != theirs:
        yield Difference(path, ours, theirs, _WHY["state"])
        return
    whole = [_history(one) for one in (here, there)]
    if whole[0] == whole[1]:
        return
    short = [[state for state in one if state not in _HANDED_ON] for one in whole]
    texts = [" ".join(one) for one in whole]
    if short[0] == short[1]:
        yield _expected(f"{path}.histories", texts[0], texts[1], "handed on")
    else:
        yield Difference(f"{path}.histories", texts[0], texts[1], _WHY["attempts"])


def _labels(path: str, here: Document, there: Document, pairing: Pairing) -> Iterator[Difference]:
    ours, theirs = _label_map(here), _label_map(there)
    for name in _all(ours, theirs):
        one, other = ours.get(name), theirs.get(name)
        if pairing.same(one, other):
            continue
        if name.startswith("system.") or name == _MARK:
            yield _expected(f"{path}.{name}", one, other, "system labels")
        else:
            yield Difference(f"{path}.{name}", one, other, _WHY["labels"])


def _fields(before: str, here: Document, there: Document, pairing: Pairing) -> Iterator[Difference]:
    """Everything that has no rule of its own."""
    for name in _all(here, there):
        if name in _APART:
            continue
        ours, theirs = here.get(name) or None, there.get(name) or None
        if name not in _TOLD and (ours is None or theirs is None):
            if ours is not theirs:
                yield _expected(f"{before}{name}", ours, theirs, "one place")
            continue
        for path, one, other in unlike(name, ours, theirs, pairing):
            yield _judged(f"{before}{path}", one, other, _WHY.get(name, _WHY["outputs"]))


def _judged(path: str, here: Any, there: Any, why: str) -> Difference:
    if is_hidden(here) != is_hidden(there):
        shown = [one if is_hidden(one) else _HIDDEN for one in (here, there)]
        return _expected(path, shown[0], shown[1], "hidden")
    if same_duration(here, there):
        return _expected(path, here, there, "duration text")
    return Difference(path, here, there, why)


def unlike(name: str, here: Any, there: Any, pairing: Pairing) -> Iterator[tuple[str, Any, Any]]:
    """The places below `name` at which two values differ. What is null is not there."""
    todo: list[tuple[str, Any, Any]] = [(name, here, there)]
    while todo:
        path, one, other = todo.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            keys = list(_all(one, other))
            todo += [(f"{path}.{key}", one.get(key), other.get(key)) for key in reversed(keys)]
        elif isinstance(one, list) and isinstance(other, list):
            most = max(len(one), len(other))
            todo += [(f"{path}[{n}]", _at(one, n), _at(other, n)) for n in range(most - 1, -1, -1)]
        elif not pairing.same(one, other):
            yield path, one, other


def _at(values: list[Any], number: int) -> Any:
    return values[number] if number < len(values) else None


def _all(here: Iterable[str], there: Iterable[str]) -> Iterable[str]:
    """The names of both, in their order."""
    return dict.fromkeys([*here, *there])


def _expected(path: str, here: Any, there: Any, why: str) -> Difference:
    return Difference(path, here, there, _EXPECTED[why], expected=True)


def _begun(document: Document) -> str | None:
    begun = (document.get("state") or {}).get("startDate")
    return begun if isinstance(begun, str) else None


def _state(document: Document | None) -> Any:
    return None if document is None else (document.get("state") or {}).get("current")


def _history(document: Document) -> list[str]:
    listed = (document.get("state") or {}).get("histories") or ()
    return [str(one.get("state")) for one in listed if isinstance(one, dict)]


def _attempts(run: Document) -> str | None:
    """The states in which its attempts have ended."""
    return " ".join(str(_state(one)) for one in run.get("attempts") or ()) or None


def _label_map(document: Document) -> dict[str, Any]:
    labels = document.get("labels") or ()
    if isinstance(labels, dict):
        return labels
    return {str(one.get("key")): one.get("value") for one in labels}
