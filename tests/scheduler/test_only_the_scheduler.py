"""How far an execution has come is the scheduler's alone: `progress` is named nowhere else."""

import re
from pathlib import Path

import kestrel_cli

PACKAGE = Path(kestrel_cli.__file__).parent
OWN = {
    PACKAGE / "model" / "execution.py",  # which holds it, and shows what others may look at
    PACKAGE / "server" / "mirror.py",  # which makes executions of what a server tells of them
}


def test_nobody_else_names_the_progress_of_an_execution():
    elsewhere = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path not in OWN and PACKAGE / "scheduler" not in path.parents
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(
            r"(?<!kestrel_cli\.reporters)(?<!\.server)\.progress\b|import .*\bProgress\b",
            line,
        )
    ]
    assert elsewhere == []
