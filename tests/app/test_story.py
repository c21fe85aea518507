"""A journal read back: what every execution of it was, and what is left to do."""

import pytest

from kestrel_cli.app.history import loaded
from kestrel_cli.app.story import Told, read_story
from kestrel_cli.errors import CannotStart
from kestrel_cli.model.call import Call
from kestrel_cli.model.effect import (
    Ask,
    Begin,
    Conclude,
    Expand,
    Hear,
    Judge,
    Launch,
    RunAttempt,
    WaitUntil,
)
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Called,
    Concluded,
    Expanded,
    Heard,
    KillRequested,
    Launched,
    Lost,
)
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Listener
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from tests.app.flows_on_disk import CORE, Disk, states
from tests.support.births import execution_of
from tests.support.flows import flow, leaf, task

SUCCESS = State.SUCCESS


def told(*tasks, **more):
    made = Told(execution_of(flow(*tasks, **more)), {})
    made.add([Begin()])
    return made


def folded(one, *events):
    for event in events:
        one.fold(event)
    return one


def test_what_was_asked_for_and_not_answered_is_left():
    one = told(leaf("a"), leaf("b"))
    assert one.left() == [Begin()]
    folded(one, Begun(1))
    assert one.left() == [RunAttempt(0)]
    folded(one, AttemptStarted(0, 2))
    assert (one.left(), list(one.under_way)) == ([], [0])
    folded(one, AttemptEnded(0, 3, SUCCESS, {}))
    assert (one.left(), list(one.under_way)) == ([RunAttempt(1)], [])
    folded(one, AttemptStarted(1, 4), AttemptEnded(1, 5, SUCCESS, {}))
    assert one.left() == [Conclude()]


def test_a_wait_is_left_until_its_moment():
    from tests.support.play import constant

    one = folded(told(leaf("a", retry=constant(1))), Begun(1), AttemptStarted(0, 2))
    folded(one, AttemptEnded(0, 3, State.FAILED, {}))
    assert one.left() == [WaitUntil(0, 1_000_003)]


def test_a_question_and_a_judgement_are_left():
    one = folded(told(task("flow.Pause", "p")), Begun(1))
    assert one.left() == [Expand(0)]
    folded(one, Expanded(0, 2, [], 1, {}, None, -1))
    assert one.left() == [Ask(0)]
    loop = task("flow.LoopUntil", "l", condition="x", tasks=(leaf("a"),))
    one = folded(told(loop), Begun(1), Expanded(0, 2, [Lane("tasks", 0, 1)], 1, {}))
    folded(one, AttemptStarted(1, 3), AttemptEnded(1, 4, SUCCESS, {}))
    assert one.left() == [Judge(0)]


def test_of_what_was_killed_nothing_is_left_but_attempts_under_way():
    made = task("flow.Parallel", "p", tasks=(leaf("a"), leaf("b")))
    lanes = [Lane("tasks", 0, 1), Lane("tasks", 1, 2)]
    one = folded(told(made), Begun(1), Expanded(0, 2, lanes, 0, {}), AttemptStarted(1, 3))
    folded(one, KillRequested(4))
    assert (one.left(), list(one.under_way), one.ended) == ([], [1], False)
    folded(one, AttemptEnded(1, 5, State.KILLED))
    assert one.ended


def test_an_answer_that_comes_too_late_leaves_what_was_asked_for_since():
    heard = made_of(Listener, {"tasks": (leaf("heard"),)})
    one = folded(told(leaf("a"), listeners=(heard,)), Begun(1), AttemptStarted(0, 2))
    folded(one, AttemptEnded(0, 3, SUCCESS, {}), KillRequested(4))
    assert one.left() == [Hear()]
    folded(one, Concluded(5, {}))
    assert one.left() == [Hear()]
    folded(one, Heard(6, []))
    assert (one.left(), one.ended) == ([], True)


def test_an_attempt_that_was_lost_is_to_be_made_again():
    one = folded(told(leaf("a")), Begun(1), AttemptStarted(0, 2), Lost(0, 3))
    assert (one.left(), list(one.under_way)) == ([RunAttempt(0)], [])


def test_expansions_are_kept_as_they_were_while_their_lanes_move_on():
    lanes = [Lane("tasks", 0, 2)]
    box = task("flow.Sequential", "box", tasks=(leaf("a"), leaf("b")))
    one = folded(told(box), Begun(1), Expanded(0, 2, lanes, 1, {}))
    assert lanes[0].next == 1
    assert one.expansions[0].lanes == [Lane("tasks", 0, 2)]


def test_of_one_step_what_is_done_at_once_is_left_last_first():
    one = folded(told(leaf("a")), Begun(1), AttemptStarted(0, 2))
    one.add([WaitUntil(0, 5), Conclude()])
    assert one.left() == [Conclude(), WaitUntil(0, 5)]


def test_launches_are_left_in_the_order_of_their_calls():
    one = told(task("flow.Loop", "loop", values=[1, 2], tasks=(leaf("a"),)))
    calls = [Call(item={"index": nth, "value": nth}) for nth in range(2)]
    folded(one, Begun(1), AttemptStarted(0, 2), Called(0, 3, calls, 0))
    assert one.left() == [Launch(0, 0), Launch(0, 1)]
    folded(one, Launched(0, 4, 0, "child"))
    assert one.left() == [Launch(0, 1)]


# -- whole journals

PARTS = f"""
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
  - id: loop
    type: {CORE}.flow.Loop
    values: [x]
    tasks: [{{id: i, type: {CORE}.log.Log, message: hi}}]
"""
CHILD = f"""
labels: {{of: child}}
tasks:
  - {{id: ko, type: {CORE}.execution.Fail, retry: {{type: constant, interval: PT0S, maxAttempts: 2,
      behavior: CREATE_NEW_EXECUTION}}}}
"""


@pytest.fixture
def disk(tmp_path):
    made = Disk(tmp_path)
    made.flow("child", CHILD.replace("retry: {", "allowFailure: true, retry: {"))
    made.flow("main", PARTS)
    return made


def journal(disk):
    (path,) = disk.folder.glob("state/executions/*/journal.ndjson")
    return path


def test_every_execution_comes_back_as_it_was(disk):
    result = disk.run()
    story = read_story(journal(disk), loaded, logs=True)
    before = disk.executions()
    assert [one.execution.id for one in story.told.values()] == [one.id for one in before]
    for one, old in zip(story.told.values(), before, strict=True):
        now = one.execution
        assert (states(now), now.history, now.labels) == (states(old), old.history, old.labels)
        assert (now.trigger, now.kind, now.item) == (old.trigger, old.kind, old.item)
        assert (now.values, now.outputs) == (old.values, old.outputs)
        assert (now.parent_id, now.original_id) == (old.parent_id, old.original_id)
        assert (now.attempt_number, one.ended) == (old.attempt_number, True)
    assert story.root.execution.id == result.execution.id
    assert [line.message for line in story.told[3].lines] == ["hi"]


def test_executions_know_each_other_again(disk):
    disk.run()
    main, retried, follower, iteration = read_story(journal(disk), loaded).told.values()
    assert main.execution.called == {0: [follower.execution], 1: [iteration.execution]}
    assert follower.execution.earlier == (retried.execution,)
    assert iteration.execution.owner is main.execution
    assert iteration.execution.flow.blocks["tasks"][0].id == "i"


def test_the_root_is_the_last_of_those_that_follow_each_other(disk):
    disk.flow("main", CHILD)
    result = disk.run()
    story = read_story(journal(disk), loaded)
    assert len(story.told) == 2
    assert story.root is story.told[1]
    assert story.root.execution.id == result.execution.id
    assert story.follower(story.told[0]) is story.told[1]
    assert story.follower(story.root) is None
    assert story.name == story.told[0].execution.id


def test_a_flow_file_is_kept_once_and_loaded_once(disk):
    disk.run()
    texts = []

    def load(text):
        texts.append(text.file.rpartition("/")[2])
        return loaded(text)

    story = read_story(journal(disk), load)
    assert texts == ["main.yaml", "child.yaml"]
    assert set(story.flows) == set(story.texts) == {0, 1}


def test_what_cannot_have_happened_is_refused_with_its_place(disk):
    disk.run()
    path = journal(disk)
    with path.open("a") as file:
        file.write('["E",0,9,"SUCCESS",{},[],null,0.0]\n')
    with pytest.raises(CannotStart, match=rf"{path.name} is damaged at line \d+: "):
        read_story(path, loaded)


def test_a_journal_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CannotStart, match=r"can't be read: .*No such file"):
        read_story(tmp_path / "none", loaded)
