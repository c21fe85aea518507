"""Service level agreements of a flow, watched while it runs. Each is broken once at most, and only
the first one acts.
"""

from collections.abc import Iterator
from typing import Any

from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.template import render_text
from kestrel_cli.expressions.truth import is_true
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.event import Event, Violated
from kestrel_cli.model.flow import Sla
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.model.typed import as_text


def overdue(live: Live, one: Sla, tools: Tools) -> Iterator[Event]:
    """The execution takes too long, unless it has ended meanwhile."""
    execution = live.execution
    if live.ended or execution.state in TERMINAL or execution.killing:
        return
    took = Duration.of_micros(tools.clock.now() - execution.created_at)
    reason = f"execution duration of {took} exceed the maximum duration of {one.duration}."
    yield _violated(live, one, reason, tools)


def broken_at_first(live: Live, tools: Tools) -> Iterator[Event]:
    """What is asserted and does not hold before anything begins."""
    for one in list(live.assertions):
        if not _holds(live, one, tools):
            live.assertions.remove(one)
            yield _violated(live, one, f"assertion is false: {one.assert_}.", tools)
            if one.behavior != "NONE":
                return


def look(live: Live, tools: Tools) -> Iterator[Event]:
    """Whether what is asserted still holds; the first that does not."""
    live.looks = False
    if live.execution.state in TERMINAL or live.execution.killing:
        return
    for one in live.assertions:
        if not _holds(live, one, tools):
            live.assertions.remove(one)
            yield _violated(live, one, f"assertion is false: {one.assert_}.", tools)
            return


def _holds(live: Live, one: Sla, tools: Tools) -> bool:
    scope = RunScope(live.around)
    try:
        return is_true(render_text(one.assert_ or "", scope, live.around.compat))
    except RenderError as error:
        tools.complain(live, f"SLA '{one.id}' can't be looked at: {error}")
        return True


def _violated(live: Live, one: Sla, reason: str, tools: Tools) -> Violated:
    event = Violated(
        tools.clock.now(), one.id, one.behavior, _labels(live, one.labels, tools), reason
    )
    said = f"SLA '{one.id}' violated: {reason}"
    tools.say(live, "WARN", said)
    if one.behavior == "FAIL":
        tools.say(live, "ERROR", f"Execution failed due to {said}")
    return event


def _labels(live: Live, labels: Any, tools: Tools) -> list[tuple[str, str]]:
    pairs = labels.items() if isinstance(labels, dict) else _listed(labels)
    scope, compat = RunScope(live.around), live.around.compat
    found = []
    for key, value in pairs:
        try:
            found.append((str(key), render_text(as_text(value), scope, compat)))
        except RenderError as error:
            tools.complain(live, f"a label of an SLA can't be rendered: {error}")
    return found


def _listed(labels: Any) -> list[tuple[object, object]]:
    listed = labels if isinstance(labels, list) else []
    return [(one.get("key"), one.get("value")) for one in listed if isinstance(one, dict)]
