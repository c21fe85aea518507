"""`run --watch`: again whenever something changes that the run reads."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.watched import Watched, watched
from kestrel_cli.cli.run_options import RunOptions
from kestrel_cli.cli.watch import files_named
from kestrel_cli.cli.watching import Looks, wait_for_change
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.library import Library
from tests.cli.flows_here import CORE, FAILS, HELLO, SLEEPS, written
from tests.support.cli import COMMAND, environment, run_here

# -- which files


def test_the_flow_its_subflows_their_files_and_what_they_name(tmp_path: Path) -> None:
    script = tmp_path / "make.py"
    script.touch()
    text = f"""
id: calls
namespace: company.team
tasks:
  - {{id: sub, type: {CORE}.flow.Subflow, namespace: company.other, flowId: called}}
  - {{id: say, type: {CORE}.log.Log, message: "{{{{ read('file://{script}') }}}} /etc/passwd"}}
"""
    flow = tmp_path / written(tmp_path, text)
    called = HELLO.replace("company.team", "company.other").replace("id: hello", "id: called")
    other = tmp_path / written(tmp_path, called, "called.yaml")
    written(tmp_path, FAILS, "unrelated.yaml")
    loaded = load(str(flow))
    found = watched(RunRequest(loaded.flow, text=loaded.text, library=Library.beside(loaded)))
    assert set(found.files) == {flow, other, script}
    assert [one.name for one in found.folders] == ["company.team", "company.other"]


def test_the_files_that_options_name() -> None:
    options = RunOptions(trigger="t", secrets_file=["s"], mock=["x=@m.json", "y={}"])
    found = files_named(options, ["a=@in.txt", "b=plain"], "inputs.yaml", "mocks.yaml")
    assert found == ["inputs.yaml", "mocks.yaml", "t", "s", "in.txt", "m.json"]


# -- what has changed


def touched(path: Path, text: str = "changed") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_change_counts_once_nothing_changes_any_more(tmp_path: Path) -> None:
    file, inside = tmp_path / "flow.yaml", tmp_path / "files" / "a" / "data.txt"
    wanted = Watched([file], [tmp_path / "files"])
    touched(file, "1")
    edits = iter(
        [lambda: touched(file, "22"), lambda: touched(file, "333"), lambda: touched(inside)]
    )
    looks = []

    def look() -> Looks:
        next(edits, lambda: None)()
        looks.append(1)
        return Looks(wanted)

    found = wait_for_change(Looks(wanted), look, lambda: False, pause=0)
    assert found == [str(file), str(inside)]
    assert len(looks) == 4


def test_a_file_that_goes_has_changed_too(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    touched(file)
    before = Looks(Watched([file], []))
    file.unlink()
    assert before.changed(Looks(Watched([file], []))) == [str(file)]


def test_who_leaves_waits_no_longer(tmp_path: Path) -> None:
    before = Looks(Watched([tmp_path], []))
    assert wait_for_change(before, lambda: before, lambda: True) == []


# -- the real thing


class Watching:
    """A `kestrel run --watch`; what it says is read line by line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "run", *arguments, "--watch"],
            cwd=folder,
            env=environment(folder, {"PYTHONIOENCODING": "utf-8"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # no terminal: signals come to this process alone
        )

    def until(self, words: str) -> str:
        """What is said up to the line with these words."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                break
        said = "".join(lines)
        assert words in said
        return said

    def ended(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[Watching]:
    found = Watching(folder, *arguments)
    too_long = Timer(120, found.process.kill)  # who waits for words that never come hears an end
    too_long.start()
    try:
        yield found
    finally:
        too_long.cancel()
        found.process.kill()
        found.process.communicate()


WAITING = "waiting for changes"


def test_it_runs_again_when_the_flow_changes(tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    with watching(tmp_path, "flow.yaml") as watch:
        assert "Hello world!" in watch.until(WAITING)
        written(tmp_path, HELLO.replace("Hello", "Good morning"))
        said = watch.until(WAITING)
        assert "flow.yaml changed; run 2 ──" in said.splitlines()[0]
        assert "Good morning world!" in said
        written(tmp_path, "tasks: [")
        said = watch.until(WAITING)
        assert "run 3" in said
        assert "this is not YAML" in said
        written(tmp_path, FAILS)
        assert "on purpose" in watch.until(WAITING)
        assert watch.ended(signal.SIGINT) == 1


def test_it_runs_again_when_a_namespace_file_or_a_mock_changes(tmp_path: Path) -> None:
    text = HELLO.replace("Hello {{ inputs.name }}!", "it is {{ read('a.txt') }}")
    written(tmp_path, text)
    data = tmp_path / "_files" / "company.team" / "a.txt"
    touched(data, "first")
    touched(tmp_path / "inputs.yaml", "name: x")
    with watching(tmp_path, "flow.yaml", "--inputs-file", "inputs.yaml") as watch:
        assert "first" in watch.until(WAITING)
        touched(data, "second")
        assert "second" in watch.until(WAITING)
        touched(tmp_path / "inputs.yaml", "nam: x")
        assert "inputs.yaml changed; run 3" in watch.until(WAITING)
        assert watch.ended(signal.SIGTERM) == 3


def test_a_playground(tmp_path: Path) -> None:
    flow = f"""
id: play
namespace: company.team
tasks:
  - {{id: make, type: {CORE}.debug.Return, format: made once}}
  - {{id: use, type: {CORE}.log.Log, message: "one: {{{{ outputs.make.value }}}}"}}
"""
    written(tmp_path, flow)
    run_here(["run", "flow.yaml", "-qq"], tmp_path)
    with watching(tmp_path, "flow.yaml", "--only", "use", "--outputs-of", "last") as watch:
        assert "one: made once" in watch.until(WAITING)
        written(tmp_path, flow.replace("one:", "two:"))
        assert "two: made once" in watch.until(WAITING)


@pytest.mark.parametrize(
    "arguments", [["-"], ["flow.yaml", "--inputs-file", "-"], ["flow.yaml", "-i", "a=@-"]]
)
def test_standard_input_can_t_be_read_again(arguments: list[str], tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    result = run_here(["run", *arguments, "--watch"], tmp_path)
    assert (result.code, "can be read once only" in result.err) == (2, True)


def test_ctrl_c_ends_the_run_and_then_the_watch(tmp_path: Path) -> None:
    """At a terminal, where all processes hear of it."""
    written(tmp_path, SLEEPS.replace("outer", "began"))
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        program = [*COMMAND, "run", "flow.yaml", "--watch", "--color", "never"]
        os.execve(sys.executable, program, environment(tmp_path, {"CI": None}))
    said = b""

    def until(words: bytes) -> None:
        nonlocal said
        while words not in said:
            said += os.read(terminal, 4096)

    try:
        while not list(tmp_path.glob(".state/kestrel/executions/*/journal.ndjson")):
            os.waitpid(pid, os.WNOHANG)
        os.write(terminal, b"\x03")
        until(WAITING.encode())
        assert b"KILLED" in said
        os.write(terminal, b"\x03")
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 130
