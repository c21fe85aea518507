"""`kestrel eval`: the real engine against nothing, a flow, a finished execution, a bare context."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.flows_here import CORE, HELLO, NEEDS_INPUT, written
from tests.cli.past import FLAKY, ran
from tests.support.cli import COMMAND, Result, process_environment, run_here

LOOP = f"""
id: loop
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [x, y]
    tasks:
      - id: make
        type: {CORE}.debug.Return
        format: made {{{{ taskrun.value }}}}
  - id: use
    type: {CORE}.debug.Return
    format: used
"""


def run_eval(folder: Path, *arguments: str, stdin: str = "", **env: str) -> Result:
    return run_here(["eval", *arguments], folder, dict(env), stdin)


def execution(folder: Path) -> str:
    """A finished execution as JSON, in a file."""
    done = run_here(["run", written(folder, LOOP), "--json-file", "run.json"], folder)
    assert done.code == 0
    return "run.json"


@pytest.mark.parametrize(
    ("template", "text", "value"),
    [
        ("{{ 1 + 2 }}", "3", "3"),
        ("{{ 'a' | upper }}", "A", '"A"'),
        ("{{ [1, null, 'x'] }}", '[1,null,"x"]', '[1,null,"x"]'),
        ("{{ null }}", "", "null"),
        ("{{ 1.0 }}", "1.0", "1.0"),
        ("x {{ 1 }}", "x 1", '"x 1"'),
        ("no template", "no template", '"no template"'),
        ("", "", '""'),
        ("{{ 'é' }}", "é", '"é"'),
    ],
)
def test_a_bare_expression_is_rendered_as_text_or_typed(
    template: str, text: str, value: str, tmp_path: Path
) -> None:
    assert run_eval(tmp_path, template) == Result(0, f"{text}\n", "")
    assert run_eval(tmp_path, template, "-o", "json") == Result(0, f"{value}\n", "")


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_the_template_may_come_from_stdin(arguments: list[str], tmp_path: Path) -> None:
    result = run_eval(tmp_path, *arguments, stdin="{{ 1 + 1 }}\nnext\n")
    assert result == Result(0, "2\nnext\n", "")


def test_a_flow_is_seen_as_before_it_runs(tmp_path: Path) -> None:
    flow = written(tmp_path, HELLO)
    assert run_eval(tmp_path, "{{ inputs.name }}", "--flow", flow).out == "world\n"
    with_input = ["{{ inputs.name | upper }}", "--flow", flow, "-i", "name=Ada"]
    assert run_eval(tmp_path, *with_input).out == "ADA\n"
    assert run_eval(tmp_path, "{{ flow.id }}", "--flow", flow).out == "hello\n"
    (tmp_path / "in.yaml").write_text("name: Bo\n", "utf-8")
    from_file = ["{{ inputs.name }}", "--flow", flow, "--inputs-file", "in.yaml"]
    assert run_eval(tmp_path, *from_file).out == "Bo\n"


def test_a_flow_with_a_missing_input_cannot_be_seen(tmp_path: Path) -> None:
    result = run_eval(tmp_path, "{{ 1 }}", "--flow", written(tmp_path, NEEDS_INPUT))
    assert result.code == 3
    assert "Missing required input:age" in result.err


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    run_eval(tmp_path, "{{ inputs.name }}", "--flow", written(tmp_path, HELLO))
    assert [path.name for path in tmp_path.iterdir()] == ["flow.yaml"]


def test_a_finished_execution_is_seen_by_any_of_its_task_runs(tmp_path: Path) -> None:
    done = execution(tmp_path)
    seen = run_eval(tmp_path, "{{ outputs.make.x.value }} {{ tasks.use.state }}", "--from", done)
    assert seen == Result(0, "made x SUCCESS\n", "")
    here = ["{{ taskrun.value }}: {{ outputs.make[taskrun.value].value }}", "--from", done]
    assert run_eval(tmp_path, *here, "--task", "make").out == "y: made y\n"
    assert run_eval(tmp_path, *here, "--task", "make", "--value", "x").out == "x: made x\n"
    text = (tmp_path / done).read_text("utf-8")
    assert run_eval(tmp_path, "{{ flow.id }}", "--from", "-", stdin=text).out == "loop\n"


def test_a_task_run_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    done = execution(tmp_path)
    result = run_eval(tmp_path, "{{ 1 }}", "--from", done, "--task", "nobody")
    assert result.code == 5
    assert "no task run of `nobody`; it has runs of: each, make, use" in result.err
    result = run_eval(tmp_path, "{{ 1 }}", "--from", done, "--task", "make", "--value", "z")
    assert result.code == 5
    assert "`make` with the value `z`" in result.err


def test_a_context_is_a_json_object(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"a": {"b": [1, 2]}}', "utf-8")
    assert run_eval(tmp_path, "{{ a.b[1] }}", "--context", "c.json").out == "2\n"
    assert run_eval(tmp_path, "{{ x }}", "--context", "-", stdin='{"x": 1}').out == "1\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--from", "none.json"], 3, "can't read none.json: No such file or directory"),
        (["--context", "bad.json"], 3, "the context is not JSON"),
        (["--from", "list.json"], 3, "the execution must be a JSON object"),
        (["--flow", "none.yaml"], 3, "none.yaml"),
        (["--context", "bad.json", "--from", "bad.json"], 2, "use one of"),
        (["--value", "x"], 2, "--value needs --task"),
        (["--task", "x"], 2, "--task needs --from"),
        (["-o", "yaml"], 2, "use `text` or `json`"),
        (["--compat", "3"], 2, "--compat"),
        (["--nope"], 2, "--nope"),
    ],
)
def test_what_does_not_go_together_or_cannot_be_read_is_told(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.json").write_text("{", "utf-8")
    (tmp_path / "list.json").write_text("[]", "utf-8")
    result = run_eval(tmp_path, "{{ 1 }}", *arguments)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("template", "said", "hint"),
    [
        ("{{ inputs.nme }}", "Unable to find `nme`", "name"),
        ("{{ nothing }}", "Unable to find `nothing`", ""),
        ("{{ 'a' | uper }}", "Filter [uper] does not exist", ""),
        ("{{ 1 + }}", "", ""),
        ("{{ fromJson('{') }}", "Invalid json", ""),
        ("{% for i in 1..9999 %}{% for j in 1..9999 %}{% endfor %}{% endfor %}", "loop steps", ""),
    ],
)
@pytest.mark.parametrize("options", [[], ["-o", "json"]])
def test_an_expression_that_fails_is_exit_code_1_with_a_message(
    template: str, said: str, hint: str, options: list[str], tmp_path: Path
) -> None:
    result = run_eval(tmp_path, template, "--flow", written(tmp_path, HELLO), *options)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error: ")
    assert said in result.err
    assert hint in result.err.partition("hint:")[2]


def test_a_missing_name_of_a_context_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"a": {"b": 1, "c": 2}}', "utf-8")
    result = run_eval(tmp_path, "{{ a.x }}", "--context", "c.json")
    assert result.err.splitlines()[-1] == "hint: there are: `b`, `c`"


def test_both_generations_can_be_asked(tmp_path: Path) -> None:
    for compat in ("1", "2"):
        assert run_eval(tmp_path, "{{ 1 + 1 }}", "--compat", compat).out == "2\n"


def test_a_seed_makes_chance_repeatable(tmp_path: Path) -> None:
    once = run_eval(tmp_path, "{{ randomInt(1, 1000000) }} {{ uuid() }}", "--seed", "7")
    assert once.code == 0
    assert run_eval(tmp_path, "{{ randomInt(1, 1000000) }} {{ uuid() }}", "--seed", "7") == once


def test_secrets_are_found_and_hidden(tmp_path: Path) -> None:
    shown = run_eval(tmp_path, "<{{ secret('A') | lower }}>", KESTREL_SECRET_A="Xyzzy-Plugh")
    assert shown == Result(0, "<******>\n", "")
    length = run_eval(tmp_path, "{{ secret('A') | length }}", KESTREL_SECRET_A="Xyzzy-Plugh")
    assert length.out == "11\n"


# -- the prompt ------------------------------------------------------------------------------------


class Talk:
    """The program on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        env = process_environment(folder, {"TERM": "dumb"})
        self.process = subprocess.Popen(
            [*COMMAND, "eval", *arguments],
            cwd=folder,
            env=env,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def wait_for(self, text: str) -> str:
        """What is shown up to and with a text; the bound is there for hangs only."""
        until = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < until, f"no {text!r} in {self.seen!r}"
            if select.select([self.master], [], [], 1)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode()
                except OSError:
                    break
        before, found, self.seen = self.seen.partition(text)
        assert found, before
        return before

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        self.type("\x04")
        try:
            return self.process.wait(60)
        finally:
            os.close(self.master)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_expressions_are_asked_for_one_by_one(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "c.json").write_text('{"alpha": {"beta": 17}}', "utf-8")
    talk = Talk(tmp_path, "--context", "c.json")
    request.addfinalizer(talk.process.wait)
    request.addfinalizer(talk.process.kill)
    talk.wait_for("Ctrl-D ends.")
    talk.wait_for("{{ ")
    talk.type("alpha.beta + 1\n")
    talk.wait_for("18")
    talk.wait_for("{{ ")
    talk.type("{{ 'a' | upper }} and {{ 2 }}\n")
    talk.wait_for("A and 2")
    talk.wait_for("{{ ")
    talk.type("\n")
    talk.wait_for("{{ ")
    talk.type("alpha.gamma\n")
    talk.wait_for("error: Unable to find `gamma`")
    talk.wait_for("hint: there are: `beta`")
    talk.wait_for("{{ ")
    talk.type("alp\t.be\t * 2\n")
    talk.wait_for("34")
    talk.wait_for("{{ ")
    talk.type("\x1b[A\n")  # the line before, from the history
    talk.wait_for("34")
    talk.wait_for("{{ ")
    assert talk.end() == 0


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("al", ["alpha"]),
        ("alpha.", ["alpha.beta", "alpha.bolt"]),
        ("alpha.be", ["alpha.beta"]),
        ("1 + alpha.bo", ["alpha.bolt"]),
        ("alpha.beta.", []),
        ("nothing.", []),
        ("rang", ["range("]),
        ("x | uppe", ["upper"]),
        ("x |defa", ["default"]),
        ("max(alph", ["alpha"]),
    ],
)
def test_names_are_completed_where_they_exist(before: str, found: list[str]) -> None:
    from kestrel_cli.cli.prompt import completions
    from kestrel_cli.expressions.template import MapScope

    scope = MapScope({"alpha": {"beta": 1, "bolt": 2, "no name": 3}})
    assert list(completions(before, scope)) == found


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("a.b", "{{ a.b }}"),
        ("a }}", "{{ a }}"),
        ("{{ a }}", "{{ a }}"),
        ("{% if a %}x{% endif %}", "{% if a %}x{% endif %}"),
        ("{'a': 1}", "{{ {'a': 1} }}"),
    ],
)
def test_braces_may_be_left_out(line: str, template: str) -> None:
    from kestrel_cli.cli.prompt import templated

    assert templated(line) == template


def test_the_result_can_be_read_by_machines(tmp_path: Path) -> None:
    result = run_eval(tmp_path, "{{ {'a': [1, 'x', true]} }}", "-o", "json")
    assert json.loads(result.out) == {"a": [1, "x", True]}


# -- an execution of the past


@pytest.mark.parametrize("how", ["id", "beginning", "last"])
def test_an_execution_is_taken_from_its_journal(how: str, tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    given = {"id": name, "beginning": name[:8], "last": "last"}[how]
    result = run_here(
        ["eval", "{{ outputs.first.value }} {{ flow.id }}", "--from", given], tmp_path
    )
    assert (result.code, result.out, result.err) == (0, "Ada flaky\n", "")


def test_a_file_of_that_name_is_meant_first(tmp_path: Path) -> None:
    ran(tmp_path, FLAKY)
    (tmp_path / "last").write_text('{"id": "mine", "outputs": {"a": 1}}', "utf-8")
    result = run_here(["eval", "{{ execution.id }}", "--from", "last"], tmp_path)
    assert (result.code, result.out) == (0, "mine\n")


def test_an_execution_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = run_here(["eval", "x", "--from", "nothing1"], tmp_path)
    assert (result.code, result.out) == (5, "")
    assert "there is no execution `nothing1`" in result.err
