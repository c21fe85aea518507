"""`# kestrel: ignore[RULE]`, at the end of a line or above it."""

import pytest

from kestrel_cli.app.validate import validate

FLOW = """\
id: a
namespace: b
tasks:
  - id: t{above}
    type: io.kestra.plugin.core.log.Log
    message: on{behind}
"""


def codes(tmp_path, above="", behind=""):
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW.format(above=above, behind=behind))
    return [one.code for one in validate([str(path)]).diagnostics]


@pytest.mark.parametrize(
    "comment",
    [
        " # kestrel: ignore[scalar]",
        " #kestrel:ignore[scalar]",
        " # why not; kestrel: ignore[scalar]",
        " # kestrel: ignore[unknown-task, SCALAR]",
    ],
)
def test_behind_a_value(comment, tmp_path):
    assert codes(tmp_path) == ["scalar"]
    silent = "why" not in comment  # the comment is nothing else
    assert codes(tmp_path, behind=comment) == ([] if silent else ["scalar"])


def test_above_the_line_and_above_other_comments(tmp_path):
    text = FLOW.replace("    message", "    # kestrel: ignore[scalar]\n    # and why\n    message")
    path = tmp_path / "flow.yaml"
    path.write_text(text.format(above="", behind=""))
    assert validate([str(path)]).diagnostics == ()


def test_other_rules_and_other_lines_are_told(tmp_path):
    assert codes(tmp_path, behind=" # kestrel: ignore[unknown-task]") == ["scalar"]
    assert codes(tmp_path, above=" # kestrel: ignore[scalar]") == ["scalar"]


def test_errors_can_be_silenced_and_no_longer_count(tmp_path):
    path = tmp_path / "flow.yaml"
    path.write_text(
        FLOW.format(above="", behind="").replace("on\n", "hi\n")
        + "    levl: INFO # kestrel: ignore[unknown-property]\n"
    )
    assert validate([str(path)]).exit_code() == 0


def test_a_name_that_no_rule_has_is_a_warning_in_its_place(tmp_path):
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW.format(above="", behind=" # kestrel: ignore[scalr]"))
    scalar, unknown = validate([str(path)]).diagnostics
    assert scalar.code == "scalar"
    assert (unknown.severity, unknown.code) == ("warning", "unknown-rule")
    assert unknown.hint == "did you mean `scalar`?"
    line = path.read_text().splitlines()[unknown.where.line - 1]
    assert line[unknown.where.column - 1 :][: unknown.length] == "scalr"


def test_windows_line_ends_count_once(tmp_path):
    path = tmp_path / "flow.yaml"
    text = FLOW.format(above="", behind=" # kestrel: ignore[scalar]")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert validate([str(path)]).diagnostics == ()


def test_suites_of_tests_have_comments_too(tmp_path):
    path = tmp_path / "a.test.yaml"
    text = "id: s\nnamespace: b\nflowId: a\ntestCases:\n  - id: c\n    type: x.Y # kestrel: ignore"
    path.write_text(text + "[test-type]\n    assertions: [{value: x, equalTo: x}]\n")
    assert validate([str(path)]).diagnostics == ()
