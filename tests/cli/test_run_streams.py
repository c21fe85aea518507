"""Where output goes may be a pipe, a file, a full disk, nothing, or a terminal of any kind."""

import errno
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.flows_here import FAILS, HELLO, NEEDS_INPUT, TALKS, WARNS, written
from tests.support.cli import COMMAND, Result, process_environment, run_here, run_process
from tests.support.normal import Normal
from tests.support.terminal import on_terminal

ESCAPE = "\x1b"
unix = pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix shell")


def shell(folder: Path, script: str, env: Mapping[str, str | None] | None = None) -> Result:
    """Run a script of the POSIX shell; `$K` is the program."""
    ended = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={**process_environment(folder, env), "K": " ".join(COMMAND)},
        capture_output=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Result(
        ended.returncode,
        ended.stdout.decode("utf-8", "replace"),
        ended.stderr.decode("utf-8", "replace"),
    )


# -- pipes ---------------------------------------------------------------------------------------


@unix
@pytest.mark.parametrize("options", ["", "-o ndjson", "-o json"])
def test_a_reader_that_has_seen_enough_is_no_error(options: str, tmp_path: Path) -> None:
    written(tmp_path, TALKS)
    script = f"{{ $K run flow.yaml {options} 2>err; echo $? >code; }} | head -n 1"
    result = shell(tmp_path, script)
    assert len(result.out.splitlines()) == 1
    assert (tmp_path / "code").read_text().strip() in ("0", "141")
    err = (tmp_path / "err").read_text("utf-8")
    assert not re.search("Traceback|Error|Exception|error:", err)


@unix
def test_a_reader_that_never_reads_is_no_error(tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    for arguments in ("run flow.yaml", "--help", "validate flow.yaml"):
        shell(tmp_path, f"{{ sleep 0; $K {arguments} 2>err; echo $? >code; }} | true")
        assert (tmp_path / "code").read_text().strip() in ("0", "1", "141"), arguments
        assert "Traceback" not in (tmp_path / "err").read_text("utf-8")


# -- no streams, full disks ----------------------------------------------------------------------


@unix
@pytest.mark.parametrize("redirect", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    "command", ["run flow.yaml", "run flow.yaml -o json", "--help", "--version"]
)
def test_streams_that_are_closed_do_not_matter(redirect: str, command: str, tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    result = shell(tmp_path, f"$K {command} {redirect}")
    assert result.code == 0
    assert not re.search("error|Traceback", result.err)


@unix
def test_the_exit_code_tells_even_when_nothing_can_be_written(tmp_path: Path) -> None:
    written(tmp_path, FAILS)
    assert shell(tmp_path, "$K run flow.yaml <&- >&- 2>&-").code == 1
    assert shell(tmp_path, "$K run nowhere.yaml <&- >&- 2>&-").code == 3


@unix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "command", ["run flow.yaml", "run flow.yaml -o json -q", "validate flow.yaml"]
)
def test_a_full_disk_is_one_clean_message(command: str, tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    result = shell(tmp_path, f"$K {command} >/dev/full")
    assert result.code == 74
    assert result.err == f"error: {os.strerror(errno.ENOSPC)}\n"


@unix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_stderr_does_not_hide_the_reason(tmp_path: Path) -> None:
    assert shell(tmp_path, "$K run nowhere.yaml 2>/dev/full").code == 3


# -- encodings -----------------------------------------------------------------------------------

SCRIPTS = """
id: scripts
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "é ✔ 郵便 😀"
  - id: give
    type: io.kestra.plugin.core.debug.Return
    format: "é ✔ 郵便 😀"
"""
POOR = [
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
]


@pytest.mark.parametrize("env", POOR, ids=str)
def test_a_poor_encoding_draws_with_ascii_and_escapes_what_it_lacks(
    env: dict[str, str], tmp_path: Path
) -> None:
    if os.environ.get("PYTHONUTF8") == "1":
        pytest.skip("UTF-8 mode is on")
    written(tmp_path, SCRIPTS)
    result = shell(tmp_path, "$K run flow.yaml", env)
    assert (result.code, result.err) == (0, "")
    assert "\\u2714 \\u90f5\\u4fbf \\U0001f600" in result.out
    assert "`-- ok give SUCCESS" in result.out


@pytest.mark.parametrize("env", [*POOR, {"PYTHONIOENCODING": "utf-16"}], ids=str)
def test_poor_encodings_do_not_keep_a_failure_from_being_told(
    env: dict[str, str], tmp_path: Path
) -> None:
    written(tmp_path, SCRIPTS.replace("format:", "formt:"), "été.yaml")
    result = shell(tmp_path, "$K run été.yaml", env)
    assert result.code == 3
    assert "Traceback" not in result.err


# -- the environment -----------------------------------------------------------------------------

SURROUNDINGS: list[dict[str, str | None]] = [
    {"NO_COLOR": "1"},
    {"FORCE_COLOR": "0"},
    {"CI": "true"},
    {"TERM": "dumb"},
    {"TERM": None},
    {"COLUMNS": "20"},
    {"COLUMNS": "many"},
    {"LANG": "tr_TR.UTF-8"},
]


@pytest.mark.parametrize("env", SURROUNDINGS, ids=str)
def test_piped_output_is_plain_and_the_same_whatever_the_environment(
    env: dict[str, str | None], tmp_path: Path
) -> None:
    written(tmp_path, WARNS)
    usual = Normal(tmp_path).text(run_here(["run", "flow.yaml"], tmp_path).out)
    result = run_here(["run", "flow.yaml"], tmp_path, env)
    assert ESCAPE not in result.out + result.err
    assert Normal(tmp_path).text(result.out) == usual
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize(
    "env", [*SURROUNDINGS, {"FORCE_COLOR": "1"}, {"GITHUB_ACTIONS": "true"}, *POOR], ids=str
)
def test_the_json_document_has_the_same_bytes_in_every_environment(
    env: dict[str, str | None], tmp_path: Path
) -> None:
    written(tmp_path, SCRIPTS)
    arguments = ["run", "flow.yaml", "-o", "json", "-qq"]
    usual = Normal(tmp_path).text(run_here(arguments, tmp_path).out)
    run = run_process if env in POOR or "LANG" in env else run_here  # encodings are the start's
    out = run(arguments, tmp_path, env).out
    if env in POOR:  # JSON has escapes of its own: the same document in other letters
        assert out.isascii() or env == {"PYTHONIOENCODING": "latin-1"}
        out, usual = (json.dumps(json.loads(Normal(tmp_path).text(text))) for text in (out, usual))
    assert Normal(tmp_path).text(out) == usual


def test_colours_into_a_pipe_only_when_asked_for(tmp_path: Path) -> None:
    written(tmp_path, WARNS)
    for env, options in (
        ({"FORCE_COLOR": "1"}, []),
        ({"GITHUB_ACTIONS": "true"}, []),
        ({"NO_COLOR": "1"}, ["--color", "always"]),
    ):
        assert ESCAPE in run_here(["run", "flow.yaml", *options], tmp_path, env).out
    never = run_here(["run", "flow.yaml", "--color", "never"], tmp_path, {"FORCE_COLOR": "1"})
    assert ESCAPE not in never.out


def test_a_document_is_never_coloured(tmp_path: Path) -> None:
    written(tmp_path, WARNS)
    for output in ("json", "tree", "yaml", "ndjson"):
        arguments = ["run", "flow.yaml", "-o", output, "--color", "always"]
        assert ESCAPE not in run_here(arguments, tmp_path).out


# -- state directories ---------------------------------------------------------------------------


def test_a_journal_is_kept_below_the_state_directory(tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    for options, env, place in (
        ([], {}, ".state/kestrel"),
        (["--state-dir", "mine"], {}, "mine"),
        ([], {"KESTREL_STATE_DIR": "theirs"}, "theirs"),
        ([], {"XDG_STATE_HOME": None, "HOME": str(tmp_path / "home")}, "home/.local/state/kestrel"),
    ):
        result = run_here(["run", "flow.yaml", "-o", "json", "-qq", *options], tmp_path, env)
        assert (result.code, result.err) == (0, "")
        journal = tmp_path / place / "executions" / json.loads(result.out)["id"] / "journal.ndjson"
        assert journal.is_file()
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600


@pytest.mark.parametrize("flow", [HELLO, FAILS])
@pytest.mark.parametrize("state", ["/proc/nowhere", "/dev/full", "a_file", "a_file/below"])
def test_a_state_directory_that_cannot_be_used_is_one_warning(
    state: str, flow: str, tmp_path: Path
) -> None:
    written(tmp_path, flow)
    (tmp_path / "a_file").touch()
    usual = run_here(["run", "flow.yaml"], tmp_path)
    result = run_here(["run", "flow.yaml", "--state-dir", state], tmp_path)
    assert result.code == usual.code
    assert Normal().text(result.out) == Normal().text(usual.out)
    assert result.err.startswith("warning: no journal is kept")
    assert len(result.err.splitlines()) == 1


@unix
def test_a_state_directory_that_is_read_only_is_one_warning(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    written(tmp_path, HELLO)
    (tmp_path / "state").mkdir(mode=0o500)
    result = run_here(["run", "flow.yaml", "--state-dir", "state"], tmp_path)
    assert result.code == 0
    assert len(result.err.splitlines()) == 1


def test_a_disk_that_fills_up_under_the_journal_is_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, TALKS)
    usual = run_here(["run", "flow.yaml"], tmp_path)
    real, room = os.write, [4000]

    def write(file: int, data: bytes) -> int:
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, data)

    monkeypatch.setattr("kestrel_cli.store.journal.os.write", write)
    result = run_here(["run", "flow.yaml"], tmp_path)
    assert result.code == usual.code == 0
    assert Normal().text(result.out) == Normal().text(usual.out)
    assert result.err.startswith("warning: the journal can't be written, the run goes on")
    assert len(result.err.splitlines()) == 1


def test_no_home_is_no_obstacle(tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    env = {"HOME": None, "XDG_STATE_HOME": None, "KESTREL_STATE_DIR": "state"}
    result = run_process(["run", "flow.yaml"], tmp_path, env)
    assert (result.code, result.err) == (0, "")


# -- a terminal ----------------------------------------------------------------------------------


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@unix
def test_a_terminal_is_shown_colours_and_the_same_text(tmp_path: Path) -> None:
    written(tmp_path, WARNS)
    code, shown = on_terminal(tmp_path, ["run", "flow.yaml"])
    assert code == 0
    assert ESCAPE in shown
    piped = run_here(["run", "flow.yaml"], tmp_path).out
    assert Normal().text(plain(shown)) == Normal().text(piped)


@unix
def test_colours_end_on_the_line_they_begin(tmp_path: Path) -> None:
    written(tmp_path, WARNS)
    _, shown = on_terminal(tmp_path, ["run", "flow.yaml"])
    for line in shown.splitlines():
        codes = re.findall(r"\x1b\[([0-9;]*)m", line)
        assert not codes or codes[-1] in ("", "0"), line


@unix
@pytest.mark.parametrize(
    ("env", "options"),
    [
        ({"NO_COLOR": "1"}, []),
        ({"TERM": "dumb"}, []),
        ({"FORCE_COLOR": "0"}, []),
        ({}, ["--color", "never"]),
    ],
)
def test_a_terminal_without_colours_is_shown_none(
    env: dict[str, str], options: list[str], tmp_path: Path
) -> None:
    written(tmp_path, WARNS)
    code, shown = on_terminal(tmp_path, ["run", "flow.yaml", *options], env=env)
    assert code == 0
    assert ESCAPE not in shown


@unix
@pytest.mark.parametrize("columns", [40, 60, 100])
def test_log_lines_are_folded_at_the_width_of_the_terminal(columns: int, tmp_path: Path) -> None:
    written(tmp_path, FAILS.replace("on purpose", "word " * 50))
    _, shown = on_terminal(tmp_path, ["run", "flow.yaml"], columns)
    live, _, _ = plain(shown).partition("\n\n")
    assert max(len(line) for line in live.splitlines()) <= columns


@unix
def test_a_missing_input_is_asked_for_on_a_terminal(tmp_path: Path) -> None:
    written(tmp_path, NEEDS_INPUT)
    code, shown = on_terminal(tmp_path, ["run", "flow.yaml"], typed="old\n41\n")
    assert code == 0
    assert "age: " in plain(shown)
    assert re.search(r"INFO +say +41\n", plain(shown))


@unix
@pytest.mark.parametrize(("env", "options"), [({"CI": "true"}, []), ({}, ["--no-input"])])
def test_nothing_is_asked_where_nobody_can_answer(
    env: dict[str, str], options: list[str], tmp_path: Path
) -> None:
    written(tmp_path, NEEDS_INPUT)
    code, shown = on_terminal(tmp_path, ["run", "flow.yaml", *options], env=env)
    assert code == 3
    assert "age" in shown
