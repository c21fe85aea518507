"""Of two pictures the newer one is told by its histories."""

import json
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.server.progress import Newest
from tests.support import kestra_recordings as recorded
from tests.support.kestra_plays import Script

STEPS = [
    step for step, _ in Script().run("one").end("one").run("two").end("two").state("SUCCESS").steps
]


@given(st.lists(st.integers(0, len(STEPS) - 1), max_size=40))
def test_what_passes_only_goes_forward(order):
    newest = Newest()
    passed = [at for at in order if newest.passes(STEPS[at])]
    assert passed == sorted(set(passed))
    assert passed[-1:] == ([max(order)] if order else [])


def test_any_order_of_three_ends_at_the_last():
    for order in permutations((2, 5, 8)):
        newest = Newest()
        last = [at for at in order if newest.passes(STEPS[at])][-1]
        assert last == 8


def test_a_restart_takes_task_runs_out_and_is_newer():
    newest = Newest()
    assert newest.passes(STEPS[-1])
    again = json.loads(json.dumps(STEPS[-1]))
    again["state"]["histories"].append({"state": "RESTARTED", "date": "2026-11-29T00:00:00Z"})
    del again["taskRunList"][1]
    assert newest.passes(again)
    assert not newest.passes(STEPS[-1])


@recorded.needs_recordings
def test_the_recorded_stream_that_went_back_goes_forward_only():
    newest = Newest()
    lengths = []
    for _, document in recorded.events_of("follow-breakpoint"):
        if newest.passes(document):
            runs = document.get("taskRunList") or []
            lengths.append(sum(len(run["state"]["histories"]) for run in runs))
    assert lengths == sorted(lengths)
    assert lengths[-1] == 10
