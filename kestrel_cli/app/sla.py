"""Service level agreements of a flow, watched while it runs (spec/engine.md 6.10)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.template import render_text
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.event import Violated
from kestrel_cli.model.flow import Sla
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.model.typed import as_text

if TYPE_CHECKING:
    from kestrel_cli.app.conductor import Conductor
    from kestrel_cli.app.driver import Driver

_FALSE = frozenset({"", "0", "-0", "false"})


class Agreements:
    """Of one execution. Each is broken once at most, and only the first one acts."""

    def __init__(self, agreements: Sequence[Sla], conductor: "Conductor") -> None:
        self._conductor = conductor
        self._durations = [one for one in agreements if one.type == "MAX_DURATION"]
        self._assertions = [one for one in agreements if one.type == "EXECUTION_ASSERTION"]
        self._looking = False

    def begin(self, driver: "Driver") -> None:
        """Set the clocks."""
        for one in self._durations:
            if one.duration is not None:
                at = driver.execution.created_at + one.duration.micros
                self._conductor.wake(at, lambda one=one: self._late(driver, one), holds=False)  # type: ignore[misc]

    def _late(self, driver: "Driver", one: Sla) -> None:
        execution = driver.execution
        if driver.ended or execution.state in TERMINAL or execution.ending is not None:
            return
        now = driver.clock.now()
        took = Duration.of_micros(now - execution.created_at)
        reason = f"execution duration of {took} exceed the maximum duration of {one.duration}."
        driver.violated(_violated(driver, one, now, reason))

    def look(self, driver: "Driver") -> Violated | None:
        """What does not hold any more."""
        execution = driver.execution
        if self._looking or not self._assertions or execution.state in TERMINAL:
            return None
        self._looking = True  # rendering may log
        try:
            for one in self._assertions:
                if not _holds(driver, one):
                    self._assertions.remove(one)
                    reason = f"assertion is false: {one.assert_}."
                    return _violated(driver, one, driver.clock.now(), reason)
        finally:
            self._looking = False
        return None


def _holds(driver: "Driver", one: Sla) -> bool:
    scope = RunScope(driver.around)
    try:
        return render_text(one.assert_ or "", scope, driver.around.compat).strip() not in _FALSE
    except RenderError as error:
        driver.complain(f"SLA '{one.id}' can't be looked at: {error}")
        return True


def _violated(driver: "Driver", one: Sla, at: int, reason: str) -> Violated:
    return Violated(at, one.id, one.behavior, _labels(driver, one.labels), reason)


def _labels(driver: "Driver", labels: Any) -> list[tuple[str, str]]:
    pairs = labels.items() if isinstance(labels, dict) else _listed(labels)
    scope, compat = RunScope(driver.around), driver.around.compat
    found = []
    for key, value in pairs:
        try:
            found.append((str(key), render_text(as_text(value), scope, compat)))
        except RenderError as error:
            driver.complain(f"a label of an SLA can't be rendered: {error}")
    return found


def _listed(labels: Any) -> list[tuple[object, object]]:
    listed = labels if isinstance(labels, list) else []
    return [(one.get("key"), one.get("value")) for one in listed if isinstance(one, dict)]
