"""Options that name a file without an end."""

import sys
from pathlib import Path

import pytest

from kestrel_cli.cli import bounded
from tests.support.cli import run_here

FLOW = "id: f\nnamespace: a.b\ninputs: [{id: x, type: STRING, defaults: y}]\ntasks:\n"
FLOW += "  - {id: t, type: io.kestra.plugin.core.log.Log, message: x}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/zero")
@pytest.mark.parametrize(
    "options",
    [
        ["--trigger", "/dev/zero"],
        ["--env-file", "/dev/zero"],
        ["--secrets-file", "/dev/zero"],
        ["--mocks", "/dev/zero"],
        ["--mock", "t=@/dev/zero"],
        ["-i", "x=@/dev/zero"],
    ],
)
def test_it_is_refused(options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST", 100_000)
    (tmp_path / "f.yaml").write_text(FLOW, "utf-8")
    ended = run_here(["run", "f.yaml", *options], tmp_path)
    assert ended.code in (2, 3), ended.err
    assert "larger than" in ended.err
