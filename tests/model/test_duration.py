import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.duration import Duration, clock_duration, iso_duration

# Measured on Java 17: Duration.parse(text).toString().
JAVA = {
    "P1DT2H": "PT26H",
    "P1D": "PT24H",
    "PT36H": "PT36H",
    "PT60S": "PT1M",
    "PT3600S": "PT1H",
    "-PT1S": "PT-1S",
    "P1DT-1H": "PT23H",
    "pt1s": "PT1S",
    "PT1,5S": "PT1.5S",
    "-PT-6H+3M": "PT5H57M",
    "PT-0.5S": "PT-0.5S",
    "PT0.0000001S": "PT0.0000001S",
    "PT0S": "PT0S",
}
REFUSED = (
    "P1W", "P1M", "P1Y", "P", "PT", "P1DT", "P0.5D", "PT0.5H", "PT1M1H", "PT1e3S",
    "", "abc", "1e3", "PT1S PT1S", "PT99999999999999999999H",
)  # fmt: skip


@pytest.mark.parametrize(("text", "printed"), JAVA.items())
def test_durations_read_and_print_as_in_java(text, printed):
    assert str(Duration.parse(text)) == printed


@pytest.mark.parametrize("text", REFUSED)
def test_what_java_refuses_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("value", "printed"),
    [("10", "PT10S"), (" 1.5 ", "PT1.5S"), (10, "PT10S"), (2.5, "PT2.5S"), ("PT1S ", "PT1S")],
)
def test_bare_numbers_are_seconds_and_blanks_are_trimmed(value, printed):
    assert str(Duration.parse(value)) == printed


@pytest.mark.parametrize("value", [True, None, [], {}])
def test_only_text_and_numbers_are_durations(value):
    with pytest.raises(ValueError, match="is not a duration"):
        Duration.parse(value)


@given(st.integers(-(2**63), 2**63))
def test_a_printed_duration_reads_back_as_itself(nanos):
    duration = Duration(nanos)

    assert Duration.parse(str(duration)) == duration


@given(st.integers(-(10**15), 10**15))
def test_micros_are_cut_towards_zero(micros):
    assert Duration.of_micros(micros).micros == micros


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1e300, 10**30])
def test_numbers_beyond_all_durations_are_refused(value):
    with pytest.raises(ValueError, match="is too long a duration"):
        Duration.parse(value)


def test_seconds_keep_the_fraction():
    assert Duration.parse("PT1M0.25S").seconds == 60.25


def test_a_duration_shows_its_text_when_inspected():
    assert repr(Duration.parse("PT5S")) == "Duration(PT5S)"


def test_equal_durations_are_one_key():
    assert {Duration.parse("PT60S"): 1}[Duration.parse("PT1M")] == 1


def test_zero_is_printed_with_seconds():
    assert iso_duration(0) == "PT0S"


@pytest.mark.parametrize(
    ("nanos", "text"),
    [(0, "00:00:00.000"), (1_000_000_000, "00:00:01.000"), (3_661_500_000_000, "01:01:01.500")],
)
def test_timeouts_are_worded_on_a_clock(nanos, text):
    assert clock_duration(nanos) == text
