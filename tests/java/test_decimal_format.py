from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.java.decimal_format import format_number
from kestrel_cli.java.errors import JavaError


@pytest.mark.parametrize(
    ("value", "pattern", "result"),
    [
        (0.5, "0", "0"), (1.5, "0", "2"), (1.005, "0.00", "1.00"), (Decimal("1.005"), "0.00", "1.00"),  # noqa: E501
        (7, "000.0", "007.0"), (0, "#", "0"), (0, "#.##", "0"), (0.25, "#.##", "0.25"),
        (0.25, ".00", ".25"), (1e6, "#,##0", "1,000,000"), (12345, "#,####", "1,2345"),
        (0.5, "0%", "50%"), (0.5, "0‰", "500‰"), (-1.5, "0.0", "-1.5"), (-1.5, "0.0;(0.0)", "(1.5)"),  # noqa: E501
        (3, "'#'0", "#3"), (3, "''0", "'3"), (3, "0 'h'", "3 h"), (12345, "0.###E0", "1.234E4"),
        (99995, "0.00E0", "1.00E5"), (0.00123, "00.0E0", "12.3E-4"), (12345, "##0.##E0", "12.3E3"),
        (0, "0.0E0", "0.0E0"), (10**25, "#,##0", "10,000,000,000,000,000,000,000,000"),
        (float("inf"), "0", "∞"), (float("nan"), "0", "NaN"), (1234.5, "", "1,234.5"),
    ],
)  # fmt: skip
def test_numbers_in_patterns(value, pattern, result):
    assert format_number(value, pattern) == result


@pytest.mark.parametrize("pattern", ["a", "#0#", "0#.0", "0.#0", "0.0.0", "0,", "0.0,0", "#,##0E0"])
def test_a_malformed_pattern_is_an_error(pattern):
    with pytest.raises(JavaError, match="Malformed pattern"):
        format_number(1, pattern)


@given(st.integers(-(10**30), 10**30))
def test_integers_keep_all_digits(value):
    assert int(format_number(value, "#,##0").replace(",", "")) == value


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_rounding_agrees_with_pythons_exact_rounding(value, places):
    pattern = "0." + "0" * places if places else "0"
    assert float(format_number(value, pattern)) == round(value, places)
