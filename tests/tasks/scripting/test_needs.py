"""What has to be on the machine."""

from kestrel_cli.tasks.scripting.needs import first_words, missing_program
from tests.support.flows import leaf
from tests.support.scripts import DOCKER, script


def program(folder, name):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("")
    (folder / name).chmod(0o755)


def test_the_first_program_that_is_missing_is_named(tmp_path):
    path = str(tmp_path / "programs")
    task = script("python.Script", script="x")
    shell = script("python.Script", script="x", interpreter=["myshell", "-c"])
    assert missing_program(shell, path) == "`myshell`"
    assert missing_program(task, path) == "`python` or `python3`"
    program(tmp_path / "programs", "python3")
    assert missing_program(task, path) is None


def test_nothing_is_missing_for_other_tasks_and_for_containers(tmp_path):
    assert missing_program(leaf("a"), str(tmp_path)) is None
    task = script("ruby.Script", script="x", taskRunner=DOCKER)
    assert missing_program(task, str(tmp_path)) is None


def test_first_words_are_those_of_every_line():
    assert first_words(["ruby a.rb\n  perl -e 1\n\n", "x"]) == {"ruby", "perl", "x"}
