import json

import pytest

from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.flowfile.diagnostics import as_data, render, visible
from kestrel_cli.reporters.findings.github import annotations
from tests.flowfile.loading import findings, task


def diagnostic(source="id: x", column=5, length=1, **changes):
    where = Position("flow.yaml", 9, column)
    given = Diagnostic("error", "some-code", "wrong", where, None, source, length)
    return given._replace(**changes)


def test_the_text_form_shows_place_line_caret_and_hint():
    line = "    type: io.kestra.plugin.core.log.Logg"
    found = diagnostic(line, 11, 5, message="unknown task type `Logg`", hint="did you mean `Log`?")
    assert render(found) == (
        "error: unknown task type `Logg`\n"
        "  flow.yaml:9:11\n"
        "   9 |     type: io.kestra.plugin.core.log.Logg\n"
        "     |           ^^^^^\n"
        "hint: did you mean `Log`?"
    )


def test_a_finding_about_the_whole_file_has_no_excerpt():
    found = diagnostic(where=Position("flow.yaml", 0, 0), source=None, message="the file is empty")
    assert render(found) == "error: the file is empty\n  flow.yaml"


@pytest.mark.parametrize(
    ("source", "column", "length", "shown", "caret"),
    [
        ("a:\tb", 4, 1, "a:    b", "      ^"),
        ("a: 日本 x", 7, 1, "a: 日本 x", "        ^"),
        ("a: 日本", 4, 2, "a: 日本", "   ^^^^"),
        ("e\u0301: x", 5, 1, "e\u0301: x", "   ^"),
        ("a: \x1b[2Jb", 8, 1, "a: \\x1b[2Jb", "          ^"),
        ("a: b", 9, 1, "a: b", "    ^"),
        ("a: b", 4, 99, "a: b", "   ^"),
        ("", 1, 1, "", "^"),
    ],
)
def test_the_caret_stands_below_the_value(source, column, length, shown, caret):
    lines = render(diagnostic(source, column, length)).splitlines()
    assert lines[2:] == [f"   9 | {shown}", f"     | {caret}"]


@pytest.mark.parametrize("column", [1, 50, 500, 999])
def test_long_lines_are_cut_around_the_caret(column):
    source = "x" * (column - 1) + "BAD" + "y" * 1000
    lines = render(diagnostic(source, column, 3)).splitlines()
    assert len(lines[2]) < 120
    start = lines[3].index("^")
    assert lines[2][start : start + 3] == "BAD"
    assert lines[3].count("^") == 3


def test_nothing_of_the_file_can_steer_the_terminal():
    assert visible("a\x1b[31m\u202e\x9b\r\n\tb") == "a\\x1b[31m\\u{202e}\\x9b\\r\\n\\tb"
    assert visible("日本 é") == "日本 é"
    assert "\x1b" not in render(diagnostic(message="\x1b[2J", hint="\x1b", source="\x1b"))


def test_the_data_form_is_plain_json():
    assert json.loads(json.dumps(as_data(diagnostic(hint="try")))) == {
        "severity": "error",
        "code": "some-code",
        "message": "wrong",
        "file": "flow.yaml",
        "line": 9,
        "column": 5,
        "hint": "try",
    }


def test_annotations_are_escaped_as_github_wants():
    found = diagnostic(where=Position("a,b:c%.yaml", 1, 2), message="50%\r\nof", hint="try")
    assert annotations([found]) == [
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=some-code::50%25%0D%0Aof%0Ahint: try"
    ]


def test_infos_are_notices_and_ten_of_each_severity_are_shown():
    lines = annotations([diagnostic(severity="info")] * 12 + [diagnostic()])
    assert [line.split(" ")[0] for line in lines] == ["::notice"] * 10 + ["::error"]


@pytest.mark.parametrize("length", [2_000, 100_000])
def test_a_finding_quotes_no_value_whole(length):
    given = "inputs:\n  - {id: a, type: INT, defaults: " + "y" * length + "}\n"
    for text in (
        given + "tasks:\n" + task("a"),
        "tasks:\n" + task("a", "message: {{ inputs.a }}" + "y" * length),
        "tasks:\n" + task("a", type_name="io.kestra." + "y" * length),
    ):
        found = findings(text)
        assert max(len(one.message) for one in found) <= 1000
        assert max(len(one.hint or "") for one in found) <= 1000
        assert "yyy ... " in found[0].message + (found[0].hint or "")
