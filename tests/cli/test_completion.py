"""`kestrel completion`: the scripts in shells that are here, and the answers of the program."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kestrel_cli.cli.completion import VARIABLE, Shell, line_of
from tests.cli.test_start_up import slow
from tests.support.cli import COMMAND, process_environment, run_here

FLOW = """
id: menu
namespace: company.team
inputs:
  - {id: mood, type: SELECT, values: [quiet, lively], defaults: quiet}
  - {id: sure, type: BOOL, defaults: true}
  - id: guest
    type: FORM
    inputs: [{id: name, type: STRING, defaults: Ada}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1]
    tasks:
      - {id: pour, type: io.kestra.plugin.core.log.Log, message: "{{ secret('TOKEN') ?? 'none' }}"}
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
errors:
  - {id: tell, type: io.kestra.plugin.core.log.Log, message: failed}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "menu.yaml").write_text(FLOW)
    return tmp_path


def completed(line: str, folder: Path, shell: str = "bash", breaks: str = " =:") -> list[str]:
    """What the program answers to a shell."""
    env = {VARIABLE: f"complete_{shell}", "COMP_LINE": line, "COMP_WORDBREAKS": breaks}
    ended = run_here([], folder, env)
    assert (ended.code, ended.err) == (0, "")
    return ended.out.splitlines()


# -- candidates

LINES = [
    ("kestrel resta", ["restart"]),
    ("kestrel menu.yaml --unt", ["--until"]),
    ("kestrel run menu.yaml --only ", ["each", "pour", "wait", "tell"]),
    ("kestrel run menu.yaml --until=p", ["pour"]),
    ("kestrel menu.yaml --mock 'p", ["pour"]),
    ("kestrel plan menu.yaml --mock-type io.kestra.plugin.core.log", [".log.Log"]),
    ("kestrel rehearse menu.yaml --run t", ["tell"]),
    ("kestrel run menu.yaml -i ", ["mood=", "sure=", "guest.name="]),
    ("kestrel run menu.yaml -i mood=l", ["lively"]),
    ("kestrel run menu.yaml --input sure=", ["true", "false"]),
    ("kestrel run menu.yaml --resume ", ["wait="]),
    ("kestrel run menu.yaml --secret ", ["TOKEN"]),
    ("kestrel run menu.yaml --log-level w", ["WARN"]),
    ("kestrel run menu.yaml --json-file ", []),
    ("kestrel run none.yaml --only ", []),
    ("kestrel run ", []),
    ("kestrel tasks ForEachI", ["ForEachItem"]),
    ("kestrel tasks io.kestra.plugin.core.debug.", ["io.kestra.plugin.core.debug.Return"]),
    ("kestrel completion z", ["zsh"]),
    ("kestrel executions pru", ["prune"]),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _ in LINES])
def test_names_are_completed(line: str, expected: list[str], folder: Path) -> None:
    found = completed(line, folder)
    if expected == [".log.Log"]:
        assert found == ["io.kestra.plugin.core.log.Log"]
    elif "io.kestra" in line:
        assert set(expected) <= set(found)
    else:
        assert found == expected


def test_executions_and_what_they_ran_are_completed(folder: Path) -> None:
    assert completed("kestrel restart ", folder) == []
    ended = run_here(["run", "menu.yaml", "-qq", "--pause", "wait", "-o", "json"], folder)
    name = re.search(r'"id": "(\w+)"', ended.out)
    assert name is not None
    assert completed("kestrel restart ", folder) == ["last", name[1]]
    assert completed(f"kestrel executions show {name[1][:5]}", folder) == [name[1]]
    assert completed("kestrel eval --from l", folder) == ["last"]
    assert completed("kestrel replay last --task p", folder) == ["pour"]
    assert completed("kestrel executions --flow ", folder) == ["menu"]
    about = [one for one in completed("kestrel resume ", folder, "powershell") if name[1] in one]
    assert re.match(rf"{name[1]}\tmenu [A-Z]+ \d{{4}}-", about[0])


def test_names_of_servers_are_completed(folder: Path) -> None:
    (folder / "kestrel.toml").write_text('[contexts.prod]\nhost = "http://a"\n')
    for command in ("push .", "diff a b", "run menu.yaml"):
        assert completed(f"kestrel {command} --on p", folder) == ["prod"]


def test_keys_are_completed(folder: Path) -> None:
    run_here(["kv", "set", "cursor", "1", "-n", "company.team"], folder)
    assert completed("kestrel kv get ", folder) == ["cursor"]
    assert completed("kestrel kv list -n ", folder) == ["company.team"]


# -- what each shell needs


def test_bash_keeps_what_it_takes_for_words_of_their_own(folder: Path) -> None:
    assert completed("kestrel run menu.yaml -i mood=l", folder, breaks=" ") == ["mood=lively"]
    assert completed("kestrel run menu.yaml --only=p", folder, breaks=" ") == ["--only=pour"]
    assert completed("kestrel run menu.yaml -i 'mood=l", folder) == ["mood=lively"]


def test_what_bash_would_read_as_its_own_is_escaped(folder: Path) -> None:
    text = FLOW.replace("[quiet, lively]", '["so so", "$HOME"]')
    (folder / "menu.yaml").write_text(text)
    line = "kestrel run menu.yaml -i mood="
    assert completed(line, folder) == ["so\\ so", "\\$HOME"]
    assert completed(line, folder, "powershell")[0] == "mood=so so"


@pytest.mark.parametrize(
    ("text", "words", "begun"),
    [
        ("kestrel", [], ""),
        ("kestrel ", [], ""),
        ("kestrel  run x", ["run"], "x"),
        ("kestrel run 'a b' \"c\\\" d", ["run", "a b"], 'c" d'),
        ("kestrel run a\\ b ", ["run", "a b"], ""),
        ("kestrel run '' ", ["run", ""], ""),
    ],
)
def test_a_line_is_read_as_far_as_it_is_typed(text: str, words: list[str], begun: str) -> None:
    line = line_of(text)
    assert (line.words, line.begun) == (words, begun)


def test_names_that_act_on_a_terminal_are_left_out(folder: Path) -> None:
    (folder / "menu.yaml").write_text(FLOW.replace("id: pour", 'id: "p\\e[31m"'))
    assert completed("kestrel run menu.yaml --only p", folder) == []


@pytest.mark.parametrize(
    "content", ["", "- a", "tasks: 3", "tasks: [1, {id: [], type: x}]", "{", "a: *b", "\x00"]
)
def test_a_file_that_is_no_flow_has_no_names(content: str, folder: Path) -> None:
    (folder / "menu.yaml").write_text(content)
    for option in ("--only", "-i", "--mock-type", "--resume", "--secret"):
        assert completed(f"kestrel run menu.yaml {option} ", folder) == []


@pytest.mark.parametrize("asked", ["complete_bash", "complete_tcsh", "x", "", "complete_zsh"])
def test_nothing_is_said_when_the_question_is_wrong(asked: str, folder: Path) -> None:
    ended = run_here([], folder, {VARIABLE: asked})
    assert (ended.out, ended.err) == ("", "")


def test_a_broken_state_directory_is_no_error(folder: Path) -> None:
    (folder / "state").write_text("a file")
    env = {"KESTREL_STATE_DIR": str(folder / "state")}
    ended = run_here(
        [], folder, {VARIABLE: "complete_bash", "COMP_LINE": "kestrel restart ", **env}
    )
    assert (ended.out, ended.err) == ("", "")


def test_completing_imports_no_slow_library(folder: Path) -> None:
    ended = subprocess.run(
        [COMMAND[0], "-X", "importtime", "-m", "kestrel_cli"],
        cwd=folder,
        env=process_environment(
            folder, {VARIABLE: "complete_bash", "COMP_LINE": "kestrel run menu.yaml --only "}
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["each", "pour", "wait", "tell"]
    modules = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert not slow(modules)


# -- the scripts


@pytest.mark.parametrize("shell", [one.value for one in Shell])
def test_the_script_is_printed(shell: str, tmp_path: Path) -> None:
    ended = run_here(["completion", shell], tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert VARIABLE in ended.out
    for spelled in (f"source_{shell}", f"{shell}_source"):
        assert run_here([], tmp_path, {VARIABLE: spelled}).out == ended.out


@pytest.fixture
def shells(folder: Path) -> dict[str, str]:
    """The environment of a shell that has the program on its path."""
    program = folder / "bin" / "kestrel"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{COMMAND[0]}" -m kestrel_cli "$@"\n')
    program.chmod(0o755)
    for shell in ("bash", "zsh", "fish"):
        (folder / shell).write_text(run_here(["completion", shell], folder).out)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return process_environment(folder, {"PATH": path, "HOME": str(folder), "TERM": "dumb"})


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


def typed(shell: list[str], first: str, line: str, folder: Path, env: dict[str, str]) -> str:
    """What a shell at a terminal makes of a line that ends with Tab."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        shell, cwd=folder, env=env, stdin=other, stdout=other, stderr=other, start_new_session=True
    )
    os.close(other)
    text = ""

    def wait_for(mark: str) -> None:
        nonlocal text
        end = time.monotonic() + 20
        while mark not in text and time.monotonic() < end:
            if select.select([main], [], [], 0.1)[0]:
                with suppress(OSError):
                    text += os.read(main, 65536).decode(errors="replace")

    try:
        os.write(main, f"{first}; echo ready$((1+1))\n".encode())
        wait_for("ready2")
        os.write(main, f"{line}\t\x01echo \x05; echo done$((1+1))\n".encode())
        wait_for("done2")
        os.write(main, b"exit\n")
        process.wait(20)
    finally:
        process.kill()
        process.wait()
        os.close(main)
    return text


@needs("bash")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kestrel run menu.yaml --only ", ["each", "pour", "wait", "tell"]),
        ("kestrel run menu.yaml -i mo", ["mood="]),
        ("kestrel run menu.yaml -i mood=l", ["lively"]),
        ("kestrel run menu.yaml --only=w", ["wait"]),
        ("kestrel run nothing.yaml --only ", []),
    ],
)
def test_in_bash(line: str, expected: list[str], folder: Path, shells: dict[str, str]) -> None:
    program = f"""
        source ./bash
        COMP_LINE={line!r} COMP_POINT={len(line)}
        _kestrel_complete kestrel
        printf '%s\\n' "${{COMPREPLY[@]}}"
        complete -p kestrel
    """
    ended = subprocess.run(
        ["bash", "-c", program], cwd=folder, env=shells, capture_output=True, text=True, check=True
    )
    assert [one for one in ended.stdout.splitlines()[:-1] if one] == expected
    assert ended.stdout.splitlines()[-1].startswith("complete -o default ")
    assert "-F _kestrel_complete kestrel" in ended.stdout
    assert ended.stderr == ""


@needs("fish")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kestrel run menu.yaml --only ", {"each\tForEach", "pour\tLog", "wait\tPause"}),
        ("kestrel run menu.yaml -i mood=l", {"mood=lively"}),
        ("kestrel run menu.yaml --only=w", {"--only=wait\tPause"}),
        ("kestrel run me", {"menu.yaml"}),
    ],
)
def test_in_fish(line: str, expected: set[str], folder: Path, shells: dict[str, str]) -> None:
    ended = subprocess.run(
        ["fish", "--no-config", "-c", f'source ./fish; complete -C "{line}"'],
        cwd=folder,
        env=shells,
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected <= set(ended.stdout.splitlines())
    assert ended.stderr == ""


@needs("zsh")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kestrel run menu.yaml --only po", "kestrel run menu.yaml --only pour"),
        ("kestrel run menu.yaml -i mood=l", "kestrel run menu.yaml -i mood=lively"),
        ("kestrel run men", "kestrel run menu.yaml"),
    ],
)
def test_in_zsh(line: str, expected: str, folder: Path, shells: dict[str, str]) -> None:
    first = "autoload -Uz compinit && compinit -u -d ./dump; source ./zsh; bindkey -e"
    text = typed(["zsh", "-f", "-i"], first, line, folder, shells)
    assert f"\n{expected} \r\n" in text or f"\n{expected}\r\n" in text
