from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.kv.value_types import converted, storable


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("STRING", "5", "5"),
        ("NUMBER", "5", 5),
        ("NUMBER", "-1.5e2", -150.0),
        ("BOOLEAN", "TRUE", True),
        ("BOOLEAN", "yes", False),
        ("DATETIME", "2024-05-04T12:00:00+02:00", "2024-05-04T10:00:00Z"),
        ("DATETIME", "2024-05-04T12:00:00.5Z", "2024-05-04T12:00:00.500000Z"),
        ("DATE", "2024-05-04", "2024-05-04"),
        ("DATE", "2024-05-04T12:00:00Z", "2024-05-04T12:00:00Z"),
        ("DURATION", "P1DT1S", "PT24H1S"),
        ("JSON", '{"a": [1, null]}', {"a": [1, None]}),
        ("json", "null", None),
    ],
)
def test_text_becomes_what_the_type_says(kind: str, text: str, value: object) -> None:
    found = converted(text, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("NUMBER", "five"),
        ("NUMBER", "true"),
        ("NUMBER", "NaN"),
        ("DATETIME", "2024-05-04T12:00:00"),
        ("DATETIME", "soon"),
        ("DATE", "04.05.2024"),
        ("DURATION", "an hour"),
        ("JSON", "{a: 1}"),
        ("JSON", "[" * 100_000),
    ],
)
def test_text_of_another_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(TaskFailed, match=f"the value is no {kind}: `"):
        converted(text, kind)


def test_an_unknown_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TaskFailed, match="`MAP` is no kvType: use STRING, NUMBER"):
        converted("1", "MAP")


def test_what_is_stored_is_json() -> None:
    at = datetime(2024, 5, 4, tzinfo=UTC)
    assert storable({1: Decimal("1.5"), "at": [at]}) == {"1": 1.5, "at": ["2024-05-04T00:00:00Z"]}
