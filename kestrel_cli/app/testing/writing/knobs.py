"""What decides which way a flow goes: the values of a case that an expression reads.

Expressions are read as text: names below `inputs`, `outputs`, `trigger` and `vars`, followed
through variables and through the tasks that really run. What is missed costs a branch that a
person has to write.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from kestrel_cli.app.testing.writing.drafts import Draft, FileOf, FixtureDraft
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.task import Task
from kestrel_cli.model.texts import texts_in, texts_of

_READ: Final = re.compile(
    r"""(?<![\w.])(inputs|outputs|trigger|vars)((?:\.[A-Za-z_][\w-]*|\[[^\[\]]*\])+)"""
)
_STEP: Final = re.compile(
    r"""\.([A-Za-z_][\w-]*)|\[\s*(?:'([^']*)'|"([^"]*)"|(\d+)|([^\]]*))\s*\]"""
)
_LOOPED: Final = re.compile(r"(?<![\w.])(?:taskrun\.value|item\.|item\b|parents?\b|iteration\b)")
_TEXT: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NUMBER: Final = re.compile(r"(?<![\w.'\"])-?\d+(?:\.\d+)?(?![\w'\"])")
_INSIDE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_DEEPEST: Final = 8
_MOST_LEAVES: Final = 8

ANY: Final = None  # a step that is an expression
Step = str | int | None


class Knob(NamedTuple):
    """A value of a draft. `of` is `inputs`, `trigger`, `files`, or the place of a fixture."""

    of: str | int
    path: tuple[str | int, ...]


class Reads(NamedTuple):
    """What texts read: paths below each variable, and the literals that stand in them."""

    paths: list[tuple[str, tuple[Step, ...]]]
    texts: list[str]
    numbers: list[float]


def reads_of(flow: Flow, task: Task | None, texts: Sequence[str]) -> Reads:
    """What these texts of a task read, whatever lies between."""
    holders = {id(one): holder for holder, one in walk(flow)}
    found = Reads([], [], [])
    seen: set[str] = set()
    waiting: list[tuple[Task | None, str, int]] = [(task, text, 0) for text in texts]
    while waiting:
        owner, text, depth = waiting.pop(0)
        if text in seen or depth > _DEEPEST:
            continue
        seen.add(text)
        _take_literals(text, found)
        for name, steps in _paths(text):
            if name == "vars":
                waiting += [(owner, one, depth + 1) for one in _of_variable(flow, steps)]
                continue
            found.paths.append((name, steps))
            reader = flow.by_id.get(str(steps[0])) if name == "outputs" else None
            if reader is not None:
                waiting += [(reader, one, depth + 1) for one in texts_of(reader)]
        if owner is not None and _LOOPED.search(text):
            waiting += [(o, one, depth + 1) for o, one in _around(owner, holders)]
    return found


def _take_literals(text: str, found: Reads) -> None:
    for piece in _INSIDE.findall(text):
        for one in _TEXT.finditer(piece):
            literal = one[1] if one[1] is not None else one[2]
            if literal not in found.texts:
                found.texts.append(literal)
        for number in _NUMBER.findall(_TEXT.sub(" ", piece)):
            if float(number) not in found.numbers:
                found.numbers.append(float(number))


def _paths(text: str) -> Iterator[tuple[str, tuple[Step, ...]]]:
    for name, steps in _READ.findall(text):
        yield name, tuple(_steps(steps))


def _steps(text: str) -> Iterator[Step]:
    for name, single, double, number, other in _STEP.findall(text):
        if number:
            yield int(number)
        else:
            yield name or single or double or (ANY if other else "")


def _of_variable(flow: Flow, steps: tuple[Step, ...]) -> Iterator[str]:
    value = (flow.variables or {}).get(str(steps[0]))
    return texts_in([value])


def _around(task: Task, holders: dict[int, Any]) -> Iterator[tuple[Task | None, str]]:
    """What the loops around a task loop over."""
    here: Any = holders.get(id(task))
    while isinstance(here, Task):
        for name in ("values", "value", "items"):
            for text in texts_in([getattr(here, name, None)]):
                yield here, text
        here = holders.get(id(here))


# -- knobs of a draft


def knobs_of(reads: Reads, draft: Draft, flow: Flow, inputs: dict[str, Any]) -> list[Knob]:
    """The values of a draft that are read, those read first before others. `inputs` are those that
    its execution had: one that is not in the draft is put there.
    """
    found: dict[Knob, None] = {}
    for name, path in reads.paths:
        steps = _input_name(path, flow) if name == "inputs" else path
        if name == "inputs" and isinstance(steps[0], str):
            if steps[0] not in draft.inputs and steps[0] in inputs:
                draft.inputs[str(steps[0])] = _plain(inputs[str(steps[0])])
            found |= dict.fromkeys(_reachable(draft, "inputs", draft.inputs, steps))
        elif name == "trigger" and draft.trigger is not None:
            found |= dict.fromkeys(_reachable(draft, "trigger", draft.trigger["variables"], steps))
        elif name == "outputs":
            for place, one in enumerate(draft.tasks):
                if one.id == steps[0]:
                    below = _within_loop(steps[1:], one)
                    found |= dict.fromkeys(_reachable(draft, place, one.outputs, below))
    return list(found)


def _input_name(steps: tuple[Step, ...], flow: Flow) -> tuple[Step, ...]:
    """Inputs may have dots in their ids."""
    known = {one.id for one in flow.inputs}
    for length in range(len(steps), 0, -1):
        name = ".".join(map(str, steps[:length]))
        if name in known:
            return (name, *steps[length:])
    return steps


def _within_loop(steps: tuple[Step, ...], fixture: FixtureDraft) -> tuple[Step, ...]:
    """Steps below the outputs of one run."""
    while (
        steps
        and fixture.value is not None
        and (steps[0] is ANY or str(steps[0]) not in fixture.outputs)
    ):
        steps = steps[1:]
    return steps


def _reachable(draft: Draft, of: str | int, held: Any, steps: tuple[Step, ...]) -> Iterator[Knob]:
    """The value at the path; below it, when it is a map, a list or JSON, what is in it."""
    path: list[str | int] = []
    here = held
    for step in steps:
        if isinstance(here, dict) and isinstance(step, str):
            if step not in here:
                if path or not isinstance(step, str):
                    break
                yield Knob(of, (step,))
                return
            path.append(step)
            here = here[step]
        elif isinstance(here, list) and here and (step is ANY or isinstance(step, int)):
            place = min(step or 0, len(here) - 1)
            path.append(place)
            here = here[place]
        else:
            break
    if not path:
        return
    if isinstance(here, FileOf):
        yield Knob("files", (here.name,))
        return
    yield Knob(of, tuple(path))
    waiting, left = [(tuple(path), here)], _MOST_LEAVES
    while waiting and left:
        at, one = waiting.pop(0)
        for key, below in _below(one):
            left -= 1
            yield Knob(of, (*at, key))
            waiting.append(((*at, key), below))


def _below(value: Any) -> Sequence[tuple[str | int, Any]]:
    value = _parsed(value)
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))[:2]
    return []


def _parsed(value: Any) -> Any:
    """JSON text as what it holds."""
    if isinstance(value, str) and not isinstance(value, FileOf) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            pass
    return value


def _plain(value: Any) -> Any:
    """A value as a file can say it."""
    if isinstance(value, (dict, list, str, int, float, bool)) or value is None:
        return json.loads(json.dumps(value, default=str))
    return str(value)


def _root(draft: Draft, of: str | int) -> Any:
    if isinstance(of, int):
        return draft.tasks[of].outputs
    if of == "trigger":
        assert draft.trigger is not None
        return draft.trigger["variables"]
    return draft.inputs if of == "inputs" else draft.files


def value_of(draft: Draft, knob: Knob) -> Any:
    """What it is set to; None when it is not there."""
    here = _root(draft, knob.of)
    for step in knob.path:
        here = _parsed(here)
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def turned(draft: Draft, knob: Knob, value: Any) -> Draft:
    """The draft with another value there."""
    made = draft.copy()
    root = _root(made, knob.of)
    _put(root, knob.path, value)
    return made


def _put(root: Any, path: tuple[str | int, ...], value: Any) -> None:
    step, *rest = path
    if not rest:
        root[step] = value
        return
    below = root[step]
    parsed = _parsed(below)
    _put(parsed, tuple(rest), value)
    root[step] = json.dumps(parsed) if isinstance(below, str) else parsed
