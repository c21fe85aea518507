# ruff: noqa: DTZ001, DTZ901  # local date-times are part of what is tested
"""Whatever plain data comes in, nothing but RenderError comes out, soon."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.filters import FILTERS, SCOPED_FILTERS
from kestrel_cli.expressions.functions import FUNCTIONS, SCOPED_FUNCTIONS
from kestrel_cli.expressions.text import java_text, json_text, printed
from kestrel_cli.java.times import Instant

from .fakes import FakeScope

DEEP: list[object] = []
for _ in range(300):
    DEEP = [DEEP]
LOOP: list[object] = []
LOOP.append(LOOP)
VALUES = [
    None, True, False, 0, 1, -1, 10**12, 2**70, 10**2000, 1.5, -0.0, float("nan"), float("inf"), "",
    "a", "  ", "2024-03-05T14:07:09Z", "9999-12-31", "0001-01-01T00:00:00+14:00", "DAYS", "YEARS",
    "MONDAY", "FIRST", "[1]", '{"a":1}', "{a:1}", "(", "[a", "\\", "%d %s", "$1", "#,##0.00", "0E0",
    "yyyy", "Y", "iso", "UTC", "../x", ".a", "..", "shell", "1e400", "é😀", "\ud800", "\x00", "QQ==",  # noqa: E501
    [], [1, 2], ["b", "a"], [1, "a", None], [[1]], [{"a": 1}], {}, {"a": {"b": [1]}}, {1: 2, None: 3},  # noqa: E501
    (1, 2), Instant.of(datetime(2024, 3, 5, tzinfo=UTC)), datetime(2024, 3, 5), date(2024, 3, 5),
    datetime.max, datetime.min, Decimal("1.10"), Decimal("1E+999999"), Decimal("NaN"),
    Decimal("1E-999999"), b"ab", DEEP, LOOP, object(), {1},
]  # fmt: skip
SCOPE = FakeScope(flow={"namespace": "n"}, envs={"a": "b"}, outputs={"a": {"x": 1}}, tasks={"a": 1})
CASES = [
    *((name, function, name in SCOPED_FILTERS, 1) for name, function in FILTERS.items()),
    *((name, function, name in SCOPED_FUNCTIONS, 0) for name, function in FUNCTIONS.items()),
]


@pytest.mark.parametrize(("name", "function", "scoped", "least"), CASES)
def test_any_arguments_give_a_value_or_a_render_error(name, function, scoped, least):
    code = function.__code__
    most = 4 if code.co_flags & 0x04 else code.co_argcount - scoped
    required = max(least, code.co_argcount - scoped - len(function.__defaults__ or ()))
    luck = random.Random(name)
    for _ in range(150):
        arguments = [luck.choice(VALUES) for _ in range(luck.randint(required, most))]
        try:
            result = function(*([SCOPE] if scoped else []), *arguments)
            for form in (printed, java_text, json_text):
                form(result)
        except RenderError:
            pass
