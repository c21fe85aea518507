"""The pages of the rules: there is one for each finding, and their examples are true."""

import ast
import re
from pathlib import Path

import pytest

import kestrel_cli
from kestrel_cli.app.rules import UnknownRule, near_rule, rule, rules
from kestrel_cli.app.topics import topic
from kestrel_cli.app.validate import validate

PACKAGE = Path(kestrel_cli.__file__).parent
FENCED = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = {"id": "id: example\n", "namespace": "namespace: company.team\n"}
TASKS = "tasks:\n  - id: some\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
# Whose findings are made of parts, in parts.py and unknown_names.py.
MADE = {f"unknown-{noun}" for noun in ("input", "variable", "task", "member", "trigger-value")} | {
    f"{noun}-type" for noun in ("trigger", "condition", "input", "output", "task-runner")
}
# Need other files, bytes or a size that no page can show.
NO_EXAMPLE = {
    "ambiguous-flow",
    "disabled-flow",
    "encoding",
    "file-missing",
    "file-unreadable",
    "fixture-value",
    "missing-input",
    "not-a-file",
    "not-a-suite",
    "number",
    "same-suite",
    "subflow-disabled",
    "subflow-invalid",
    "too-deep",
    "too-large",
    "undeclared-input",
    "unknown-flow",
    "unknown-output",
    "unusable-flow",
    "wrong-input",
}
# Told of right examples, too: what they name is not there, or does not run.
_BESIDE = {"ignored", "subflow-missing", "unsupported-type"}
_REPORTERS = {
    "error",
    "warning",
    "info",
    "sure",
    "stop",
    "refusal",
    "report",
    "Diagnostic",
}


def codes_in_the_source():
    """The first text of each call that reports a finding, where it is written out."""
    for path in [*PACKAGE.glob("flowfile/*.py"), *PACKAGE.glob("app/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
            if called in _REPORTERS:
                yield from (
                    text
                    for text in texts
                    if isinstance(text, str)
                    and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text)
                    and text not in ("error", "warning", "info", "task", "output", "input")
                )


def whole(example):
    added = "".join(line for key, line in HEAD.items() if not example.startswith(f"{key}: "))
    if "services:" in example:
        return example
    if "testCases:" in example:
        return added + "flowId: example\n" + example
    if example.startswith("id: "):
        added = "" if "\nnamespace: " in example else HEAD["namespace"]
        example, _, rest = example.partition("\n")
        example = f"{example}\n{added}{rest}"
    elif not example.startswith("{"):
        example = added + example
    has_tasks = "\ntasks:" in example or example.startswith("{")
    return example if has_tasks else example + TASKS


def found(example, tmp_path):
    path = tmp_path / "example.yaml"
    path.write_text(whole(example), "utf-8")
    return {one.code for one in validate([str(path)]).diagnostics}


def test_every_finding_has_a_page():
    assert set(codes_in_the_source()) - set(rules()) == set()
    assert set(rules()) >= MADE


@pytest.mark.parametrize("name", sorted(rules()))
def test_examples_are_wrong_and_right(name, tmp_path):
    examples = FENCED.findall(rules()[name].page)
    assert len(examples) == (0 if name in NO_EXAMPLE else 2)
    if examples:
        wrong, right = examples
        assert name in found(wrong, tmp_path)
        assert found(right, tmp_path) - (_BESIDE - {name}) == set()


def test_the_topic_lists_every_rule_with_its_line():
    listed = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", topic("rules").text, re.MULTILINE))
    assert listed == {one.name: one.summary for one in rules().values()}


def test_a_rule_is_a_topic_that_is_not_listed():
    assert topic("Duplicate-ID").text.startswith("# duplicate-id: an id is there twice\n")
    assert rule("duplicate-id").page == topic("duplicate-id").text


def test_a_name_that_is_not_there_is_answered_with_the_nearest():
    assert near_rule("duplicate-ids") == "did you mean `duplicate-id`?"
    with pytest.raises(UnknownRule) as raised:
        rule("qqq")
    assert raised.value.hint == "`kestrel help rules` lists the rules"
