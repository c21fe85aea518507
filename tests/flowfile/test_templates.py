import pytest

from kestrel_cli.errors import FlowFileError, RenderError
from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import HEAD, task


def refused(text):
    """What is found when every template with `bad` in it is refused."""

    def check(template):
        if "bad" in template:
            at = template.index("bad")
            yield RenderError(f"cannot read {len(template)}", hint="mend it", at=at)

    try:
        load_bytes((HEAD + text).encode(), "x", check_template=check)
    except FlowFileError as problem:
        return [(one.where[1:], one.message, one.hint) for one in problem.diagnostics]
    return []


def test_templates_that_cannot_be_read_are_errors_at_their_place():
    text = "tasks:\n" + task("a", "message: '{{ bad }}'") + task("b", "message: '{{ good }}'")
    assert refused(text) == [((6, 18), "cannot read 9", "mend it")]


def test_the_line_inside_of_a_block_is_shown():
    text = "tasks:\n" + task("a", "message: |", "  one", "    {{ bad }}", "  two")
    assert refused(text)[0][0] == (8, 12)


def test_outputs_of_the_flow_are_looked_at():
    text = "tasks:\n" + task("a") + "outputs:\n  - {id: o, type: JSON, value: {x: ['{% bad %}']}}\n"
    assert refused(text)[0][0] == (8, 41)


@pytest.mark.parametrize(
    "text",
    [
        "inputs:\n  - {id: i, type: INT, defaults: '{{ bad }}'}\n",
        "inputs:\n  - {id: i, type: SELECT, expression: '{{ bad }}'}\n",
        "inputs:\n  - {id: i, type: INT, dependsOn: {condition: '{{ bad }}'}}\n",
        "checks:\n  - {message: m, condition: '{{ bad }}'}\n",
        "sla:\n  - {id: s, type: EXECUTION_ASSERTION, behavior: FAIL, assert: '{{ bad }}'}\n",
    ],
)
def test_what_is_rendered_beside_the_tasks_is_looked_at(text):
    ((place, message, _),) = refused(text + "tasks:\n" + task("a"))
    assert (place[0], message) == (4, "cannot read 9")


@pytest.mark.parametrize(
    "text",
    [
        "inputs:\n  - {id: i, type: INT, displayName: '{{ bad }}'}\n",
        "checks:\n  - {message: '{{ bad }}', condition: 'true'}\n",
    ],
)
def test_other_texts_beside_the_tasks_are_left_alone(text):
    assert refused(text + "tasks:\n" + task("a")) == []


@pytest.mark.parametrize("text", ["description: '{{ bad }}'\n", "variables: {a: '{{ bad }}'}\n"])
def test_texts_that_are_not_rendered_are_left_alone(text):
    assert refused(text + "tasks:\n" + task("a", "message: bad")) == []


def test_braces_of_other_keyboards_are_told_because_nothing_is_rendered():
    text = "tasks:\n" + task("a", 'message: "so \uff5b\uff5b inputs.x \uff5d\uff5d"')
    (found,) = load_bytes((HEAD + text).encode(), "x", check_template=lambda _: ()).warnings
    assert (found.severity, found.where[1:], found.hint) == ("warning", (6, 18), "write `{{`")
    assert found.message == (
        "`\uff5b\uff5b` are no braces of an expression: this text is not rendered"
    )
