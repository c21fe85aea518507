"""io.kestra.plugin.core.flow.Loop (Kestra 2.0)"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from kestrel_cli.tasks.base import (
    Call,
    CallResult,
    Calls,
    Dynamic,
    Filled,
    Limit,
    Outcome,
    Output,
    Render,
    RunContext,
    State,
    Task,
    TaskFailed,
    Tasks,
    json_text,
)
from kestrel_cli.tasks.properties.rendering import rendered

_NULL = "Found a null value inside the iteration values"
_WORST = (State.KILLED, State.FAILED, State.WARNING)
_BAD = frozenset({State.FAILED, State.KILLED})


class Loop(Task):
    """Run the tasks once for each value, each time as an execution of its own.

    `item.value`, `item.index` and `item.key` are the value as text (`fromJson(item.value)` of a map
    or list), its number and its key; only declared `outputs` leave an iteration. Iterations stop
    when `breakWhen` holds after one, or one failed.
    """

    values: Dynamic[str | list[Any] | dict[str, Any]]
    concurrencyLimit: Limit = 1
    transmitFailed: Dynamic[bool] = True
    fetchType: Dynamic[Literal["AUTO", "FETCH", "STORE"]] = "AUTO"
    breakWhen: Dynamic[str] | None = None
    outputs: list[Output] = []
    tasks: Annotated[Tasks, Filled]
    errors: Tasks = ()
    finally_: Tasks = ()

    gives: ClassVar[dict[str, str]] = {
        "iterationCount": "how many iterations were started",
        "runningIterations": "how many of them run",
        "terminatedIterations": "how many of them have ended",
        "outputs": "when declared, of each iteration its `item`, and its `outputs` or their `uri`",
    }
    executable: ClassVar[bool] = True
    since: ClassVar[str] = "2.0"

    def calls(self, ctx: RunContext) -> Calls:
        """One for each value; nested loops find the items around theirs in `item.parents`."""
        around = ctx.typed("{{ item ?? null }}")
        parents: list[Any] = []
        if around is not None:
            outer = {name: part for name, part in around.items() if name not in _ABOVE}
            parents = [*around.get("parents", ()), outer]
        found = []
        for number, (key, value) in enumerate(_pairs(ctx, self.values)):
            if value is None:
                raise TaskFailed(_NULL)
            item: dict[str, Any] = {"index": number} | ({} if key is None else {"key": key})
            item |= {"value": value if isinstance(value, str) else json_text(value)}
            if parents:
                item |= {"parent": parents[-1], "parents": parents}
            found.append(Call(item=item))
        return Calls(found, limit=self.concurrencyLimit)

    def taken(self, result: CallResult, _render: Render) -> dict[str, Any] | None:
        """The outputs of its flow."""
        return result.outputs

    def stops(self, ctx: RunContext, called: CallResult) -> bool:
        """A failed iteration stops the others, unless failures are not transmitted."""
        if called.state in _BAD and ctx.boolean(self.transmitFailed):
            return True
        if self.breakWhen is None:
            return False
        seen = {
            "executionId": called.execution,
            "state": called.state.value,
            "outputs": called.outputs or {},
        }
        return ctx.with_variables({"iteration": seen}).truthy(self.breakWhen)

    def outcome(self, ctx: RunContext, called: list[CallResult]) -> Outcome:
        """The counts, and what each iteration declares as its outputs."""
        outputs: dict[str, object] = {
            "iterationCount": len(called),
            "runningIterations": 0,
            "terminatedIterations": len(called),
        }
        if self.outputs:
            outputs["outputs"] = self._collected(ctx, called)
        for error in dict.fromkeys(one.error for one in called if one.error is not None):
            ctx.log("ERROR", error)
        states = {one.state for one in called} if ctx.boolean(self.transmitFailed) else set()
        return Outcome(outputs, next((one for one in _WORST if one in states), State.SUCCESS))

    def _collected(self, ctx: RunContext, called: list[CallResult]) -> list[dict[str, Any]]:
        stored = self._stores(ctx)
        found = []
        for one in called:
            item = one.call.item or {}
            shown = {"value": item["value"], "iteration": item["index"], "key": item.get("key")}
            entry: dict[str, Any] = {"item": {k: v for k, v in shown.items() if v is not None}}
            if stored:
                entry["uri"] = _stored(ctx, item["index"], one.outputs or {})
            else:
                entry["outputs"] = one.outputs or {}
            found.append(entry)
        return found

    def _stores(self, ctx: RunContext) -> bool:
        """AUTO stores what came from a file, for that is how long lists come."""
        kind = ctx.text(self.fetchType)
        if kind != "AUTO":
            return kind == "STORE"
        return isinstance(self.values, str) and _is_address(ctx.text(self.values))


_ABOVE = ("parent", "parents")


def _is_address(text: str) -> bool:
    return text.startswith(("kestra://", "nsfile://", "file://"))


def _pairs(ctx: RunContext, values: object) -> Iterator[tuple[str | None, Any]]:
    """Key and value of each iteration; only the entries of a map have keys."""
    if isinstance(values, str):
        text = ctx.text(values)
        if _is_address(text.strip()):
            return _of_file(ctx, text.strip())
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = None
    else:
        values = rendered(ctx, values)
    if isinstance(values, dict):
        return iter(values.items())
    if isinstance(values, list):
        return iter([(None, value) for value in values])
    raise TaskFailed(
        "`values` must be a list, a map, or text that renders to one as JSON "
        "or to the address of a file"
    )


def _of_file(ctx: RunContext, uri: str) -> Iterator[tuple[None, Any]]:
    from kestrel_cli.tasks.base import ion
    from kestrel_cli.tasks.rows.text_rows import rows_of

    with ctx.files.open(uri) as source:
        for row in rows_of(source):
            if row.strip():
                yield None, ion.read_first(row)


def _stored(ctx: RunContext, number: int, outputs: dict[str, Any]) -> str:
    from kestrel_cli.tasks.base import ion

    return ctx.files.put(ion.write(outputs).encode() + b"\n", f"{number}/outputs.ion")
