"""Texts can't lie: their files are written, their commands are run, their output is compared.

    ```yaml       (toml, csv, python) a block that begins with `# file: NAME` is that file
    ```python     without a name: it is executed
    ```console    lines `$ command`, each followed by its exact output; `...` on a line of its
                  own stands for any lines, at the end of one for its rest
    ```sh         parts between `&&` that call kestrel must end well; a block without a kind below
                  it is the output of the last one

Ids, dates, times and durations are compared as what they are. Blocks work in one directory, the
first one first. The steps of a CI file are run, too: all must end well but those that say
`# ends with N`. Commands that do not begin with `kestrel` are run only when they are listed. Every
flow has to be run by some command.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.cli import Result, process_environment, run_here
from tests.support.normal import Normal

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# file: (\S+)\n")
FILES = ("yaml", "toml", "csv", "python")
CI_FILES = (".github/workflows/", ".gitlab-ci.yml")
ENDS = re.compile(r"# ends with (\d+)$")
FLOW = re.compile(r"^id: (\S+)\n(?:.*\n)*?tasks:", re.MULTILINE)
# Other commands that an example may hold, and what runs instead (None: it is left out).
OTHERS: dict[str, str | None] = {
    "pip install .": None,
    "python3 -m venv .venv": None,
    ".venv/bin/pip install -q .": None,
    ".venv/bin/pip install -q '.[dev]'": None,
    ".venv/bin/python -m pytest -q -n 2 --dist worksteal": None,  # these tests
    "pytest --kestrel": None,  # in tests/pytest_plugin
    "pytest -n 2 greet.test.yaml::ada": None,
    ".venv/bin/kestrel run flows/hello.yaml": "kestrel run flows/hello.yaml",
}
Run = Callable[[Sequence[str], Path], Result]


@dataclass(frozen=True)
class Block:
    """A fenced block and the line it begins at."""

    kind: str
    text: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        yield Block(match[1], match[2], text.count("\n", 0, match.start()) + 1)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with its output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command = f"{command[:-1].rstrip()} {more.removeprefix('>').lstrip()}"
        yield command, output


def fits(wanted: str, got: str) -> bool:
    """Whether the output is as shown."""
    lines = wanted.rstrip("\n").split("\n") if wanted.strip() else []
    pattern = "".join(_pattern(line) for line in lines)
    return re.fullmatch(pattern, got.rstrip("\n") + "\n" if got else "") is not None


def _pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:.*\n)*?"
    if line.endswith("..."):
        return re.escape(line.removesuffix("...")) + r".*\n"
    return re.escape(line) + r"\n"


def shown(text: str) -> str:
    """Comparable output: a text shows times and dates of some other day."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[DATE]", text)
    return Normal().text(text)


def here(words: Sequence[str], folder: Path) -> Result:
    """Run a command in this process; its two streams are one."""
    return run_here(words, folder, together=True)


def run_examples(text: str, folder: Path, run: Run = here) -> Iterator[str]:
    """Run all examples of a Markdown text; what does not hold."""
    before: Block | None = None
    for block in blocks(text):
        if block.kind in FILES and (file := FILE.match(block.text)):
            (folder / file[1]).parent.mkdir(parents=True, exist_ok=True)
            (folder / file[1]).write_text(block.text, "utf-8")
            if file[1].startswith(CI_FILES):
                yield from run_steps(block, folder, run)
        elif block.kind == "console":
            for command, output in commands(block.text):
                yield from run_example(command, output, block.line, folder, run)
        elif block.kind == "python":
            yield from execute(block, folder)
        elif block.kind == "" and before is not None and before.kind == "sh":
            command = before.text.split("&&")[-1].strip()
            yield from run_example(command, block.text, block.line, folder, run)
        elif block.kind == "sh":
            for command in block.text.strip().split("&&"):
                yield from run_example(command.strip(), "...\n", block.line, folder, run)
        else:
            yield f"line {block.line}: nobody runs this block of {block.kind or 'no kind'}"
        before = block
    yield from not_run(text)


def run_example(
    command: str,
    output: str,
    line: int,
    folder: Path,
    run: Run = here,
    code: int | None = None,
) -> Iterator[str]:
    """Run a command; what is not as shown. `code`: it must end so."""
    instead: str | None = command
    if not command.startswith("kestrel "):
        instead = OTHERS.get(command.partition(" # ")[0], command)
    if instead is None:
        return
    words = shlex.split(instead, comments=True)
    if words[:1] != ["kestrel"]:
        yield f"line {line}: `{command}` does not begin with kestrel and is not listed in OTHERS"
        return
    if unknown := [word for word in words if word in ("|", ">", "&&", ";", "||", "<", "2>")]:
        yield f"line {line}: `{command}` needs a shell ({unknown[0]})"
        return
    got = run(words[1:], folder)
    if not fits(shown(output), shown(got.out)):
        yield f"line {line}: `{command}` shows\n{output}\nbut gives\n{got.out}"
    if code is not None and got.code != code:
        yield f"line {line}: `{command}` ends with {got.code}, not {code}\n{got.out}"


def run_steps(block: Block, folder: Path, run: Run) -> Iterator[str]:
    """Run the steps of a CI file."""
    found = list(_steps(YAML(typ="safe").load(block.text)))
    for step in found:
        (line,) = (one for one in block.text.splitlines() if step in one)
        ends = ENDS.search(line)
        code = int(ends[1]) if ends else 0
        yield from run_example(step, "...\n", block.line, folder, run, code)
    if not found:
        yield f"line {block.line}: this CI file has no steps"


def _steps(data: Any) -> Iterator[str]:
    match data:
        case {"run": str(step)}:
            yield step
        case {"script": list(steps)}:
            yield from steps
        case dict():
            for value in data.values():
                yield from _steps(value)
        case list():
            for value in data:
                yield from _steps(value)


def execute(block: Block, folder: Path) -> Iterator[str]:
    """Run a Python block in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", block.text],
        cwd=folder,
        env=process_environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if ended.returncode:
        yield f"line {block.line}: this Python ends with\n{ended.stderr}"


def not_run(text: str) -> Iterator[str]:
    """Flows that no command names and no flow calls."""
    found = [
        (file[1], flow[1], block)
        for block in blocks(text)
        if block.kind == "yaml"
        and (file := FILE.match(block.text))
        and (flow := FLOW.search(block.text))
    ]
    said = "\n".join(
        block.text for block in blocks(text) if block.kind in ("console", "sh", "python")
    )
    ci = "\n".join(
        block.text
        for block in blocks(text)
        if (file := FILE.match(block.text)) and file[1].startswith(CI_FILES)
    )
    called = {name for _, _, block in found for name in re.findall(r"flowId: (\S+)", block.text)}
    for path, name, block in found:
        if path not in said and path not in ci and name not in called:
            yield f"line {block.line}: nobody runs {path}"
