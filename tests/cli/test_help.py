"""`kestrel help`: the list, the pages, names that are not there, completion."""

import os
import pty
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from kestrel_cli.app.topics import topics
from kestrel_cli.cli.commands import COMMANDS
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.help_pages import drawn
from tests.cli.test_start_up import imported
from tests.support.cli import COMMAND, ROOT, process_environment, run_here, run_process

HELP = ROOT / "kestrel_cli" / "help"
NAMES = [one.name for one in topics()]
PAGE = """# Title: words

Text with `code [x]` and [`help ci`](ci.md), [a](https://b.de).

| a | b |
|---|---|
| `-o` | c |

```yaml
id: a
```
"""


def at_terminal(folder: Path, *arguments: str, **env: str) -> str:
    """What a terminal of 60 columns gets; `cat` is the pager."""
    main, other = pty.openpty()
    changes = {"TERM": "xterm", "PAGER": "cat", "COLUMNS": "60", "CI": None, **env}
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "NO_COLOR", "FORCE_COLOR", "MANPAGER"):
        changes.setdefault(name, None)
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=process_environment(folder, changes),
        stdin=other,
        stdout=other,
        stderr=other,
    )
    os.close(other)
    parts = []
    try:
        while part := os.read(main, 65536):
            parts.append(part)
    except OSError:  # how Linux tells that nobody is at the other end
        pass
    os.close(main)
    assert process.wait(60) == 0
    return b"".join(parts).decode().replace("\r\n", "\n")


# -- the list and the pages


def test_the_list_has_a_line_for_every_file(tmp_path: Path) -> None:
    ended = run_here(["help"], tmp_path)
    assert (ended.code, ended.err) == (0, "")
    rows = re.findall(r"^  (\S+) +(\S.*)$", ended.out, re.MULTILINE)
    assert [name for name, _ in rows] == sorted(path.stem for path in HELP.glob("*.md"))
    assert ("exit-codes", "what the number says") in rows


@pytest.mark.parametrize("name", NAMES)
def test_a_page_in_a_pipe_is_its_markdown(name: str, tmp_path: Path) -> None:
    ended = run_here(["help", name], tmp_path)
    text = (HELP / f"{name}.md").read_text("utf-8")
    assert (ended.code, ended.out, ended.err) == (0, text, "")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_begins_with_its_name_and_has_no_wide_lines(name: str) -> None:
    text = (HELP / f"{name}.md").read_text("utf-8")
    heading, _, rest = text.partition("\n")
    title, _, words = heading.partition(": ")
    assert title.lower().replace(" ", "-") == f"# {name}".replace(" ", "-")
    assert words
    assert "\n# " not in re.sub(r"```.*?```", "", rest, flags=re.DOTALL)
    prose = re.sub(r"^(```.*?^```|\|.*?)$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert all(len(line) <= 100 for line in prose.splitlines())


def test_no_topic_has_the_name_of_a_command() -> None:
    assert not set(NAMES) & set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_on_a_command_is_its_options(command: str, tmp_path: Path) -> None:
    assert run_here(["help", command], tmp_path) == run_here([command, "--help"], tmp_path)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("inptus", "did you mean `inputs`?"),
        ("exitcodes", "did you mean `exit-codes`?"),
        ("restrat", "did you mean `restart`?"),
        ("durable", "it is in `kestrel help reliability`"),
        ("pytest", "it is in `kestrel help python`"),
        ("coverage", "it is in `kestrel help tests`"),
        ("mock", "did you mean `mocks`?"),
        ("zzzzzzzzz", "`kestrel help` lists the topics"),
        ("../../pyproject", "`kestrel help` lists the topics"),
    ],
)
def test_a_name_that_is_not_there_is_a_usage_error(asked: str, hint: str, tmp_path: Path) -> None:
    ended = run_here(["help", asked], tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: there is no help on `{asked}`\nhint: {hint}")


@pytest.mark.parametrize("asked", ["Inputs", "inputs.md", "INPUTS"])
def test_case_does_not_matter(asked: str, tmp_path: Path) -> None:
    assert run_here(["help", asked], tmp_path).out.startswith("# Inputs: ")


# -- for people


def test_a_page_is_drawn_without_colours(tmp_path: Path) -> None:
    assert drawn(PAGE, Style(width=40, wraps=True)) == (
        "Title: words\n\n"
        "Text with `code [x]` and `help ci`, a\n(https://b.de).\n\n"
        " a     b\n ───────\n `-o`  c\n\n id: a\n"
    )


def test_a_page_is_drawn_with_colours() -> None:
    text = drawn(PAGE, Style(colour=True, width=40, wraps=True))
    assert text.startswith("\x1b[1mTitle: words\x1b[0m\n\n")
    assert "\x1b[36mcode [x]\x1b[0m" in text
    assert not re.search(r"\x1b\[[\d;]*4[0-7]m", text)  # no background
    assert "`" not in text


def test_where_there_is_no_unicode_a_page_stays_markdown() -> None:
    assert drawn(PAGE, Style(colour=True, unicode=False, width=40, wraps=True)) == PAGE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [20, 60, 300])
def test_every_page_is_drawn_within_its_width(name: str, width: int) -> None:
    text = drawn((HELP / f"{name}.md").read_text("utf-8"), Style(width=width, wraps=True))
    assert all(len(line) <= min(width, 100) for line in text.splitlines())
    assert ".md)" not in text


def test_at_a_terminal_it_is_drawn_and_paged(tmp_path: Path) -> None:
    assert "\x1b[1mExit codes: what the number says" in at_terminal(tmp_path, "help", "exit-codes")
    plain = at_terminal(tmp_path, "help", "exit-codes", NO_COLOR="1")
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 60
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\nsed "s/^/paged: /"\n')
    pager.chmod(0o755)
    assert "paged: Topics" in at_terminal(tmp_path, "help", PAGER=str(pager), NO_COLOR="1")


# -- start-up and completion


def test_the_list_and_a_page_in_a_pipe_draw_nothing(tmp_path: Path) -> None:
    for arguments in (["help"], ["help", "inputs"]):
        modules = imported(tmp_path, *arguments)
        assert not {"rich", "markdown_it", "pydoc", "jinja2", "ruamel", "pydantic"} & modules


def completed(folder: Path, *words: str) -> list[str]:
    env = {
        "_KESTREL_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("kestrel", *words)),
        "COMP_CWORD": str(len(words)),
    }
    return run_process([], folder, env).out.split()


def test_a_shell_completes_commands_options_and_topics(tmp_path: Path) -> None:
    assert completed(tmp_path, "he") == ["help"]
    assert completed(tmp_path, "help", "sc") == ["scripts", "schema"]
    assert completed(tmp_path, "help", "ex") == ["exit-codes", "expressions", "executions"]
    assert completed(tmp_path, "run", "--json") == ["--json-file"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_program_gives_shells_what_they_need(shell: str, tmp_path: Path) -> None:
    ended = run_process([], tmp_path, {"_KESTREL_COMPLETE": f"source_{shell}"})
    assert ended.code == 0
    assert f"_KESTREL_COMPLETE=complete_{shell}" in ended.out


def test_the_wheel_has_the_pages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["kestrel_cli"]}  # every file of the package
    ignored = (ROOT / ".gitignore").read_text("utf-8")  # what hatch leaves out
    assert "help" not in ignored
    assert "md" not in ignored


def test_the_pages_are_found_in_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted((ROOT / "kestrel_cli").rglob("*")):
            if path.suffix in (".py", ".md"):
                archive.write(path, path.relative_to(ROOT))
    ended = subprocess.run(
        [sys.executable, "-m", "kestrel_cli", "help", "inputs"],
        cwd=tmp_path,
        env=process_environment(tmp_path, {"PYTHONPATH": str(tmp_path / "all.zip")}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.startswith("# Inputs: "), ended.stderr
