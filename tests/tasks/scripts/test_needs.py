"""Which programs commands need, and which of them are missing."""

from kestrel_cli.tasks.scripts.needs import first_words, missing_of


def program(folder, name):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("")
    (folder / name).chmod(0o755)


def test_the_first_entry_without_any_of_its_programs_is_named(tmp_path):
    path = str(tmp_path / "programs")
    assert missing_of([], path) is None
    assert missing_of(["sh", "python|python3"], path) == "`sh`"
    program(tmp_path / "programs", "sh")
    assert missing_of(["sh", "python|python3"], path) == "`python` or `python3`"
    program(tmp_path / "programs", "python3")
    assert missing_of(["sh", "python|python3"], path) is None


def test_first_words_are_those_of_every_line():
    assert first_words(["ruby a.rb\n  perl -e 1\n\n", "x"]) == {"ruby", "perl", "x"}
