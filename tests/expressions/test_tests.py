import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.tests import TESTS


@pytest.mark.parametrize(
    ("test", "value", "result"),
    [
        ("null", None, True), ("null", 0, False),
        ("empty", " ", True), ("empty", [], True), ("empty", 0, False), ("empty", False, False),
        ("even", 2, True), ("even", -3, False), ("odd", -3, True), ("odd", 0, False),
        ("map", {}, True), ("map", [], False),
        ("iterable", [], True), ("iterable", {}, False), ("iterable", "ab", False),
        ("json", "{}", True), ("json", "", True), ("json", "1 2", True), ("json", "{a}", False),
        ("json", "[" * 10_000, False),
    ],
)  # fmt: skip
def test_tests_answer(test, value, result):
    assert TESTS[test](value) is result


@pytest.mark.parametrize(
    ("test", "value"), [("even", None), ("odd", 1.0), ("even", True), ("odd", "1"), ("json", 1)]
)
def test_tests_refuse_other_types(test, value):
    with pytest.raises(RenderError):
        TESTS[test](value)
