import re

import pytest

from kestrel_cli.model.validators import causes
from tests.support.inputs import declared as declared_input

# Each row: the input, a value that fits, one that does not, and Kestra's sentence about the latter.
ROWS = [
    (
        {"type": "STRING", "validator": r"A\d+"},
        "A123",
        "xA123",
        [r"it must match the pattern `A\d+`"],
    ),
    (
        {"type": "SECRET", "validator": "(?=.{8,}).*"},
        "12345678",
        "short",
        ["x: it must match the pattern `(?=.{8,}).*`"],
    ),
    ({"type": "EMAIL"}, "a.b@c.org", "a b", ["The input must be a valid email"]),
    ({"type": "EMAIL"}, "", "@", ["The input must be a valid email"]),
    ({"type": "ENUM", "values": ["A", "B"]}, "A", "C", ["it must match the values `[A, B]`"]),
    ({"type": "SELECT", "values": [1, 2]}, "1", "3", ["it must match the values `[1, 2]`"]),
    (
        {"type": "MULTISELECT", "values": ["A", "B"]},
        ["B", "A"],
        ["F", "A", "H"],
        [
            "value `F` doesn't match the values `[A, B]`",
            "value `H` doesn't match the values `[A, B]`",
        ],
    ),
    (
        {"type": "MULTISELECT", "options": ["X"]},
        ["X"],
        ["A"],
        ["value `A` doesn't match the values `[X]`"],
    ),
    ({"type": "INT", "min": 10, "max": 20}, 10, 9, ["it must be more than `10`"]),
    ({"type": "INT", "min": 10, "max": 20}, 20, 21, ["it must be less than `20`"]),
    ({"type": "FLOAT", "min": 0.1}, 0.1, 0.01, ["it must be more than `0.1`"]),
    ({"type": "FLOAT", "max": 1}, 1.0, 1.01, ["it must be less than `1.0`"]),
    ({"type": "DURATION", "min": "PT10S"}, "PT10S", "PT9S", ["It must be more than `PT10S`"]),
    ({"type": "DURATION", "max": "PT20S"}, "PT20S", "PT1M", ["It must be less than `PT20S`"]),
    (
        {"type": "DATE", "after": "2023-01-01"},
        "2023-01-01",
        "2022-12-31",
        ["it must be after `2023-01-01`"],
    ),
    (
        {"type": "DATE", "before": "2023-12-31"},
        "2023-12-31",
        "2024-01-01",
        ["it must be before `2023-12-31`"],
    ),
    ({"type": "TIME", "after": "01:00:00"}, "01:00", "00:00:01", ["it must be after `01:00`"]),
    ({"type": "TIME", "before": "11:59:59"}, "11:59:59", "14:00", ["it must be before `11:59:59`"]),
    (
        {"type": "DATETIME", "after": "2023-01-01T00:00:00Z"},
        "2023-01-01T00:00:00.001Z",
        "2022-12-31T23:59:59.999Z",
        ["it must be after `2023-01-01T00:00:00Z`"],
    ),
    (
        {"type": "FILE", "allowedFileExtensions": [".csv", ".TXT"]},
        "kestra:///a.b/x.txt",
        "kestra:///a.csv/x",
        ["File type not allowed. Accepted extensions: .csv, .TXT"],
    ),
]


def found(declared, value):
    made = declared_input({"id": "x", **declared})
    return causes(made, value, matches=lambda pattern, text: bool(re.fullmatch(pattern, text)))


@pytest.mark.parametrize(("declared", "good", "bad", "sentences"), ROWS)
def test_a_broken_limit_is_told_in_kestras_words(declared, good, bad, sentences):
    assert found(declared, good) == []
    assert found(declared, bad) == sentences


@pytest.mark.parametrize("declared", [row[0] for row in ROWS])
def test_null_breaks_no_limit(declared):
    assert found(declared, None) == []


@pytest.mark.parametrize("type_name", ["JSON", "BOOL", "ARRAY", "URI", "INT", "STRING", "FILE"])
def test_an_input_without_limits_takes_everything(type_name):
    more = {"itemType": "STRING"} if type_name == "ARRAY" else {}
    assert found({"type": type_name, **more}, "x") == []


@pytest.mark.parametrize("freedom", [{"allowCustomValue": True}, {"required": False}])
def test_a_free_or_optional_select_takes_other_values(freedom):
    assert found({"type": "SELECT", "values": ["A"], **freedom}, "B") == []


def test_an_optional_multiselect_does_not_take_other_values():
    assert found({"type": "MULTISELECT", "values": ["A"], "required": False}, ["B"])


def test_values_and_options_exclude_each_other():
    declared = {"type": "MULTISELECT", "values": ["A"], "options": ["A"]}

    assert found(declared, ["A"]) == ["you can't define both `values` and `options`"]


def test_a_limit_that_is_wrong_itself_is_named():
    assert found({"type": "DATETIME", "after": "soon"}, "2023-01-01T00:00:00Z") == [
        "`after` of the input itself is wrong: Text 'soon' could not be parsed at index 0"
    ]


def test_a_free_multiselect_takes_other_values():
    declared = {"type": "MULTISELECT", "values": ["A"], "allowCustomValue": True}

    assert found(declared, ["B"]) == []
