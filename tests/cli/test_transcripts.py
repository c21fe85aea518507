"""What one flow prints on terminals, in pipes and in CI systems, whole.

`pytest tests/cli/test_transcripts.py --update-goldens` writes the transcripts anew; escapes are
shown as `␛`, carriage returns as `␍`.
"""

import re
import shutil
from pathlib import Path
from unittest import mock

import pytest

from kestrel_cli.cli import running
from kestrel_cli.reporters.console import Output
from tests.support.cli import run_here

HERE = Path(__file__).parent / "transcripts"
RUN = ("run", "bakery.yaml", "--seed", "7", "--freeze-time", "2026-01-31T12:00:00Z")
PLAIN = {"TERM": "xterm", "KESTREL_HYPERLINKS": "0"}
# name -> columns of the terminal (0: a pipe), more arguments, environment
CASES: dict[str, tuple[int, tuple[str, ...], dict[str, str]]] = {
    "terminal_60": (60, ("--color", "never"), {}),
    "terminal_100": (100, (), {}),
    "terminal_200": (200, ("--color", "never"), {}),
    "no_color": (100, (), {"NO_COLOR": "1"}),
    "dumb": (100, (), {"TERM": "dumb"}),
    "ascii": (100, ("--ascii", "--color", "never"), {}),
    "quiet": (100, ("-q", "--color", "never"), {}),
    "verbose": (100, ("-vv", "--color", "never"), {}),
    "log_on_failure": (100, ("--log-on", "failure", "--color", "never"), {}),
    "short": (100, ("--log-format", "short", "--color", "never"), {}),
    "pipe": (0, (), {}),
    "pipe_json_lines": (0, ("--log-format", "json"), {}),
    "ci": (100, (), {"CI": "true", "NO_COLOR": "1"}),
    "github": (0, (), {"CI": "true", "GITHUB_ACTIONS": "true"}),
    "gitlab": (0, (), {"CI": "true", "GITLAB_CI": "true"}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_transcript_is_as_it_was(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    columns, more, env = CASES[name]
    for file in HERE.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    seen = Output(columns > 0, "utf-8", columns)
    with mock.patch.object(running, "look_at", return_value=seen):
        result = run_here([*RUN, *more], tmp_path, {**PLAIN, **env}, together=True)
    text = re.sub(r"\d\d:\d\d:\d\d\.\d{3}(?!\d|Z)", "hh:mm:ss.mmm", result.out)
    text = re.sub(r"(?<=with pid )\d+", "[PID]", text).replace("\x1b", "␛").replace("\r", "␍")
    golden = HERE / f"{name}.txt"
    if request.config.getoption("--update-goldens"):
        golden.write_text(text, "utf-8")
    assert result.code == 1
    assert text == golden.read_text("utf-8")


def test_every_transcript_is_compared() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == set(CASES)
