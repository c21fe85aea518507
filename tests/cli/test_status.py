"""The status of a run on a terminal, as somebody sees it, and that nothing of it is left; the lines
that a log has instead.
"""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.flows_here import CORE, HELLO, SLEEPS, written
from tests.support.cli import run_here, run_process

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

from tests.support.screens import seen

STATUS = re.compile(r"\d\d:\d\d$")  # how a status ends: with a clock
LOOP = f"""
id: loops
namespace: company.team
tasks:
  - id: order
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks:
      - id: both
        type: {CORE}.flow.Parallel
        tasks:
          - id: left
            type: {CORE}.flow.Sleep
            duration: PT0.6S
          - id: right
            type: {CORE}.flow.Sleep
            duration: PT0.7S
"""
ONCE = LOOP.replace("[a, b]", "[a]")
RETRIES = f"""
id: retries
namespace: company.team
tasks:
  - id: again
    type: {CORE}.execution.Fail
    errorMessage: not yet
    retry: {{type: constant, interval: PT1M, maxAttempts: 3}}
"""
PAUSES = f"""
id: pauses
namespace: company.team
tasks:
  - id: nap
    type: {CORE}.flow.Sleep
    duration: PT0.5S
  - id: gate
    type: {CORE}.flow.Pause
"""


def status(rows: list[str]) -> list[str]:
    """The rows from the first one of the status on."""
    begins = [at for at, row in enumerate(rows) if row.startswith(" ") and "│" not in row]
    return rows[begins[0] :] if begins and STATUS.search(rows[-1]) else []


def shows_status(rows: list[str]) -> bool:
    return bool(status(rows))


def test_what_runs_is_shown_below_what_is_logged_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    written(tmp_path, LOOP)
    with seen(tmp_path, ["run", "flow.yaml"], columns=160) as here:
        rows = here.until(lambda rows: len(status(rows)) == 3)
        assert re.fullmatch(
            r" ▶ order\[1/2\] > both > (left|right)\n"
            r" ▶ order\[1/2\] > both > (left|right)\n"
            r"   order 1/2 · 00:0\d",
            "\n".join(status(rows)),
        )
        here.until(lambda rows: "order 2/2" in "".join(status(rows)))
        assert here.end() == 0
        shown = here.rows()
        assert here.cursor_is_shown
    with seen(tmp_path, ["run", "flow.yaml"], columns=160, env={"TERM": "dumb"}) as plain:
        assert plain.end() == 0
        assert b"\x1b" not in plain.raw
        assert sorted(without_numbers(shown)) == sorted(without_numbers(plain.rows()))


def without_numbers(rows: list[str]) -> list[str]:
    """Rows without times and ids, and as wide as a message without them is."""
    return [re.sub(r" +", " ", re.sub(r"\d+(\.\d+)?|execution \w+", "", row)) for row in rows]


def test_a_run_that_is_short_shows_none(tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    with seen(tmp_path, ["run", "flow.yaml"]) as here:
        assert here.end() == 0
        assert b"\x1b[J" not in here.raw


@pytest.mark.parametrize("options", [["-q"], ["-o", "json"], ["-o", "json", "-q"]])
def test_it_is_there_however_little_is_told(options: list[str], tmp_path: Path) -> None:
    written(tmp_path, ONCE)
    with seen(tmp_path, ["run", "flow.yaml", *options], stdout=tmp_path / "out") as here:
        here.until(shows_status)
        assert here.end() == 0
        assert not status(here.rows())
        if "-q" in options:
            assert here.rows() == []
    assert "order" in (tmp_path / "out").read_text() or "-q" in options
    assert b"\x1b" not in (tmp_path / "out").read_bytes()


@pytest.mark.parametrize(
    ("options", "env"), [(["-qq"], {}), ([], {"TERM": "dumb"}), ([], {"CI": "true"})]
)
def test_there_is_none_where_it_is_not_wanted(
    options: list[str], env: dict[str, str], tmp_path: Path
) -> None:
    written(tmp_path, ONCE)
    with seen(tmp_path, ["run", "flow.yaml", *options], env=env) as here:
        assert here.end() == 0
        assert b"\x1b[J" not in here.raw


def test_no_colours_and_ascii_change_its_looks_only(tmp_path: Path) -> None:
    written(tmp_path, RETRIES)
    with seen(tmp_path, ["run", "flow.yaml", "--ascii"], env={"NO_COLOR": "1"}) as here:
        rows = here.until(shows_status)
        [row] = status(rows)
        what = r" again again  next try in (1m 0|59)s \(attempt 1 of 3 failed\), 00:0\d"
        assert re.fullmatch(what, row)
        assert re.search(rb"\x1b\[\d*m", here.raw) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_it_hears_at_once_what_happens(number: signal.Signals, tmp_path: Path) -> None:
    written(tmp_path, ONCE.replace("PT0.", "PT9."))
    with seen(tmp_path, ["run", "flow.yaml"]) as here:
        here.until(shows_status)
        here.process.send_signal(number)
        again = "press again" if number == signal.SIGINT else "press Ctrl-C"
        here.until_shown(f"stopping 2 tasks; {again} to kill")
        assert here.end() == 128 + number
        assert not status(here.rows())
        assert here.rows()[-1].startswith("hint: ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_so_does_who_sees_no_status(number: signal.Signals, tmp_path: Path) -> None:
    written(tmp_path, SLEEPS)
    with seen(tmp_path, ["run", "flow.yaml"], env={"TERM": "dumb"}) as here:
        here.until_shown("Waiting for")
        here.process.send_signal(number)
        assert here.end() == 128 + number
        assert "\n".join(here.rows()).count("stopping 1 task; press") == 1


def test_where_stderr_is_a_file_the_status_says_it(tmp_path: Path) -> None:
    written(tmp_path, SLEEPS)
    with seen(tmp_path, ["run", "flow.yaml"], stderr=tmp_path / "err") as here:
        here.until(shows_status)
        here.process.send_signal(signal.SIGINT)
        assert here.end() == 130
    assert (tmp_path / "err").read_text() == ""


def test_a_third_signal_leaves_a_clear_screen(tmp_path: Path) -> None:
    deaf = f"""
id: deaf
namespace: company.team
tasks:
  - id: s
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: {CORE}.runner.Process}}
    commands: ["trap '' TERM INT; echo begun; while :; do sleep 0.1; done"]
"""
    written(tmp_path, deaf)
    with seen(tmp_path, ["run", "flow.yaml"]) as here:
        here.until_shown("begun")
        here.until(shows_status)
        for said in ("stopping 1 task", "leave at once"):
            here.process.send_signal(signal.SIGINT)
            here.until_shown(said)
        here.process.send_signal(signal.SIGINT)
        assert here.end() == 130
        assert not status(here.rows())
        assert here.cursor_is_shown


def test_it_goes_away_while_the_run_is_stopped_and_comes_back(tmp_path: Path) -> None:
    written(tmp_path, SLEEPS)
    with seen(tmp_path, ["run", "flow.yaml"]) as here:
        here.until(shows_status)
        here.process.send_signal(signal.SIGTSTP)
        _, state = os.waitpid(here.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(state)
        here.until(lambda rows: not shows_status(rows))
        here.process.send_signal(signal.SIGCONT)
        here.until(shows_status)
        here.process.send_signal(signal.SIGINT)
        assert here.end() == 130
        assert not status(here.rows())


def test_a_new_size_is_heeded(tmp_path: Path) -> None:
    written(tmp_path, LOOP.replace("PT0.", "PT9.").replace("left", "left_behind"))
    with seen(tmp_path, ["run", "flow.yaml"]) as here:
        here.until_shown(" ▶ order[1/2] > both > left_behind")
        here.resize(30, 20)
        here.until_shown(" ▶ … > left_behind")
        here.resize(90, 20)
        here.until_shown(" ▶ order[1/2] > both > left_behind")
        here.process.send_signal(signal.SIGINT)
        assert here.end() == 130
        assert not status(here.rows())


def test_it_keeps_off_while_somebody_is_asked(tmp_path: Path) -> None:
    written(tmp_path, PAUSES)
    with seen(tmp_path, ["run", "flow.yaml"]) as here:
        rows = here.until_shown("resume it? [Y/n]")
        assert rows[-1].startswith("resume it?")
        before = len(here.raw)
        here.listen(0.3)
        assert len(here.raw) == before
        here.type("y\n")
        assert here.end() == 0
        assert not status(here.rows())


def test_ctrl_c_at_a_question_leaves_the_cursor_on_a_new_line(tmp_path: Path) -> None:
    written(tmp_path, HELLO.replace("    defaults: world\n", ""))
    with seen(tmp_path, ["run", "flow.yaml"]) as here:
        here.until_shown("name:")
        here.process.send_signal(signal.SIGINT)
        assert here.end() == 130
        assert here.raw.endswith(b"\n")


# -- where nobody watches


def test_a_log_says_now_and_then_what_still_runs(tmp_path: Path) -> None:
    written(tmp_path, LOOP)
    ended = run_here(["run", "flow.yaml", "--heartbeat", "0.3"], tmp_path)
    lines = ended.err.splitlines()
    assert lines
    assert set(lines) <= {
        f"still running: order[{at}/2] > both > {one} (0 s){more}"
        for at in (1, 2)
        for one, more in (("left", " and 1 more"), ("right", ""))
    }
    assert "still" not in ended.out


@pytest.mark.parametrize("options", [["--heartbeat", "0"], ["-q"], ["-qq", "--heartbeat", "0.1"]])
def test_or_it_does_not(options: list[str], tmp_path: Path) -> None:
    written(tmp_path, ONCE)
    assert run_here(["run", "flow.yaml", *options], tmp_path).err == ""


def test_the_length_of_the_silence_is_checked(tmp_path: Path) -> None:
    written(tmp_path, HELLO)
    ended = run_here(["run", "flow.yaml", "--heartbeat", "soon"], tmp_path)
    assert ended.code == 2
    assert "`--heartbeat soon`" in ended.err


def test_a_setting_says_it_too(tmp_path: Path) -> None:
    written(tmp_path, ONCE)
    written(tmp_path, 'heartbeat = "0.3"\n', "kestrel.toml")
    assert "still running" in run_process(["run", "flow.yaml"], tmp_path).err
    assert run_process(["run", "flow.yaml", "--heartbeat", "0"], tmp_path).err == ""
