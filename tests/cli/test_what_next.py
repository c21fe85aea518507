"""After a failure: the end of the log, what to type next, the log of one task."""

import json
from pathlib import Path

from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Output, style_for
from kestrel_cli.reporters.summary import next_lines
from kestrel_cli.reporters.tails import Tails
from tests.cli.past import FLAKY, ran
from tests.reporters.builders import each_switch, end, new_execution
from tests.support.cli import run_here


def test_the_cause_is_part_of_the_document_even_when_it_is_read_back(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    shown = json.loads(run_here(["executions", "show", name, "-o", "json"], tmp_path).out)
    error = shown["error"]
    assert error["taskId"] == error["path"] == "second"
    assert error["logTail"] == ["not ready"]
    assert (error["file"].endswith(".yaml"), error["line"], error["column"]) == (True, 8, 5)


def test_the_log_of_one_task(tmp_path: Path) -> None:
    ran(tmp_path, FLAKY)
    result = run_here(["executions", "logs", "last", "--task", "tidy"], tmp_path)
    assert result.out.split()[1:] == ["INFO", "tidy", "tidy"]
    assert run_here(["executions", "logs", "last", "--task", "nope"], tmp_path).code == 5
    assert run_here(["executions", "show", "last", "--task", "tidy"], tmp_path).code == 2


def test_nothing_is_hinted_in_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "flaky.yaml").write_text(FLAKY, "utf-8")
    result = run_here(["run", "flaky.yaml"], tmp_path)
    assert result.code == 1
    assert "hint:" not in result.out + result.err


def test_only_a_person_at_a_terminal_gets_hints() -> None:
    terminal = Output(True, "utf-8", 100)
    assert style_for({}, terminal).person
    assert not style_for({"CI": "true"}, terminal).person
    assert not style_for({"TERM": "dumb"}, terminal).person
    assert not style_for({}, Output()).person


def test_the_hint_fits_what_happened() -> None:
    def hint(execution: object) -> list[str]:
        return ["".join(text for _, text in line) for line in next_lines(execution, Tails())]

    assert "restart last" in hint(each_switch(True))[0]
    assert "goes on" in hint(end(new_execution(), State.KILLED))[0]
    assert "replay last" in hint(end(new_execution(error="x"), State.FAILED))[0]
    assert hint(end(new_execution())) == []
