"""Scripts of CI files, run as those systems run them: with their shells, their variables, and a
`python` that writes down what it is asked to install and puts this checkout's program there.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.cli import ROOT, process_environment

GITHUB = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # as `shell: bash` says there
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
OUTPUT = re.compile(r"^([\w-]+)(?:=(.*)|<<(\S+)\n((?:.*\n)*?)\3)$", re.MULTILINE)
# `python -m venv DIR` makes it, `DIR/bin/python -m pip install ...` is written down.
PYTHON = """#!/bin/sh
set -eu
if [ "$2" = venv ]; then
  mkdir -p "$3/bin"
  cp "$0" "$3/bin/python"
  printf '%s\\n' '#!/bin/sh' 'exec "{python}" -m kestrel_cli "$@"' > "$3/bin/kestrel"
  chmod +x "$3/bin/kestrel"
else
  for last in "$@"; do :; done
  echo "$last" >> "{installed}"
fi
"""
FLOW = """
id: greet
namespace: company.team
inputs: [{id: name, type: STRING, defaults: nobody}]
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "hello {{ inputs.name }}"}]
outputs: [{id: text, type: STRING, value: "{{ inputs.name }}"}]
"""
BAD = FLOW.replace("message:", "mesage:")


@dataclass(frozen=True)
class Job:
    """How a job ended: its exit code, its log, what it has set, what pip was to install."""

    code: int
    log: str
    outputs: Mapping[str, str]
    installed: list[str]


def documents(path: str) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all((ROOT / path).read_text("utf-8")))


def machine(folder: Path) -> dict[str, str]:
    """The environment of a job whose checkout is `folder`."""
    tools = folder / ".tools"
    tools.mkdir()
    (tools / "temp").mkdir()
    python = tools / "python"
    python.write_text(PYTHON.format(python=sys.executable, installed=tools / "installed"))
    python.chmod(0o755)
    (folder / "flows").mkdir()
    (folder / "flows" / "greet.yaml").write_text(FLOW)
    return process_environment(
        folder, {"PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(tools / "temp")}
    )


def installed(folder: Path) -> list[str]:
    file = folder / ".tools" / "installed"
    return file.read_text().splitlines() if file.exists() else []


def shell(
    words: tuple[str, ...], script: str, folder: Path, environ: Mapping[str, str]
) -> tuple[int, str]:
    """Run a script from a file, as both systems do."""
    file = Path(environ["TMPDIR"]) / "script"
    file.write_text(script)
    ended = subprocess.run(
        [*words, str(file)],
        cwd=folder,
        env=dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stdout


def action(path: str, given: Mapping[str, str], folder: Path) -> Job:
    """Run the steps of a composite action that are scripts, with inputs `given`."""
    (data,) = documents(f"{path}/action.yml")
    defaults = {name: str(one.get("default", "")) for name, one in data["inputs"].items()}
    known = {f"inputs.{name}": text for name, text in {**defaults, **given}.items()}
    known["github.action_path"] = str(ROOT / path)
    output = folder / ".tools" / "output"
    environ = {
        **machine(folder),
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(output),
        "GITHUB_WORKSPACE": str(folder),
        "RUNNER_TEMP": str(folder / ".tools" / "temp"),
    }

    def filled(text: str) -> str:
        return EXPRESSION.sub(lambda found: known.get(found[1], ""), text)

    code, log = 0, ""
    for step in data["runs"]["steps"]:
        if "run" not in step or code:
            continue
        output.write_text("")
        code, said = shell(
            GITHUB,
            filled(step["run"]),
            folder / filled(step.get("working-directory", ".")),
            {**environ, **{name: filled(text) for name, text in step.get("env", {}).items()}},
        )
        log += said
        for name, line, _, lines in OUTPUT.findall(output.read_text("utf-8")):
            known[f"steps.{step['id']}.outputs.{name}"] = line or lines.removesuffix("\n")
    outputs = {name: filled(one["value"]) for name, one in data["outputs"].items()}
    return Job(code, log, outputs, installed(folder))
