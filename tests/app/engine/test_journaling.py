from pathlib import Path

import pytest

from kestrel_cli.app.engine.journaling import RunJournal
from kestrel_cli.diagnostic import Position
from kestrel_cli.model.event import AttemptEnded, Begun
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import changed
from kestrel_cli.model.sealing import Seals
from kestrel_cli.model.state import State
from kestrel_cli.store.journal import Journal, Key, read
from tests.app.running import Book
from tests.support.births import execution_of
from tests.support.flows import flow, leaf
from tests.support.play import Play

FAILED = "the journal can't be written any more, the run goes on without it: "


def journal(book=None, execution=None, defaults=()):
    """The journal of a run, and its warnings."""
    warnings = []
    made = RunJournal(warnings.append, lambda: warnings.append("lost"), list(defaults))
    if book is not None:
        made.keep(book, Seals((execution or execution_of(flow(leaf("a")))).masker, "x"))
    return made, warnings


def written(path):
    return [line for _, _, line in read(path)]


def test_executions_are_numbered_and_each_flow_is_written_once():
    book, (a, b) = Book(), (flow(leaf("a")), flow(leaf("b")))
    made, _ = journal(book)
    assert [made.number_of(one) for one in (a, a, b)] == [0, 0, 1]
    assert [made.next_number() for _ in range(3)] == [0, 1, 2]
    assert book.calls == ["flow 0", "flow 1"]


def test_entries_stand_under_the_number_of_their_execution():
    book = Book()
    made, _ = journal(book)
    made.append(1, Begun(1))
    made.append(0, Begun(1))
    assert book.calls == ["append 1 Begun", "append 0 Begun"]


def test_the_birth_of_the_first_execution_is_kept_as_it_is(tmp_path):
    one = execution_of(
        flow(leaf("a")), "x", 7, namespace="n", inputs={"n": 1}, labels=[("a", "b")], kind="TEST"
    )
    made, _ = journal(Journal(tmp_path / "journal"), one)
    made.birth(one.birth)
    made.close(one, 9)
    assert written(tmp_path / "journal")[0] == one.birth


def test_numbers_go_on_after_those_that_were_read_back():
    book, known = Book(), flow(leaf("a"))
    made, _ = journal(book)
    made.read_back(5)
    made.know_flow(known, "text", 0)
    assert (made.number_of(known), made.text_of(known), made.next_number()) == (0, "text", 5)
    assert made.number_of(flow(leaf("b"))) == 1
    assert book.calls == ["flow 1"]


def test_the_text_of_a_flow_is_known_before_it_has_a_number():
    made, _ = journal()
    one, other = flow(leaf("a")), flow(leaf("b"))
    made.know_flow(one, "text")
    assert (made.knows(one), made.text_of(one)) == (True, "text")
    assert (made.knows(other), made.text_of(other)) == (False, "")


@pytest.mark.parametrize(
    ("file", "kept"),
    [("flows/a.yaml", str(Path("flows/a.yaml").absolute())), ("-", "-"), ("", "")],
)
def test_a_flow_file_is_found_again_from_anywhere(file, kept, tmp_path):
    one = flow(leaf("a"))
    one.__dict__["where"] = Position(file, 1, 1)
    made, _ = journal(Journal(tmp_path / "journal"))
    made.know_flow(one, "the text")
    made.number_of(one)
    made.close(execution_of(one), 1)
    told = written(tmp_path / "journal")[0]
    assert (told.file, told.text) == (kept, "the text")


def test_a_flow_is_kept_with_the_defaults_it_was_read_with(tmp_path):
    defaults = [{"type": "a", "values": {}}]
    one = flow(leaf("a"))
    made, _ = journal(Journal(tmp_path / "journal"), defaults=defaults)
    made.number_of(one)
    made.flush()
    assert written(tmp_path / "journal")[0].defaults == defaults
    made.close(execution_of(one), 1)


def test_no_secret_is_written(tmp_path):
    one = execution_of(flow(leaf("a")))
    one.masker.add("xyzzy-plugh")
    secret = {"n": ["xyzzy-plugh"]}
    made, _ = journal(Journal(tmp_path / "journal"), one)
    made.birth(changed(one.birth, inputs=secret, labels=[("token", "xyzzy-plugh")], trigger=secret))
    made.append(0, AttemptEnded(0, 1, State.SUCCESS, {"value": "it is xyzzy-plugh"}))
    made.close(one, 1)
    assert "xyzzy" not in (tmp_path / "journal").read_text()
    assert outputs_without_secrets(tmp_path / "journal") == [{"value": "it is ******"}]


def outputs_without_secrets(path):
    """The outputs of attempts, as somebody reads them who does not know the secrets."""
    seals, found = Seals(Masker(), "x"), []
    for _, _, line in read(path, translate=lambda _, values: seals.opened(values)):
        if isinstance(line, Key):
            seals.learn(line.entry)
        elif isinstance(line, AttemptEnded):
            found.append(line.outputs)
    return found


def test_the_end_tells_the_state_and_how_many_task_runs_there_are():
    play = Play(flow(leaf("a"), leaf("b")))
    play.begin()
    play.work(0)
    play.execution.runs[1].gone = True
    book = Book()
    journal(book)[0].close(play.execution, 9)
    (closed,) = book.closed
    assert (closed.at, closed.state, closed.runs) == (9, "RUNNING", 1)


def test_one_that_waits_for_a_paused_execution_is_paused():
    play = Play(flow(leaf("a")))
    play.begin()
    play.start(0)
    paused = execution_of(play.flow)
    paused.progress.state = State.PAUSED
    play.execution.called[0] = [paused]
    book = Book()
    journal(book)[0].close(play.execution, 9)
    assert book.closed[0].state == "PAUSED"


def all_of_it(made, one):
    made.number_of(one.flow)
    made.birth(one.birth)
    made.append(0, Begun(1))
    made.flush()
    made.close(one, 1)


@pytest.mark.parametrize("failing", ["flow 0", "birth 0", "append 0 Begun", "flush", "close"])
def test_a_journal_that_fails_is_given_up_with_one_warning(failing):
    book, one = Book(fails={failing}), execution_of(flow(leaf("a")))
    made, warnings = journal(book, one)
    all_of_it(made, one)
    written_then = list(book.calls)
    assert written_then[-1] == failing
    all_of_it(made, one)
    assert book.calls == written_then
    assert warnings == ["lost", f"{FAILED}[Errno 28] No space left on device"]
    assert made.lost


def test_one_that_may_catch_up_is_behind_with_one_warning_and_not_given_up():
    book, one = Book(fails={"flush"}), execution_of(flow(leaf("a")))
    made, warnings = journal(book, one)
    book.failing = True
    made.flush()
    made.append(0, Begun(1))
    assert book.calls == ["flush", "append 0 Begun"]
    assert warnings == [
        "the journal can't be written, the run goes on without it:"
        " [Errno 28] No space left on device"
    ]
    assert not made.lost


def test_without_a_journal_it_only_numbers():
    made, warnings = journal()
    one = execution_of(flow(leaf("a")))
    all_of_it(made, one)
    assert [made.next_number() for _ in range(2)] == [0, 1]
    assert (made.number_of(one.flow), made.number_of(flow(leaf("b"))), warnings) == (0, 1, [])
