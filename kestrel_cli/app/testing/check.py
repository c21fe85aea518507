"""Holds a suite against its flow before anything runs: names that nobody has, values that no run
has, assertions that can never hold.
"""

import re
from typing import Any, Final

from kestrel_cli.app.testing.assertions import holds_of_texts, never_evaluated
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.suites import LoadedSuite, near_name, text_of
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.suite import OPERATORS
from kestrel_cli.model.task import Task

_LOOPS: Final = frozenset(("ForEach", "EachSequential", "EachParallel", "Loop"))
_OUTPUTS: Final = re.compile(r"""(?<![\w.])outputs(?:\.([\w-]+)|\[\s*(["'])([^"']+)\2\s*\])""")
_MOST_NAMED: Final = 8


def check_against(
    loaded: LoadedSuite, flow: Flow, *, strict: bool = False, compat: int = 1
) -> None:
    """Add what is found to the findings of the suite; `strict`: Kestra takes unknown names."""
    _Check(loaded.findings, flow, strict, compat).of(loaded.root)


class _Check:
    """One suite against one flow."""

    def __init__(self, findings: Findings, flow: Flow, strict: bool, compat: int) -> None:
        self._findings = findings
        self._flow = flow
        self._compat = compat
        self._blame = findings.warning if strict else findings.error
        self._holders = {
            task.id: holder if isinstance(holder, Task) else None for holder, task in walk(flow)
        }
        self._inputs = _leaves(flow)

    def of(self, root: Node) -> None:
        """Look at every case."""
        cases = root.get("testCases")
        for case in cases.elements() if cases is not None else ():
            fixtures = case.get("fixtures")
            if fixtures is not None:
                self._fixtures(fixtures)
            assertions = case.get("assertions")
            for one in assertions.elements() if assertions is not None else ():
                self._assertion(one)

    def _fixtures(self, node: Node) -> None:
        tasks, inputs = node.get("tasks"), node.get("inputs")
        for one in tasks.elements() if tasks is not None else ():
            self._fixture(one)
        if inputs is not None and isinstance(inputs.items, dict):
            for name, below in inputs.items.items():
                if name.partition(".")[0] not in self._inputs and name not in self._inputs:
                    message = f"the flow `{self._flow.id}` has no input `{name}`"
                    hint = near_name(name, self._inputs) or _listed("inputs", self._inputs)
                    self._blame("unknown-input", message, inputs.key(name), hint)
                self._texts(below)

    def _fixture(self, node: Node) -> None:
        name = node.get("id")
        if name is None:
            return
        task_id = text_of(name)
        if task_id not in self._flow.by_id:
            message = f"the flow `{self._flow.id}` has no task `{task_id}`"
            hint = near_name(task_id, self._flow.by_id) or _listed("tasks", self._flow.by_id)
            self._blame("unknown-task", message, name, hint)
            return
        self._value(task_id, node)
        outputs = node.get("outputs")
        if outputs is not None:
            self._texts(outputs)

    def _value(self, task_id: str, node: Node) -> None:
        """Whether the runs of the task have values, and this one."""
        value, holder = node.get("value"), self._holders.get(task_id)
        loops = holder is not None and holder.type.rpartition(".")[2] in _LOOPS
        if value is None or value.value is None:
            if loops:
                assert holder is not None
                message = (
                    f"the runs of `{task_id}` have values, those of `{holder.id}`: "
                    "a fixture without a `value` is of none of them"
                )
                hint = "write one for each value: `value: ...`"
                self._findings.warning("fixture-value", message, node.key("id"), hint)
            return
        if not loops:
            message = f"`{task_id}` stands in no loop: none of its runs has a value"
            self._blame("fixture-value", message, node.key("value"), "take the `value` out")
            return
        assert holder is not None
        known = _values(holder)
        said = text_of(value)
        if known is not None and said not in known:
            message = f"no run of `{task_id}` has the value `{said}`"
            near = near_name(said, known) or _listed("values", known)
            self._blame("fixture-value", message, value, near)

    def _assertion(self, node: Node) -> None:
        said = {
            name: text_of(below)
            for name in ("value", *OPERATORS)
            if (below := node.get(name)) is not None and below.value is not None
        }
        for name in said:
            below = node.get(name)
            assert below is not None
            self._texts(below)
            if name == "value" and isinstance(below.value, str):
                self._names(below)
        task = node.get("taskId")
        if task is not None and task.value is not None and text_of(task) not in self._flow.by_id:
            message = f"the flow `{self._flow.id}` has no task `{text_of(task)}`"
            hint = near_name(text_of(task), self._flow.by_id)
            self._findings.warning("unknown-task", message, task, hint)
        self._contradiction(said, node)

    def _names(self, node: Node) -> None:
        """The tasks whose outputs are read."""
        if not is_template(node.value):
            return
        for found in _OUTPUTS.finditer(node.value):
            name = found[1] or found[3]
            if name not in self._flow.by_id:
                message = f"the flow `{self._flow.id}` has no task `{name}`: it has no outputs"
                hint = near_name(name, self._flow.by_id) or _listed("tasks", self._flow.by_id)
                self._blame("unknown-task", message, node, hint)

    def _contradiction(self, said: dict[str, str], node: Node) -> None:
        """Operators that can't be evaluated, or exclude each other, when that can be told without
        running anything.
        """
        for name, text in said.items():
            if not is_template(text) and (why := never_evaluated(name, text)) is not None:
                self._blame("never-holds", why, node.key(name), None)
                return
        equal = said.get("equalTo")
        if equal is None or is_template(equal):
            return
        for name, text in said.items():
            if name in ("value", "equalTo", "isNull", "isNotNull") or is_template(text):
                continue
            if not holds_of_texts(name, equal, text):
                message = f"`equalTo: {equal}` and `{name}: {text}` never hold both"
                self._findings.error("never-holds", message, node.key(name))

    def _texts(self, node: Node) -> None:
        """Expressions that can't be compiled."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if isinstance(one.items, dict):
                waiting += one.items.values()
            elif isinstance(one.items, list):
                waiting += one.items
            elif isinstance(one.value, str) and is_template(one.value):
                for problem in problems(one.value, self._compat):
                    self._findings.error("expression", str(problem), one, problem.hint)


def _leaves(flow: Flow) -> list[str]:
    """The names of inputs; those in groups with and without the group's."""
    found: list[str] = []
    for one in flow.inputs:
        found.append(one.id)
        found += [f"{one.id}.{inner.id}" for inner in getattr(one, "inputs", None) or ()]
    return found


def _values(holder: Task) -> set[str] | None:
    """The values of a loop as its runs have them, when the file lists them as plain texts."""
    listed: Any = getattr(holder, "values", None) or getattr(holder, "value", None)
    if not isinstance(listed, list):
        return None
    if any(not isinstance(one, (str, int)) or is_template(str(one)) for one in listed):
        return None
    return {str(one).lower() if isinstance(one, bool) else str(one) for one in listed}


def _listed(what: str, names: Any) -> str | None:
    shown = [f"`{one}`" for one in list(names)[:_MOST_NAMED]]
    more = ", ..." if len(list(names)) > _MOST_NAMED else ""
    return f"its {what}: {', '.join(shown)}{more}" if shown else f"it has no {what}"
