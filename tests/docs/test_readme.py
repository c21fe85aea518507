"""The README can't lie: its flows are written to files and its commands are run.

    ```yaml       a block that begins with the comment `# file: NAME` is that file
    ```console    lines `$ command`, each followed by its exact output; `...` on a line of its
                  own stands for any lines, at the end of one for its rest

Ids, dates, times and durations are compared as what they are. Blocks work in one directory, the
first one first. Commands that do not begin with `kestrel` are run only when they are listed.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cli import ROOT, run_here
from tests.support.normal import Normal

README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# file: (\S+)\n")
# Other commands that an example may hold, and what runs instead (None: it is left out).
OTHERS: dict[str, str | None] = {}


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
    if line.endswith(" ..."):
        return re.escape(line.removesuffix("...")) + r".*\n"
    return re.escape(line) + r"\n"


def shown(text: str) -> str:
    """Comparable output: a README shows times and dates of some other day."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[DATE]", text)
    return Normal().text(text)


def run_examples(text: str, folder: Path) -> Iterator[str]:
    """Run all examples of a Markdown text; what does not hold."""
    for block in blocks(text):
        if block.kind == "yaml" and (file := FILE.match(block.text)):
            (folder / file[1]).parent.mkdir(parents=True, exist_ok=True)
            (folder / file[1]).write_text(block.text, "utf-8")
        elif block.kind == "console":
            for command, output in commands(block.text):
                yield from run_example(command, output, block.line, folder)


def run_example(command: str, output: str, line: int, folder: Path) -> Iterator[str]:
    words = shlex.split(command, comments=True)
    instead = OTHERS.get(command, command) if words[:1] != ["kestrel"] else command
    if instead is None:
        return
    words = shlex.split(instead, comments=True)
    if words[:1] != ["kestrel"]:
        yield f"line {line}: `{command}` does not begin with kestrel and is not listed in OTHERS"
        return
    if unknown := [word for word in words if word in ("|", ">", "&&", ";", "||", "<", "2>")]:
        yield f"line {line}: `{command}` needs a shell ({unknown[0]})"
        return
    got = run_here(words[1:], folder, together=True).out
    if not fits(shown(output), shown(got)):
        yield f"line {line}: `{command}` shows\n{output}\nbut gives\n{got}"


def test_every_example_of_the_readme_is_as_shown(tmp_path: Path) -> None:
    if not README.is_file():
        pytest.skip("there is no README.md yet")
    shutil.copytree(ROOT / "flows", tmp_path / "flows")
    text = README.read_text("utf-8")
    assert any(block.kind == "console" for block in blocks(text))
    assert not (problems := "\n".join(run_examples(text, tmp_path))), f"\n{problems}"


EXAMPLE = """
```yaml
# file: a.yaml
id: a
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: [hi, there]
```

```console
$ kestrel run a.yaml  # runs it
{output}
```
"""
OUTPUT = """12:00:00.001 INFO  say           hi
12:00:00.001 INFO  say           there

✔ company.team.a SUCCESS 1m 3s  execution 0000000000000000000000
└── ✔ say SUCCESS 99ms

flow `company.team.a` SUCCESS in <1ms: 1 task run"""


@pytest.mark.parametrize(
    "output",
    [
        OUTPUT,
        "...\nflow `company.team.a` SUCCESS in 1ms: 1 task run",
        OUTPUT.replace("12:00:00.001 INFO  say           there", "..."),
        OUTPUT.replace("say           there", "say ..."),
    ],
)
def test_an_example_that_is_right_is_accepted(output: str, tmp_path: Path) -> None:
    assert not list(run_examples(EXAMPLE.format(output=output), tmp_path))


@pytest.mark.parametrize(
    "output",
    [
        "",
        OUTPUT.replace("there", "where"),
        OUTPUT.replace("SUCCESS 99ms", "FAILED 99ms"),
        f"{OUTPUT}\nmore",
        OUTPUT.replace("hi\n", "hi\nhi\n"),
    ],
)
def test_an_example_that_is_wrong_is_found(output: str, tmp_path: Path) -> None:
    (problem,) = run_examples(EXAMPLE.format(output=output), tmp_path)
    assert "`kestrel run a.yaml  # runs it` shows" in problem


def test_a_command_that_nobody_listed_is_found(tmp_path: Path) -> None:
    for command in ("rm -r x", "kestrel run a.yaml | head"):
        (problem,) = run_examples(f"```console\n$ {command}\n```\n", tmp_path)
        assert problem.startswith("line 1: ")
