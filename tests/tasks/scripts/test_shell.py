"""From commands to what is started."""

import sys

import pytest

from kestrel_cli.tasks.scripts.shell import invocation, joined


@pytest.mark.parametrize(
    ("target", "text"), [("LINUX", "a\nb"), ("WINDOWS", "a\r\nb"), ("AUTO", "a\nb")]
)
def test_lines_end_as_on_the_target(target, text):
    if target == "AUTO" and sys.platform == "win32":
        text = "a\r\nb"
    assert joined(["a", "b"], target) == text


@pytest.mark.parametrize(
    "interpreter", [["/bin/sh", "-c"], ["bash", "-ec"], ["/usr/bin/env", "zsh", "-c"][1:]]
)
def test_a_shell_reads_a_file(interpreter, tmp_path):
    start = invocation(interpreter, "echo ü", tmp_path)
    assert start.argv == [*interpreter, f". {tmp_path}/commands"]
    assert start.hidden == f"{tmp_path}/commands: ".encode()
    assert (tmp_path / "commands").read_text("utf-8") == "echo ü"


@pytest.mark.parametrize(
    "interpreter", [["python", "-c"], ["pwsh", "-Command"], ["cmd", "/c"], ["sh"], [], ["sh", "x"]]
)
def test_others_get_the_text_itself(interpreter, tmp_path):
    start = invocation(interpreter, "text", tmp_path)
    assert start.argv == [*interpreter, "text"]
    assert start.hidden is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_odd_letters_is_quoted(tmp_path):
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    assert invocation(["sh", "-c"], "x", folder).argv[2].startswith(". '/")
