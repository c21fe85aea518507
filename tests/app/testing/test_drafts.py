"""Drafts of suites, and the text that is made of them."""

from typing import Any

import pytest

from kestrel_cli.app.testing.writing.drafts import (
    Draft,
    FixtureDraft,
    SuiteDraft,
    can_be_written,
    escaped,
    said,
    suite_text,
)
from kestrel_cli.flowfile.suites import suite_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("{{ a }}", "{% raw %}{{ a }}{% endraw %}"),
        ({"a": ["{% b %}", 1]}, {"a": ["{% raw %}{% b %}{% endraw %}", 1]}),
    ],
)
def test_data_renders_to_itself(value: Any, expected: Any) -> None:
    assert escaped(value) == expected


@pytest.mark.parametrize("text", ["{{ a\n}}", "{{ a }}{% endraw %}"])
def test_some_texts_can_not_be_written(text: str) -> None:
    assert not can_be_written({"x": [text]})


@pytest.mark.parametrize(
    ("actual", "expected"),
    [("3", 3), ("-7", -7), ("007", "007"), ("3.50", "3.50"), ("true", True), ("yes", "yes")],
)
def test_numbers_and_booleans_are_said_bare(actual: str, expected: Any) -> None:
    assert said(actual) == expected


def test_a_file_has_one_name_for_one_content() -> None:
    draft = Draft("a")
    assert draft.file("x.csv", "1") == "{{ files['x.csv'] }}"
    assert draft.file("x.csv", "1") == "{{ files['x.csv'] }}"
    assert draft.file("x.csv", "2") == "{{ files['2-x.csv'] }}"


def test_what_is_written_is_read_as_the_same() -> None:
    draft = Draft(
        "one",
        "what: it is",
        inputs={"a": "x\ny\n", "b": [1, {"c": None}], "true": "no"},
        tasks=[FixtureDraft("t", "1", {"k": "{{ v }}"}, "FAILED", ["a\nb", "c"])],
        trigger={"id": "w", "type": "x.Webhook", "variables": {"body": {"n": 1}}},
        assertions=[{"value": "{{ x }}", "equalTo": "# no comment"}],
    )
    draft.inputs["f"] = draft.file("f.txt", "one\n\n  two\n")
    text = suite_text(SuiteDraft("team", "a-b", [draft, draft.copy()], ["head"], ["foot"]))
    assert text.startswith("# head\nid: a-b_test\nnamespace: team\n")
    assert text.endswith("\n\n# foot\n")
    assert "        # a b\n        # c\n        - id: t\n" in text
    case = suite_of(text.replace("- id: one", "- id: two", 1).encode(), "s.yaml").suite.testCases[1]
    assert case.description == "what: it is"
    fixtures = case.fixtures
    assert fixtures is not None
    assert fixtures.inputs == {
        "a": "x\ny\n", "b": [1, {"c": None}], "true": "no", "f": "{{ files['f.txt'] }}",
    }  # fmt: skip
    assert fixtures.files == {"f.txt": "one\n\n  two\n"}
    assert fixtures.tasks[0].outputs == {"k": "{% raw %}{{ v }}{% endraw %}"}
    assert fixtures.trigger is not None
    assert fixtures.trigger.variables == {"body": {"n": 1}}
    assert case.assertions[0].equalTo == "# no comment"
