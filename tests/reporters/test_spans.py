import pytest

from kestrel_cli.reporters.spans import span_text


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (-5, "<1ms"),
        (0, "<1ms"),
        (999, "<1ms"),
        (1000, "1ms"),
        (12_345, "12ms"),
        (999_999, "999ms"),
        (1_000_000, "1s"),
        (1_049_999, "1s"),
        (1_050_000, "1.1s"),
        (59_949_999, "59.9s"),
        (59_950_000, "1m"),
        (63_000_000, "1m 3s"),
        (3_599_000_000, "59m 59s"),
        (3_599_600_000, "1h"),
        (7_500_000_000, "2h 5m"),
        (90_000_000_000, "25h"),
    ],
)
def test_lengths_are_said_in_two_units_at_most(micros, text):
    assert span_text(micros) == text
