import io
from decimal import Decimal

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.storage.items import items_of


def items(text: str) -> list[object]:
    return [item for _, item in items_of(io.BytesIO(text.encode()))]


def test_a_row_is_a_map_in_ion_or_json() -> None:
    assert items('{a:1,b:"x"}\n\n{"a": [1.5, null]}') == [
        {"a": 1, "b": "x"},
        {"a": [Decimal("1.5"), None]},
    ]


def test_the_row_is_given_as_it_stands() -> None:
    source = io.BytesIO(b'{a:1} // x\r\n{"b" :2}\n')
    assert [row for row, _ in items_of(source)] == ["{a:1} // x", '{"b" :2}']


def test_two_escapes_of_one_character_are_one() -> None:
    assert items(r'{"a": "\ud83d\ude00", "b": "\\ud83d\\ude00"}') == [
        {"a": "\U0001f600", "b": r"\ud83d\ude00"}
    ]


@pytest.mark.parametrize("row", ["[1]", "1", "{a:1} {a:2}", "x"])
def test_a_row_without_a_map_is_refused(row: str) -> None:
    with pytest.raises(TaskFailed, match="row 2 is no item"):
        items("{a:1}\n" + row)


@pytest.mark.parametrize("row", ["{a:", '{"a": "', "{a b}", "{" * 5000])
def test_a_row_that_is_no_ion_is_refused(row: str) -> None:
    with pytest.raises(TaskFailed, match="row 1 can't be read"):
        items(row)
