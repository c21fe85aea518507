import pytest

from tests.flowfile.loading import errors, flow, task

TASKS = "tasks:\n" + task("t")


@pytest.mark.parametrize(
    ("labels", "pairs"),
    [
        ("{a: x, b: 5, c: true, d: 1.5}", [("a", "x"), ("b", "5"), ("c", "true"), ("d", "1.5")]),
        ("[{key: a, value: x}, {key: a, value: y}]", [("a", "x"), ("a", "y")]),
        ("{system.readOnly: true}", [("system.readOnly", "true")]),
        ("null", []),
        ("{}", []),
    ],
)
def test_labels_are_read_from_maps_and_lists(labels, pairs):
    assert flow(f"labels: {labels}\n{TASKS}").label_pairs == pairs


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("{a: [1]}", "Unsupported type for key: a, value: a list"),
        ("{a: null}", "Unsupported type for key: a, value: null"),
        ("{a: ''}", "Label values cannot be empty, offending label: a"),
        (
            "{system.x: y}",
            "System labels can only be set by Kestra itself, offending label: system.x=y",
        ),
        ("{A: x}", "`A` cannot be a label's key"),
        ("{a b: x}", "`a b` cannot be a label's key"),
        ("[{key: a, vlaue: x}]", "a label in a list has a `key` and a `value`"),
        ("[x]", "a label in a list has a `key` and a `value`"),
        ("text", "`labels` must be a map"),
    ],
)
def test_labels_that_kestra_refuses_are_refused(labels, message):
    assert errors(f"labels: {labels}\n{TASKS}") == [(1, message)]
