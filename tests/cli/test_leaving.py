"""A process that has written everything leaves at once, and nothing of its output is lost."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.support.cli import process_environment

ROWS = 3_000
LONG = f"""
id: long
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{{{ range(1, {ROWS}) }}}}"
    tasks:
      - id: row
        type: io.kestra.plugin.core.debug.Return
        format: "value {{{{ taskrun.value }}}} {"x" * 200}"
"""


@pytest.fixture
def long_flow(tmp_path):
    path = tmp_path / "long.yaml"
    path.write_text(LONG)
    return path


def started(flow, *options, **streams):
    folder = flow.parent
    return subprocess.Popen(
        [sys.executable, "-m", "kestrel_cli", "run", str(flow), "-qq", *options],
        env=process_environment(folder),
        **streams,
    )


def whole(document):
    runs = json.loads(document)["taskRunList"]
    return len(runs) == ROWS + 1 and runs[-1]["outputs"]["value"].endswith("x" * 200)


def test_a_reader_that_is_slow_gets_all_of_it(long_flow):
    with started(long_flow, "-o", "json", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        parts = [os.read(process.stdout.fileno(), 1000)]
        time.sleep(0.3)  # the pipe is full long before the document is
        while part := os.read(process.stdout.fileno(), 70_000):
            parts.append(part)
    assert process.returncode == 0
    assert whole(b"".join(parts))


def test_files_get_all_of_it(long_flow, tmp_path):
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        report = tmp_path / "report.json"
        options = ("-o", "ndjson", "--json-file", str(report))
        with started(long_flow, *options, stdout=out, stderr=err) as process:
            assert process.wait() == 0
    lines = (tmp_path / "out").read_bytes().splitlines()
    assert json.loads(lines[-1])
    assert len([line for line in lines if b'"taskId":"row"' in line]) >= ROWS
    assert whole(report.read_bytes())


def test_a_reader_that_leaves_early_is_no_crash(long_flow):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(long_flow, "-o", "json", **pipes) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode != 0
    assert b"Traceback" not in told


def test_whoever_wants_to_hear_of_the_end_does(tmp_path):
    program = (
        "import atexit, sys\n"
        "from kestrel_cli.__main__ import main\n"
        "atexit.register(print, 'heard')\n"
        "sys.argv[1:] = ['--version']\n"
        "main()\n"
    )
    folder = tmp_path
    found = subprocess.run(
        [sys.executable, "-c", program],
        env=process_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0
    assert found.stdout.endswith("heard\n")
