import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.event import FOREVER, Expanded, Judged, Refused
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Expansion, FlowableTask, Verdict
from kestrel_cli.worker.attempt import Worker
from kestrel_cli.worker.expander import checked
from tests.support.flows import leaf, sequence
from tests.worker.working import Work


class Holding(FlowableTask):
    """A flowable that does what its `work` says."""

    def expand(self, ctx):
        return self.__dict__["work"](ctx)

    def judge(self, ctx, worst):
        return self.__dict__["work"](ctx, worst)

    def elapsed(self, ctx):
        return self.__dict__["work"](ctx)


def holding(work):
    made = Holding(id="f", type="test.Holding", work=work)
    made.__dict__["blocks"] = {}
    return Work(made)


def raising(error):
    def work(*_):
        raise error

    return work


def replaced(work, **more):
    """The same with another worker."""
    work.worker = Worker(
        work.around,
        work.now,
        work.interrupts,
        noticed=work.lines.append,
        **more,
    )
    return work


# -- expansions


def test_what_a_flowable_says_is_in_the_event():
    lanes = [Lane("tasks", 0, 1), Lane("tasks", 1, 2)]
    found = holding(lambda _: Expansion(lanes, 2, {"n": 1}, [[], [0]])).expand()
    assert found == Expanded(0, 2, lanes, 2, {"n": 1}, [[], [0]], None)


@pytest.mark.parametrize(("seconds", "until"), [(-1, FOREVER), (0, 2), (1.5, 1_500_002)])
def test_a_pause_is_a_moment(seconds, until):
    assert holding(lambda _: Expansion([], pause=seconds)).expand().pause == until


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TaskFailed("no"), "no"),
        (RenderError("bad"), "bad"),
        (OSError(28, "No space left on device"), "f: No space left on device"),
    ],
)
def test_one_that_fails_is_refused_and_counts_as_an_attempt(error, words):
    found = holding(raising(error)).expand()
    assert isinstance(found, Refused)
    assert (found.error, found.attempted) == (words, True)


def test_a_limit_under_which_nothing_would_run_is_a_failure():
    assert checked(Expansion([], 0)).limit == 0
    with pytest.raises(TaskFailed, match="at least 0, got -1"):
        checked(Expansion([], -1))


# -- mocks


def mocked(mock):
    return replaced(Work(sequence("s", leaf("a"))), mock_of=lambda _: mock)


def test_a_mocked_flowable_holds_nothing_and_has_the_outputs_of_the_mock():
    work = mocked(Mock(outputs={"n": 1}))
    found = work.expand()
    assert (found.lanes, found.outputs) == ([], {"n": 1})
    assert work.logs() == [("INFO", "mocked: io.kestra.plugin.core.flow.Sequential was not run")]


def test_a_flowable_whose_mock_fails_is_refused():
    found = mocked(Mock(outputs={"n": 1}, state=State.FAILED, error="so it is")).expand()
    assert isinstance(found, Refused)
    assert (found.error, found.outputs) == ("so it is", {"n": 1})


# -- parts


def picking(pick):
    lanes = [Lane("tasks", 0, 1, value, n) for n, value in enumerate("abcdefg")]
    return replaced(holding(lambda _: Expansion(list(lanes))), part=pick)


def test_only_the_lanes_that_were_asked_for_are_left():
    work = picking(lambda run, lanes: [one for one in lanes if one.value == "b"])
    assert [one.value for one in work.expand().lanes] == ["b"]
    assert work.logs() == []


def test_when_none_was_asked_for_the_log_tells_which_there_are():
    work = picking(lambda run, lanes: [])
    assert work.expand().lanes == []
    assert work.logs() == [
        ("WARN", "none of its values was asked for: `a`, `b`, `c`, `d`, `e`, ...")
    ]


# -- what the body left


def judged(work, worst=State.SUCCESS):
    return work.worker.expander.judge(work.run, worst)


def test_a_verdict_is_made_of_the_worst_state():
    work = holding(lambda _, worst: Verdict({"worst": worst.value}))
    assert judged(work, State.WARNING) == Judged(0, 2, {"worst": "WARNING"})


def test_a_further_pass_has_its_moment():
    assert judged(holding(lambda *_: Verdict({}, 2.0))).again == 2_000_002


def test_a_verdict_that_fails_keeps_its_outputs():
    found = judged(holding(raising(TaskFailed("max", outputs={"n": 3}))))
    assert (found.outputs, found.again, found.error) == ({"n": 3}, None, "max")


def test_a_verdict_that_cannot_reach_its_files_fails():
    assert judged(holding(raising(OSError(13, "Permission denied")))).error == (
        "f: Permission denied"
    )


# -- pauses whose time is over


def test_a_flowable_says_how_it_goes_on():
    work = holding(lambda _: State.WARNING)
    assert work.worker.expander.elapsed(work.run) is State.WARNING


def test_one_that_cannot_say_it_fails():
    work = holding(raising(RenderError("bad")))
    assert work.worker.expander.elapsed(work.run) is State.FAILED
    assert work.logs() == [("ERROR", "bad")]
