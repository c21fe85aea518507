"""What is tried again and again keeps no processor busy."""

import pytest

from kestrel_cli.app.engine.pace import Pace
from tests.cli.flows_here import CORE
from tests.support.cli import run_here

MS = 1_000  # microseconds


class Machine:
    """A clock, and the processor time of this process."""

    def __init__(self) -> None:
        self.now = 5_000 * MS
        self.used = 0
        self.pace = Pace(lambda: self.now, lambda: self.used * 1000)


@pytest.mark.parametrize(
    ("asked", "given"), [(-5_000, 10), (0, 10), (3, 10), (10, 10), (10.001, 10.001), (5_000, 5_000)]
)
def test_ten_milliseconds_are_the_least(asked, given):
    machine = Machine()
    at = machine.pace.moment("a", machine.now + round(asked * MS))
    assert at - machine.now == given * MS


@pytest.mark.parametrize(("used", "given"), [(0.1, 10), (0.4, 10), (1, 24), (2, 48), (9, 100)])
def test_who_takes_long_is_tried_less_often(used, given):
    machine = Machine()
    machine.pace.moment("a", machine.now)
    machine.used += round(used * MS)
    machine.now += 10 * MS
    assert machine.pace.moment("a", machine.now) - machine.now == given * MS


def test_a_longer_wait_begins_anew():
    machine = Machine()
    machine.pace.moment("a", machine.now)
    machine.used += 50 * MS
    machine.pace.moment("a", machine.now + 20 * MS)
    assert machine.pace.moment("a", machine.now) - machine.now == 10 * MS


def test_it_is_news_once_for_each():
    machine = Machine()
    pace, now = machine.pace, machine.now
    assert [pace.is_news("a", now), pace.is_news("a", now), pace.is_news("b", now)] == [
        True,
        False,
        True,
    ]
    assert not pace.is_news("c", now + 9 * MS)


UNTIL = f"""
id: until
namespace: company.team
tasks:
  - id: until
    type: {CORE}.flow.LoopUntil
    condition: "{{{{ false }}}}"
    failOnMaxReached: false
    checkFrequency: {{interval: INTERVAL, maxDuration: PT0.3S, maxIterations: 1000000}}
    tasks:
      - {{id: look, type: {CORE}.debug.Return, format: x}}
"""
RETRY = f"""
id: retry
namespace: company.team
tasks:
  - id: look
    type: {CORE}.execution.Fail
    allowFailure: true
    retry: {{type: constant, interval: INTERVAL, maxDuration: PT0.3S}}
"""
ANEW = f"""
id: anew
namespace: company.team
tasks:
  - id: look
    type: {CORE}.execution.Fail
    retry:
      {{type: constant, interval: INTERVAL, maxDuration: PT0.3S, behavior: CREATE_NEW_EXECUTION}}
"""


@pytest.mark.parametrize("interval", ["PT0S", "PT0.001S", "PT0.01S"])
@pytest.mark.parametrize("flow", [UNTIL, RETRY, ANEW], ids=["LoopUntil", "retry", "anew"])
def test_a_storm_is_a_breeze(flow, interval, tmp_path):
    (tmp_path / "flow.yaml").write_text(flow.replace("INTERVAL", interval))
    result = run_here(["run", "flow.yaml", "--log-level", "debug"], tmp_path)
    (journal,) = (tmp_path / ".state" / "kestrel" / "executions").glob("*/journal.ndjson")
    tries = [line for line in journal.read_text().splitlines() if '["E",' in line]
    assert 3 <= len(tries) <= 32
    told = result.out.count("it is tried again after 10 ms at the earliest")
    assert told == (flow is not ANEW and interval != "PT0.01S")
