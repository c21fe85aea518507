"""Suites are found and held against their flows before anything runs."""

from pathlib import Path

import pytest

from kestrel_cli.app.testing.collect import Project, collect
from kestrel_cli.flowfile.shelf import Shelf
from tests.app.testing.suites import CORE, UNIT, findings, flow, suite

LOOP = f"""
- id: each
  type: {CORE}.flow.ForEach
  values: [a, b]
  tasks:
    - {{id: inner, type: {CORE}.debug.Return, format: x}}
- {{id: plain, type: {CORE}.debug.Return, format: x}}
"""
FLOW = flow(LOOP, more="inputs: [{id: day, type: STRING, required: false}]\n")
HOLDS = "assertions: [{value: x, equalTo: x}]\n"


def fixture(said: str) -> str:
    return suite(f"fixtures: {{tasks: [{said}]}}\n{HOLDS}")


def asserted(said: str) -> str:
    return suite(f"assertions: [{said}]\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (suite(HOLDS), []),
        (fixture("{id: plan}"), [("error", "unknown-task", 7)]),
        (fixture("{id: plain, value: a}"), [("error", "fixture-value", 7)]),
        (fixture("{id: inner}"), [("warning", "fixture-value", 7)]),
        (fixture("{id: inner, value: c}"), [("error", "fixture-value", 7)]),
        (fixture("{id: inner, value: a}"), []),
        (fixture("{id: plain}, {id: plain}"), [("warning", "duplicate-fixture", 7)]),
        (fixture("{id: plain, state: RUNNING}"), [("error", "wrong-value", 7)]),
        (fixture('{id: plain, outputs: {a: "{{ 1 + }}"}}'), [("error", "expression", 7)]),
        (suite(f"fixtures: {{inputs: {{dya: x}}}}\n{HOLDS}"), [("error", "unknown-input", 7)]),
        (asserted("{value: x}"), [("error", "no-operator", 7)]),
        (asserted("{value: x, equalsTo: x}"), [("error", "unknown-property", 7)]),
        (asserted("{equalTo: x}"), [("error", "missing-property", 7)]),
        (asserted("{value: x, in: []}"), [("error", "no-operator", 7)]),
        (asserted("{value: x, isNull: true}"), [("warning", "never-holds", 7)]),
        (asserted("{value: x, equalTo: abc, startsWith: b}"), [("error", "never-holds", 7)]),
        (asserted("{value: x, equalTo: abc, startsWith: a}"), []),
        (asserted("{value: x, equalTo: 3, greaterThan: 4}"), [("error", "never-holds", 7)]),
        (asserted("{value: x, greaterThan: many}"), [("error", "never-holds", 7)]),
        (asserted("{value: x, lessThan: [1]}"), [("error", "never-holds", 7)]),
        (asserted("{value: x, notIn: {a: 1}}"), [("error", "never-holds", 7)]),
        (asserted("{value: x, isNotNull: 3}"), [("error", "never-holds", 7)]),
        (asserted('{value: "{{ outputs.plin.v }}", equalTo: x}'), [("error", "unknown-task", 7)]),
        (asserted('{value: "{{ 1 | nope }}", equalTo: x}'), [("error", "expression", 7)]),
        (asserted("{value: x, equalTo: x, taskId: plin}"), [("warning", "unknown-task", 7)]),
        (suite(HOLDS).replace("flowId: f", "flowId: g"), [("error", "unknown-flow", 3)]),
        (suite(HOLDS).replace("id: s\n", "id: s p\n"), [("error", "wrong-value", 1)]),
        (suite(HOLDS, HOLDS).replace("c1", "c0"), [("error", "duplicate-id", 8)]),
        (suite(HOLDS).replace(UNIT, "x.y"), [("warning", "test-type", 6)]),
        ("testCases: []\nid: s\nnamespace: team\nflowId: f\n", [("error", "wrong-value", 1)]),
    ],
)  # fmt: skip
def test_findings(tmp_path: Path, text: str, found: list[tuple[str, str, int]]) -> None:
    assert findings(tmp_path, FLOW, text) == found


def test_hints_name_the_near_one(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "s.test.yaml").write_text(fixture("{id: plan}"), "utf-8")
    _, told = collect([str(tmp_path)], Project(Shelf()))
    assert [one.hint for one in told] == ["did you mean `plain`?"]


def test_suites_are_found_by_what_they_say_or_by_name(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "flows" / "f.yaml").write_text(FLOW, "utf-8")
    for name in ("a.test.yaml", "b_test.yml", "test_c.yaml", "anything.yaml"):
        text = suite(HOLDS).replace("id: s\n", f"id: {name.split('.')[0]}\n", 1)
        (tests / name).write_text(text, "utf-8")
    (tests / "other.yaml").write_text("a: 1\n", "utf-8")
    (tests / "f2.yaml").write_text(FLOW.replace("id: f\n", "id: f2\n"), "utf-8")
    found, told = collect([str(tmp_path)], Project(Shelf()))
    assert told == []
    names = [Path(one.path).name for one in found]
    assert names == ["a.test.yaml", "anything.yaml", "b_test.yml", "test_c.yaml"]


def test_the_flow_is_looked_for_beside_and_above_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "flows" / "f.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "tests" / "s.test.yaml").write_text(suite(HOLDS), "utf-8")
    monkeypatch.chdir(tmp_path)
    found, told = collect(["tests/s.test.yaml"], Project(Shelf()))
    assert (len(found), told) == (1, [])
    nothing, told = collect(["tests/s.test.yaml"], Project(Shelf(), flows_dir="tests"))
    assert (nothing, [one.code for one in told]) == ([], ["unknown-flow"])


def test_a_flow_that_is_wrong_is_told_with_its_own_findings(tmp_path: Path) -> None:
    text = FLOW.replace("debug.Return", "debug.Retrun")
    codes = [code for _, code, _ in findings(tmp_path, text, suite(HOLDS))]
    assert codes[0] == "unusable-flow"
    assert "unknown-type" in codes


@pytest.mark.parametrize(
    ("line", "rule", "found"),
    [
        ("{value: x, isNull: true}", "never-holds", []),
        ("{value: x, equalTo: abc, startsWith: b}", "never-holds", []),
        ('{value: "{{ outputs.plin.v }}", equalTo: x}', "unknown-task", []),
        ('{value: "{{ outputs.plin.v }}", equalTo: x}', "never-holds", ["unknown-task"]),
        ("{value: x}", "no-operator", ["no-operator"]),  # the suite can't be run
    ],
)
def test_comments_silence_what_does_not_keep_a_suite_from_running(
    tmp_path: Path, line: str, rule: str, found: list[str]
) -> None:
    text = asserted(line).rstrip() + f"  # kestrel: ignore[{rule}]\n"
    assert [code for _, code, _ in findings(tmp_path, FLOW, text)] == found


def test_a_file_is_one_suite_by_whatever_names_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(FLOW, "utf-8")
    file, link = tmp_path / "s.test.yaml", tmp_path / "t.test.yaml"
    file.write_text(suite(HOLDS), "utf-8")
    link.symlink_to(file)
    asked = [str(file), f"{tmp_path}/./s.test.yaml", str(link), str(tmp_path)]
    found, told = collect(asked, Project(Shelf()))
    assert ([one.path for one in found], told) == ([str(file)], [])


def test_suites_with_the_same_id_are_told(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(FLOW, "utf-8")
    for name in ("a.test.yaml", "b.test.yaml"):
        (tmp_path / name).write_text(suite(HOLDS), "utf-8")
    found, told = collect([str(tmp_path)], Project(Shelf()))
    assert len(found) == 2
    assert [(one.severity, one.code, one.where.line) for one in told] == [
        ("warning", "same-suite", 1)
    ]
    assert told[0].message == f"{tmp_path}/a.test.yaml is the suite `s` of `team`, too"
