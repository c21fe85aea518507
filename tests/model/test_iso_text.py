from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.iso_text import iso_date, iso_instant_text, iso_time

# The error sentences below were printed by Java 17: LocalDate, LocalTime and Instant, parse(text).
DATES = {
    "abc": " at index 0",
    "": " at index 0",
    "2019-1-01": " at index 5",
    "2019-10-0": " at index 8",
    "2019/10/06": " at index 4",
    "+2019-10-06": " at index 0",
    "12019-10-06": " at index 0",
    "2019-10-06T00": ", unparsed text found at index 10",
    "2019-13-01": ": Invalid value for MonthOfYear (valid values 1 - 12): 13",
    "2019-10-32": ": Invalid value for DayOfMonth (valid values 1 - 28/31): 32",
    "2019-02-30": ": Invalid date 'FEBRUARY 30'",
    "2019-04-31": ": Invalid date 'APRIL 31'",
    "2019-02-29": ": Invalid date 'February 29' as '2019' is not a leap year",
}
TIMES = {
    "18": " at index 2",
    "": " at index 0",
    "18:27:": ", unparsed text found at index 5",
    "18:27Z": ", unparsed text found at index 5",
    "25:00": ": Invalid value for HourOfDay (valid values 0 - 23): 25",
    "24:00": ": Invalid value for HourOfDay (valid values 0 - 23): 24",
    "18:60": ": Invalid value for MinuteOfHour (valid values 0 - 59): 60",
    "18:27:61": ": Invalid value for SecondOfMinute (valid values 0 - 59): 61",
}
INSTANTS = {
    "2019-10-06T18:27Z": " at index 16",
    "2019-10-06T18:27:49": " at index 19",
    "2019-10-06": " at index 10",
    "2019-10-06 18:27:49Z": " at index 10",
    "2019-10-06T18:27:49+0200": " at index 19",
    "2019-10-06T18:27:49+02": " at index 19",
    "2019-10-06T18:27:49+18:30": " at index 0",
    "2019-02-30T18:27:49Z": " at index 0",
    "2019-13-06T18:27:49Z": " at index 0",
    "2019-10-06T25:00:00Z": " at index 0",
    "2019-10-06T18:27:49.1234567891Z": " at index 29",
    "2019-10-06T18:27:49+02:00[Europe/Paris]": ", unparsed text found at index 25",
    "0001-01-01T00:00:00+01:00": " at index 0",
}
FAILURES = [
    *((iso_date, text, reason) for text, reason in DATES.items()),
    *((iso_time, text, reason) for text, reason in TIMES.items()),
    *((iso_instant_text, text, reason) for text, reason in INSTANTS.items()),
]


@pytest.mark.parametrize(("read", "text", "reason"), FAILURES)
def test_what_is_no_moment_is_refused_in_javas_words(read, text, reason):
    with pytest.raises(ValueError) as failure:  # noqa: PT011  the whole sentence is compared
        read(text)

    assert str(failure.value) == f"Text '{text}' could not be parsed{reason}"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("18:27:49", "18:27:49"),
        ("18:27", "18:27"),
        ("18:27:00", "18:27"),
        ("18:27:00.000", "18:27"),
        ("18:27:49.5", "18:27:49.500"),
        ("18:27:49.123456", "18:27:49.123456"),
        ("18:27:49.", "18:27:49"),
        ("00:00:00.000000001", "00:00:00.000000001"),
    ],
)
def test_times_print_as_in_java(text, printed):
    assert iso_time(text) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2019-10-06T18:27:49Z", "2019-10-06T18:27:49Z"),
        ("2019-10-06T18:27:49+02:00", "2019-10-06T16:27:49Z"),
        ("2019-10-06T23:27:49-02:30:30", "2019-10-07T01:58:19Z"),
        ("2019-10-06t18:27:49z", "2019-10-06T18:27:49Z"),
        ("2019-10-06T18:27:49.1Z", "2019-10-06T18:27:49.100Z"),
        ("2019-10-06T18:27:49.123456789Z", "2019-10-06T18:27:49.123456789Z"),
        ("2019-10-06T18:27:49.Z", "2019-10-06T18:27:49Z"),
        ("2019-10-06T24:00:00Z", "2019-10-07T00:00:00Z"),
        ("2019-10-06T23:59:60Z", "2019-10-06T23:59:59Z"),
    ],
)
def test_instants_print_in_utc_as_in_java(text, printed):
    assert iso_instant_text(text) == printed


def test_a_leap_day_is_a_date():
    assert iso_date("2020-02-29") == "2020-02-29"


def test_a_long_text_is_cut_in_the_message():
    with pytest.raises(ValueError, match=f"Text '{'x' * 64}...' could not be parsed at index 0"):
        iso_date("x" * 1000)


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_normalised_instants_sort_like_their_moments(one, other):
    texts = [iso_instant_text(moment.isoformat()).removesuffix("Z") for moment in (one, other)]

    assert (texts[0] < texts[1]) == (one < other)


@given(st.times(), st.times())
def test_normalised_times_sort_like_their_times(one, other):
    assert (iso_time(one.isoformat()) < iso_time(other.isoformat())) == (one < other)


@given(st.dates())
def test_every_date_of_the_calendar_is_a_date(date):
    assert iso_date(date.isoformat()) == date.isoformat()


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),  # noqa: DTZ001  the zone is added
    st.integers(-1080, 1080),
)
def test_an_offset_does_not_change_the_moment(local, minutes):
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    moment = local.replace(tzinfo=UTC) - timedelta(minutes=minutes)

    read = iso_instant_text(f"{local.isoformat()}{sign}{hours:02d}:{rest:02d}")

    assert datetime.fromisoformat(read) == moment
