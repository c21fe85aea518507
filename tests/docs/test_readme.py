"""The README can't lie: its flows are written to files and its commands are run, as
`tests/support/examples.py` says, and so are those of the topics of `kestrel help`.
"""

import re
import shutil
import tomllib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from kestrel_cli.cli.commands import COMMANDS
from tests.support.cli import ROOT, Result, run_here, run_process
from tests.support.examples import FENCE, blocks, run_examples
from tests.support.kestra_server import PASSWORD, KestraServer, kestra_server
from tests.support.plugins import EXAMPLE as PLUGIN
from tests.support.plugins import GROUP, installed

README = ROOT / "README.md"
TOPICS = sorted((ROOT / "kestrel_cli" / "help").glob("*.md"))
TEXTS = [README, *TOPICS]
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^]]+\]\(([^)]+)\)")
texts = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)


def with_plugins(site: Path) -> Callable[[Sequence[str], Path], Result]:
    """Run commands where the package is installed that the examples have written."""

    def run(words: Sequence[str], folder: Path) -> Result:
        written = folder / "kestrel_shout"
        project = tomllib.loads((written / "pyproject.toml").read_text("utf-8"))["project"]
        if not any(site.iterdir()):
            installed(site, project["name"], project["entry-points"][GROUP], {})
            shutil.copy(written / "kestrel_shout.py", site)
        ended = run_process(words, folder, {"PYTHONPATH": f"{ROOT}:{site}"})
        return Result(ended.code, ended.out + ended.err, "")

    return run


def on_a_server(kestra: KestraServer) -> Callable[[Sequence[str], Path], Result]:
    """Run commands where the server that the examples name is one of the tests' own."""
    name = "https://kestra.example.com"

    def run(words: Sequence[str], folder: Path) -> Result:
        settings = folder / "kestrel.toml"
        settings.write_text(settings.read_text("utf-8").replace(name, kestra.url))
        env = {"PROD_PASSWORD": PASSWORD, "HOME": str(folder), "CI": None}
        ended = run_here(words, folder, env, together=True)
        return Result(ended.code, ended.out.replace(kestra.url, name), "")

    return run


@texts
def test_every_example_is_as_shown(path: Path, tmp_path: Path) -> None:
    folder, site = tmp_path / "here", tmp_path / "site"
    folder.mkdir()
    site.mkdir()
    shutil.copytree(ROOT / "flows", folder / "flows")
    text = path.read_text("utf-8")
    more = [with_plugins(site)] if path.stem == "plugins" else []
    with kestra_server() if path.stem == "servers" else nullcontext() as kestra:
        if kestra is not None:
            more = [on_a_server(kestra)]
        problems = "\n".join(run_examples(text, folder, *more))
    assert not problems, f"\n{problems}"


def test_the_readme_and_most_topics_have_examples() -> None:
    without = {
        path.stem
        for path in TEXTS
        if not any(one.kind in ("console", "python") for one in blocks(path.read_text("utf-8")))
    }
    assert without <= {"ci", "exit-codes", "reliability"}


@texts
def test_every_command_and_option_that_is_named_is_there(path: Path, tmp_path: Path) -> None:
    pages = {name: run_here([name, "--help"], tmp_path).out for name in COMMANDS}
    options = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", "\n".join(pages.values())))
    for code in CODE.findall(FENCE.sub("", path.read_text("utf-8"))):
        if not code.startswith(("kestrel ", "-")):
            continue
        words = code.replace("\\|", "|").partition(" | ")[0].split()
        named = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        if code.startswith("-"):
            assert named <= options, code
            continue
        assert words[1] in COMMANDS or words[1] in (
            "...",
            "-",
            "loop.yaml",
            "flow.yaml",
            "COMMAND",
        ), code
        assert named <= set(re.findall(r"--[a-z-]+", pages.get(words[1], ""))) | {"--help"}, code
        if (
            words[1] == "help"
            and len(words) > 2
            and words[2] not in COMMANDS
            and words[2].islower()
        ):
            assert run_here(words[1:], tmp_path).code == 0, code


@texts
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in FENCE.sub("", text).splitlines()
        if line.startswith("#")
    }
    for target in LINK.findall(FENCE.sub("", text)):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not target.startswith("https://"):
            assert (path.parent / target).exists(), target


def test_the_readme_is_short_and_links_every_topic() -> None:
    text = README.read_text("utf-8")
    assert text.count("\n") <= 350
    for topic in TOPICS:
        assert f"(kestrel_cli/help/{topic.name})" in text, topic.stem


def test_the_plugin_of_the_topic_is_the_example() -> None:
    text = (ROOT / "kestrel_cli" / "help" / "plugins.md").read_text("utf-8")
    written = {block.kind: block.text.partition("\n")[2] for block in blocks(text)}
    assert (PLUGIN / "pyproject.toml").read_text("utf-8") == written["toml"]
    assert (PLUGIN / "kestrel_shout.py").read_text("utf-8").endswith(written["python"])


def test_ci_runs_the_command_for_the_tests() -> None:
    tests = [one for one in blocks(README.read_text("utf-8")) if "pytest" in one.text]
    assert [one.text.strip() in (ROOT / ".ci" / "run").read_text("utf-8") for one in tests] == [
        True
    ]


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


@pytest.mark.parametrize(
    "text",
    [
        "```\nsome output\n```\n",
        "```yaml\nid: unnamed\n```\n",
        "```yaml\n# file: b.yaml\nid: b\nnamespace: c\ntasks: []\n```\n",
        "```python\nassert 1 + 1 == 3\n```\n",
        "```yaml\n# file: .gitlab-ci.yml\na:\n  script:\n    - kestrel validate none.yaml\n```\n",
        "```sh\nrm -r x\n```\n",
    ],
)
def test_a_block_that_nobody_runs_or_that_fails_is_found(text: str, tmp_path: Path) -> None:
    (problem,) = run_examples(text, tmp_path)
    assert problem.startswith("line 1: ")
