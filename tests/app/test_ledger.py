from pathlib import Path

import pytest

from kestrel_cli.app.ledger import Ledger
from kestrel_cli.model.event import AttemptEnded, Begun
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.position import Position
from kestrel_cli.model.state import State
from kestrel_cli.store.journal import Journal, read
from tests.app.running import Book
from tests.support.flows import flow, leaf
from tests.support.play import Play

FAILED = "the journal can't be written any more, the run goes on without it: "


def execution_of(made, name="x"):
    return Execution(name, made, [(State.CREATED, 7)])


def ledger(book=None):
    """A ledger, and its warnings."""
    warnings = []
    return Ledger(book, warnings.append), warnings


def test_executions_are_numbered_and_each_flow_is_written_once():
    book, (a, b) = Book(), (flow(leaf("a")), flow(leaf("b")))
    made, _ = ledger(book)
    for one in (a, a, b):
        made.born(execution_of(one), "text", {})
    assert book.calls == ["flow 0", "birth 0", "birth 1", "flow 1", "birth 2"]
    assert [birth.about["flow"] for birth in book.births] == [0, 0, 1]


def test_entries_stand_under_the_number_of_their_execution():
    book = Book()
    made, _ = ledger(book)
    one, two = (execution_of(flow(leaf("a"))) for _ in range(2))
    made.born(one, "", {})
    made.born(two, "", {})
    made.append(two, Begun(1))
    made.append(one, Begun(1))
    assert book.calls[-2:] == ["append 1 Begun", "append 0 Begun"]


def test_a_birth_tells_all_that_is_known_and_where_it_belongs():
    book = Book()
    one = execution_of(flow(leaf("a")))
    one.inputs, one.labels, one.kind = {"n": 1}, [("a", "b")], "TEST"
    ledger(book)[0].born(one, "", {"parent": [0, 1, 1, 0]})
    assert book.births[0].about == {
        "id": "x",
        "namespace": "company.team",
        "flowId": "test",
        "file": "test.yaml",
        "at": 7,
        "inputs": {"n": 1},
        "labels": [("a", "b")],
        "kind": "TEST",
        "attemptNumber": 1,
        "flow": 0,
        "parent": [0, 1, 1, 0],
    }


def test_an_iteration_has_no_flow_of_its_own():
    book = Book()
    one = execution_of(flow(leaf("a")))
    one.owner = execution_of(one.flow)
    ledger(book)[0].born(one, "", {})
    assert book.calls == ["birth 0"]
    assert book.births[0].about["flow"] is None


def test_numbers_go_on_after_those_that_were_read_back():
    book, known = Book(), flow(leaf("a"))
    made, _ = ledger(book)
    made.know(execution_of(known), 4)
    made.know_flow(known, 0)
    made.born(execution_of(known), "", {})
    assert book.calls == ["birth 5"]


@pytest.mark.parametrize(
    ("file", "kept"),
    [("flows/a.yaml", str(Path("flows/a.yaml").absolute())), ("-", "-"), ("", "")],
)
def test_a_flow_file_is_found_again_from_anywhere(file, kept, tmp_path):
    made = flow(leaf("a"))
    made.__dict__["where"] = Position(file, 1, 1)
    with_journal, _ = ledger(Journal(tmp_path / "journal"))
    with_journal.born(execution_of(made), "the text", {})
    with_journal.close(execution_of(made), 1)
    _, _, told = next(read(tmp_path / "journal"))
    assert (told.file, told.text) == (kept, "the text")


def test_a_flow_is_kept_with_the_defaults_it_was_read_with(tmp_path):
    made, _ = ledger(Journal(tmp_path / "journal"))
    made.plugin_defaults = [{"type": "a", "values": {}}]
    made.born(execution_of(flow(leaf("a"))), "", {})
    made.flush()
    _, _, told = next(read(tmp_path / "journal"))
    assert told.defaults == made.plugin_defaults
    made.close(execution_of(flow(leaf("a"))), 1)


def test_no_secret_is_written(tmp_path):
    one = execution_of(flow(leaf("a")))
    one.masker.add("xyzzy-plugh")
    one.inputs = {"n": ["xyzzy-plugh"]}
    one.labels = [("token", "xyzzy-plugh")]
    one.trigger = {"k": "xyzzy-plugh"}
    made, _ = ledger(Journal(tmp_path / "journal"))
    made.born(one, "", {})
    made.append(one, AttemptEnded(0, 1, State.SUCCESS, {"value": "it is xyzzy-plugh"}))
    made.close(one, 1)
    text = (tmp_path / "journal").read_text()
    assert "xyzzy" not in text
    assert "it is ******" in text


def test_the_end_tells_the_state_and_how_many_task_runs_there_are():
    play = Play(flow(leaf("a"), leaf("b")))
    play.begin()
    play.work(0)
    play.execution.remove(play.execution.runs[1])
    book = Book()
    ledger(book)[0].close(play.execution, 9)
    (closed,) = book.closed
    assert (closed.at, closed.state, closed.runs) == (9, "RUNNING", 1)


def test_one_that_waits_for_a_paused_execution_is_paused():
    play = Play(flow(leaf("a")))
    play.begin()
    play.start(0)
    paused = execution_of(play.flow)
    paused.enter(State.PAUSED, 8)
    play.execution.called[0] = [paused]
    book = Book()
    ledger(book)[0].close(play.execution, 9)
    assert book.closed[0].state == "PAUSED"


@pytest.mark.parametrize("failing", ["flow 0", "birth 0", "append 0 Begun", "flush", "close"])
def test_a_journal_that_fails_is_given_up_with_one_warning(failing):
    book, one = Book(fails={failing}), execution_of(flow(leaf("a")))
    made, warnings = ledger(book)
    for _ in range(2):
        made.born(one, "", {})
        made.know(one, 0)
        made.append(one, Begun(1))
        made.flush()
        made.close(one, 1)
    assert book.calls[-1] == failing
    assert warnings == [f"{FAILED}[Errno 28] No space left on device"]


def test_without_a_journal_it_only_numbers():
    made, warnings = ledger()
    one, two = (execution_of(flow(leaf("a"))) for _ in range(2))
    made.born(one, "", {})
    made.born(two, "", {})
    made.append(one, Begun(1))
    made.flush()
    made.close(one, 1)
    assert (made.number_of(one), made.number_of(two), warnings) == (0, 1, [])
