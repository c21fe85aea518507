import pytest

from tests.flowfile.loading import CORE, findings, task


def found(text):
    return [(one.code, one.where.line - 2) for one in findings(text)]


@pytest.mark.parametrize(
    ("line", "code"),
    [("workerGroup: {key: gpu}", "enterprise"), ("assets: {inputs: [{id: x}]}", "enterprise")],
)
def test_what_only_the_enterprise_edition_has_is_a_warning(line, code):
    assert found("tasks:\n" + task("t", line)) == [(code, 4)]


def test_a_group_for_the_whole_flow_is_told_too():
    (one,) = findings("workerGroup: {key: gpu}\ntasks:\n" + task("t"))
    assert (one.severity, one.where.line, one.hint) == ("warning", 3, "a local run ignores it")


def test_templates_have_to_be_switched_on():
    lines = ("namespace: a", "templateId: b")
    text = "tasks:\n" + task("t", *lines, type_name=f"{CORE}.flow.Template")
    assert ("template", 3) in found(text)
