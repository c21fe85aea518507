"""How paused tasks go on: by options, settings, or somebody at a terminal."""

import io
import json
import sys
from pathlib import Path

import pytest

from kestrel_cli.cli.input_prompts import Terminal
from kestrel_cli.cli.pause_prompts import PausePrompt
from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Flow, Input
from tests.cli.flows_here import CORE, HELLO, written
from tests.cli.past import GATES, ran, runs
from tests.support.cli import Result, run_here
from tests.support.flows import task
from tests.support.terminal import CTRL_C, CTRL_D, on_terminal

unix = pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix terminal")
GATE = f"""
id: gate
namespace: company.team
tasks:
  - id: ask
    type: {CORE}.flow.Pause
    description: Is the cake fine?
    onResume:
      - {{id: fine, type: BOOL}}
      - {{id: note, type: STRING, required: false}}
  - {{id: after, type: {CORE}.log.Log, message: "{{{{ outputs.ask.onResume.fine }}}}"}}
"""
PARENT = f"""
id: parent
namespace: company.team
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: gate}}
"""


def run(folder: Path, flow: str, *options: str) -> Result:
    return run_here(["run", written(folder, flow), *options], folder)


# -- options and settings


@pytest.mark.parametrize(
    ("options", "code", "state"),
    [
        ([], 1, "FAILED"),
        (["--pause", "fail"], 1, "FAILED"),
        (["--pause", "wait"], 0, "PAUSED"),
        (["--pause", "skip"], 1, "PAUSED"),  # an input is needed
        (["--resume", "ask={fine: true}"], 0, "SUCCESS"),
        (["--resume", "ask={fine: true}", "--pause", "wait"], 0, "SUCCESS"),
        (["--resume", "ask={}"], 1, "PAUSED"),
    ],
)
def test_an_option_says_how_a_paused_task_goes_on(
    options: list[str], code: int, state: str, tmp_path: Path
) -> None:
    result = run(tmp_path, GATE, "-o", "json", *options)
    assert (result.code, json.loads(result.out)["state"]["current"]) == (code, state)
    assert json.loads(result.out)["exitCode"] == code


def test_the_settings_may_say_it_too_and_an_option_beats_them(tmp_path: Path) -> None:
    (tmp_path / "kestrel.toml").write_text('pause = "wait"\n')
    assert run(tmp_path, GATE).code == 0
    assert run(tmp_path, GATE, "--pause", "fail").code == 1


def test_an_answer_holds_for_every_run_of_its_task(tmp_path: Path) -> None:
    flow = f"""
id: loop
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks: [{{id: ask, type: {CORE}.flow.Pause, onResume: [{{id: word, type: STRING}}]}}]
"""
    result = run(tmp_path, flow, "-o", "json", "--resume", "ask={word: yes}")
    assert runs(result) == ["each SUCCESS", "ask[a] SUCCESS", "ask[b] SUCCESS"]


def test_an_answer_reaches_a_flow_that_is_called(tmp_path: Path) -> None:
    written(tmp_path, GATE, "gate.yaml")
    assert run(tmp_path, PARENT, "--resume", "ask={fine: true}").code == 0


@pytest.mark.parametrize(
    ("flow", "options", "words"),
    [
        (HELLO, ["--resume", "greet"], "`--resume greet`: the flow has no Pause task"),
        (GATE, ["--resume", "aks"], "`--resume aks`: the flow has no task `aks`; did you mean"),
        (GATE, ["--resume", "after"], "`--resume after`: this is no Pause task, but "),
        (GATE, ["--resume", "ask=5"], "`--resume ask`: expected a map"),
        (GATE, ["--pause", "perhaps"], "`--pause perhaps`: use `skip`, `fail` or `wait`"),
    ],
)
def test_an_answer_that_nobody_asks_for_is_refused(
    flow: str, options: list[str], words: str, tmp_path: Path
) -> None:
    result = run(tmp_path, flow, *options)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_in_a_pipe_nobody_is_asked_and_the_log_says_what_to_do(tmp_path: Path) -> None:
    result = run_here(["run", written(tmp_path, GATE)], tmp_path, stdin="y\ny\n")
    assert result.code == 1
    assert "ERROR ask" in result.out
    assert (
        "nobody is there to resume the task `ask`: give `--resume 'ask={fine: ...}'`" in result.out
    )


# -- somebody at a terminal


@unix
def test_somebody_at_a_terminal_is_asked(tmp_path: Path) -> None:
    written(tmp_path, GATE)
    code, shown = on_terminal(
        tmp_path,
        ["run", "flow.yaml", "--color", "never"],
        answers=[("[Y/n] ", "\n"), ("fine: ", "maybe\n"), ("fine: ", "y\n")],
    )
    assert code == 0
    assert "\n`ask` is paused: Is the cake fine?\nresume it? [Y/n] \nfine (BOOL)\n" in shown
    assert "`maybe` is neither yes nor no" in shown
    assert "ask SUCCESS" in shown


@unix
def test_an_execution_that_waits_is_asked_about_when_it_is_resumed(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    code, shown = on_terminal(
        tmp_path,
        ["resume", name, "--color", "never"],
        answers=[("[Y/n] ", "y\n"), ("fine: ", "y\n"), ("[Y/n] ", CTRL_D)],
    )
    assert code == 0
    assert "ask SUCCESS" in shown
    assert "again PAUSED" in shown


@unix
@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ([("[Y/n] ", "n\n")], 1, "the task `ask` is not resumed: the answer was no"),
        ([("[Y/n] ", CTRL_D)], 1, "nobody is there to resume the task `ask`"),
        ([("[Y/n] ", CTRL_C)], 130, "KILLED"),
        ([("[Y/n] ", "y\n"), ("fine: ", CTRL_C)], 130, "KILLED"),
    ],
    ids=["no", "ctrl-d", "ctrl-c", "ctrl-c later"],
)
def test_they_may_not_want_it_to_go_on(
    answers: list[tuple[str, str]], code: int, words: str, tmp_path: Path
) -> None:
    written(tmp_path, GATE)
    arguments = ["run", "flow.yaml", "--color", "never", "--width", "200"]
    ended, shown = on_terminal(tmp_path, arguments, answers=answers)
    assert (ended, words in shown) == (code, True)
    assert "Traceback" not in shown
    for line in shown.splitlines():  # no log line follows a question
        assert "WARN" not in line or line[:2].isdigit()


@unix
@pytest.mark.parametrize(
    ("env", "options", "code"),
    [
        ({"CI": "true"}, [], 1),
        ({}, ["--no-input"], 1),
        ({}, ["--pause", "wait"], 0),
        ({}, ["--pause", "fail"], 1),
        ({}, ["--resume", "ask={fine: true}"], 0),
    ],
)
def test_nobody_is_asked_in_ci_or_when_an_option_answers(
    env: dict[str, str], options: list[str], code: int, tmp_path: Path
) -> None:
    written(tmp_path, GATE)
    ended, shown = on_terminal(tmp_path, ["run", "flow.yaml", *options], env=env)
    assert ended == code
    assert "[Y/n]" not in shown


# -- the prompt itself


def asked(answers: str, *inputs: dict[str, object], description: str | None = None):
    made = [accept_all(Input, {"type": "STRING", **one}) for one in inputs]
    pause = task("flow.Pause", "ask", onResume=made, description=description)
    flow = made_of(Flow, {"id": "f", "namespace": "team"})
    terminal = Terminal(io.StringIO(answers), io.StringIO())
    found = PausePrompt(terminal).ask(flow, pause, {}, lambda value, _: value)
    return found, terminal.questions.getvalue()


@pytest.mark.parametrize("yes", ["\n", "y\n", "YES\n", " yes \n", "what?\ny\n"])
def test_a_yes_is_followed_by_what_is_missing(yes: str) -> None:
    found, shown = asked(f"{yes}x\n", {"id": "a"}, {"id": "b", "defaults": "B"})
    assert found == {"a": "x"}
    assert shown.endswith("resume it? [Y/n] a (STRING)\na: ")
    assert ("answer yes or no" in shown) == ("what" in yes)


@pytest.mark.parametrize(("answer", "found"), [("n\n", "no"), ("No\n", "no"), ("", None)])
def test_a_no_is_not_the_end_of_the_answers(answer: str, found: str | None) -> None:
    assert asked(answer, {"id": "a"})[0] == found


def test_without_inputs_a_yes_is_enough() -> None:
    assert asked("\n") == ({}, "\n`ask` is paused\nresume it? [Y/n] ")


def test_when_the_answers_end_early_what_is_missing_stays_so() -> None:
    assert asked("y\n", {"id": "a"})[0] == {}


def test_a_description_cannot_draw_on_the_terminal() -> None:
    assert "\x1b" not in asked("n\n", description="\x1b[2J\nhello")[1]
    assert asked("n\n", description="one\ntwo")[1].startswith("\n`ask` is paused: one two\n")


def test_an_answer_is_used_at_once_whatever_time_a_pause_has(tmp_path):
    answers = "timeout: P1D, onResume: [{id: ok, type: BOOLEAN}]"
    pause = f"{{id: wait, type: {CORE}.flow.Pause, {answers}}}"
    message = "ok {{ outputs.wait.onResume.ok }}"
    said = f'{{id: say, type: {CORE}.log.Log, message: "{message}"}}'
    text = f"id: f\nnamespace: company.team\ntasks:\n  - {pause}\n  - {said}\n"
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    ended = run_here(["run", "f.yaml", "--resume", 'wait={"ok": true}'], tmp_path)
    assert ended.code == 0
    assert "ok true" in ended.out
