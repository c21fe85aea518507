"""Scripts that stand in the flow, in several languages."""

import shutil
import stat
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.registry import TYPES, find
from kestrel_cli.tasks.scripts.languages import LANGUAGES
from tests.support.reach import ReachingContext
from tests.support.scripts import SCRIPTS, content, said, script

SCRIPT = sorted(name for name in LANGUAGES)


def program(folder: Path, name: str) -> None:
    """A program that says how it was called and shows its last argument's content."""
    place = folder / name
    text = f'#!/bin/sh\nfor last; do :; done\necho "{name} $*" | sed "s:[^ ]*/::"\ncat "$last"\n'
    place.write_text(text)
    place.chmod(0o755)


@pytest.fixture
def fake(tmp_path):
    """An attempt on a machine that has every language, all of them fakes."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for language in LANGUAGES.values():
        for name in (*language.programs, "dotnet-script"):
            program(programs, name)
    made = ReachingContext(tmp_path, environ={"PATH": f"{programs}:/usr/bin:/bin", "HOME": "/"})
    yield made
    made._reach.close()


CALLS = {
    "bun": "bun run script-N.ts",
    "csharp": "dotnet-script script-N.csx",
    "deno": "deno run script-N.ts",
    "dotnet": "dotnet-script script-N.csx",
    "fsharp": "dotnet fsi script-N.fsx",
    "go": "go run script-N.go",
    "groovy": "groovy script-N.groovy",
    "jbang": "jbang --quiet script-N.java",
    "julia": "julia script-N.jl",
    "lua": "lua script-N.lua",
    "node": "node script-N.js",
    "perl": "perl script-N.pl",
    "php": "php script-N.php",
    "python": "python script-N.py",
    "r": "Rscript script-N.R",
    "ruby": "ruby script-N.rb",
}


@pytest.mark.parametrize("language", CALLS)
def test_the_script_is_a_file_for_its_program(language, fake):
    script(f"{language}.Script", script="the script\n").run(fake)
    called, *lines = said(fake)
    words = called.split()
    number = words[-1].removeprefix("script-").partition(".")[0]
    assert called.replace(number, "N") == CALLS[language]
    assert "\n".join(lines) == LANGUAGES[language].above + "the script"
    assert list(fake.files.folder().iterdir()) == []


def test_every_language_is_listed_with_both_kinds():
    listed = {name.removeprefix(SCRIPTS) for name in TYPES if name.startswith(SCRIPTS)}
    assert listed == {f"{name}.{kind}" for name in LANGUAGES for kind in ("Commands", "Script")}
    for name in listed:
        cls = find(SCRIPTS + name)
        assert cls.language is LANGUAGES[name.partition(".")[0]]
        assert cls.blocking
        assert cls.outward


def test_a_script_may_be_a_list_of_lines(ctx):
    script("shell.Script", script=["echo a", "echo b"]).run(ctx)
    assert said(ctx) == ["a", "b"]


def test_a_shell_script_is_the_commands(ctx):
    uri = ctx.files.put(b"stored", "a.txt")
    script("shell.Script", script=f"cat {uri}\nexit 0\n", beforeCommands=["set -u"]).run(ctx)
    assert said(ctx) == ["stored"]


def test_powershell_runs_a_file_in_its_own_interpreter(fake):
    with pytest.raises(TaskFailed):  # the fake takes its last argument for a file
        script("powershell.Script", script="1 + 1").run(fake)
    (line, *_) = said(fake, "INFO")
    assert line.startswith("pwsh -NoProfile -NonInteractive -Command $ErrorActionPreference")


def test_jbang_takes_other_files_and_may_be_loud(fake):
    script("jbang.Script", script="x", extension=".kt", quiet=False).run(fake)
    assert said(fake)[0].startswith("jbang script-")
    assert said(fake)[0].endswith(".kt")


def test_the_file_is_for_the_user_alone_and_its_neighbours_can_be_imported(ctx):
    code = "import os, helper; print(oct(os.stat(__file__).st_mode)); print(helper.x)"
    script("python.Script", script=code, inputFiles={"helper.py": "x = 'imported'"}).run(ctx)
    assert said(ctx) == [oct(stat.S_IFREG | 0o600), "imported"]


def test_our_file_is_no_output_file(ctx):
    outcome = script(
        "python.Script", script="open('a.txt', 'w').write('1')", outputFiles=["**"]
    ).run(ctx)
    files = outcome.outputs["outputFiles"]
    assert set(files) - {"__pycache__"} == {"a.txt"}
    assert content(ctx, files["a.txt"]) == "1"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_node(ctx):
    script("node.Script", script="console.log(`${1 + 1}`); console.error('oh')").run(ctx)
    assert sorted(said(ctx)) == ["2", "oh"]


@pytest.mark.skipif(shutil.which("perl") is None, reason="needs perl")
def test_perl(ctx):
    script("perl.Script", script='print "perl\\n";').run(ctx)
    assert said(ctx) == ["perl"]
