"""Which execution has its turn."""

import pytest

from kestrel_cli.app.engine.agenda import Agenda
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.request import RunRequest
from kestrel_cli.model.effect import Ask, Begin, Conclude, End, Launch, RunAttempt
from kestrel_cli.model.state import State
from tests.app.engine.made import live_in
from tests.support.flows import flow, leaf

END = End(State.SUCCESS)


@pytest.fixture
def lives():
    tools = Tools(RunRequest(flow(leaf("a")), environ={}))
    return [live_in(tools) for _ in range(3)]


def taken(agenda, lives):
    found = []
    while (one := agenda.next()) is not None:
        found.append((lives.index(one[0]), one[1]))
    return found


def test_what_was_added_last_goes_first(lives):
    agenda = Agenda()
    agenda.add(lives[0], [Conclude(), END])
    agenda.add(lives[1], [Begin()])
    assert agenda.busy
    assert taken(agenda, lives) == [(1, Begin()), (0, Conclude()), (0, END)]
    assert not agenda.busy


def test_those_that_are_launched_begin_once_as_many_were_launched_as_may_be(lives):
    agenda = Agenda()
    agenda.add(lives[0], [Launch(0, 0), Launch(0, 1), RunAttempt(1)])
    found = []
    while (one := agenda.next()) is not None:
        found.append((lives.index(one[0]), one[1]))
        if isinstance(one[1], Launch):
            agenda.launched(lives[one[1].nth + 1], Begin())
        elif one[1] == Begin():
            agenda.add(one[0], [END])
    assert found == [
        *((0, Launch(0, 0)), (0, Launch(0, 1))),
        *((1, Begin()), (2, Begin())),  # each begins before the first of them goes on
        *((1, END), (2, END), (0, RunAttempt(1))),
    ]


def test_what_an_execution_has_to_do_after_its_end_is_void(lives):
    agenda = Agenda()
    agenda.add(lives[0], [Conclude()])
    agenda.add(lives[1], [Conclude()])
    lives[1].ended = True
    assert taken(agenda, lives) == [(0, Conclude())]


def test_questions_wait_until_nothing_else_is_left_and_come_in_their_order(lives):
    agenda = Agenda()
    agenda.add(lives[0], [Ask(1), Ask(2), Conclude()])
    assert agenda.question() is None
    assert taken(agenda, lives) == [(0, Conclude())]
    assert [agenda.question() for _ in range(3)] == [
        (lives[0], Ask(1)),
        (lives[0], Ask(2)),
        None,
    ]


def test_a_question_that_was_there_before_comes_in_its_order(lives):
    agenda = Agenda()
    agenda.ask(lives[0], Ask(1))
    agenda.ask(lives[1], Ask(1))
    assert not agenda.busy
    assert [agenda.question() for _ in range(2)] == [(lives[0], Ask(1)), (lives[1], Ask(1))]
