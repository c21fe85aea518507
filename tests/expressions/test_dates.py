# ruff: noqa: DTZ001  # local date-times are part of what is tested
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import dates
from kestrel_cli.expressions.dates import Moment, to_moment, zone_named
from kestrel_cli.expressions.filters.dates import (
    date as date_filter,
)
from kestrel_cli.expressions.filters.dates import (
    date_add,
    timestamp,
    timestamp_micro,
    timestamp_milli,
    timestamp_nano,
)

from .fakes import FakeScope, FakeServices

SCOPE = FakeScope()
AT = "2031-11-02T03:04:05.067Z"


def shown(value, *arguments, **named):
    return date_filter(SCOPE, value, *arguments, **named)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("2031-11-02T03:04:05Z", "2031-11-02T03:04:05.000000Z"),
        ("2031-11-02T03:04+05:30", "2031-11-01T21:34:00.000000Z"),
        ("2031-11-02T03:04:05+02:00[Europe/Berlin]", "2031-11-02T01:04:05.000000Z"),
        ("2031-11-02T03:04:05.1234567", "2031-11-02T03:04:05.123456Z"),
        ("2031-11-02", "2031-11-02T00:00:00.000000Z"),
        (datetime(2031, 11, 2, 3, 4), "2031-11-02T03:04:00.000000Z"),
        (date(2031, 11, 2), "2031-11-02T12:00:00.000000Z"),
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.000000Z"),
        (None, None),
    ],
)
def test_dates_are_read_from_text_numbers_and_date_values(text, result):
    assert shown(text) == result


@pytest.mark.parametrize(
    "bad",
    [
        "", "soon", "2031-11-02 03:04:05", "2031-13-01", "2031-02-30", "2031-11-02T25:00:00Z",
        "2031-11-02T03:04:05+0200", "12:00", "1930000000", True, 1.5, [], {}, 10**30,
    ],
)  # fmt: skip
def test_what_is_no_date_is_an_error(bad):
    with pytest.raises(RenderError):
        shown(bad)


def test_what_has_no_zone_is_in_the_zone_asked_for_or_the_servers():
    assert shown("2031-07-02T10:00:00", timeZone="Asia/Tokyo").endswith("10:00:00.000000+09:00")
    berlin = FakeScope(FakeServices(zone="Europe/Berlin"))
    assert date_filter(berlin, "2031-07-02T10:00:00") == "2031-07-02T10:00:00.000000+02:00"
    assert date_filter(berlin, "2031-07-02T10:00:00Z", "HH:mm z") == "12:00 CEST"


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", "/etc/passwd", "+25:00", "\0"])
def test_an_unknown_zone_is_an_error(name):
    with pytest.raises(RenderError):
        shown(AT, timeZone=name)


@pytest.mark.parametrize(
    ("pattern", "result"),
    [
        ("y yy yyyy u", "2031 31 2031 2031"),
        ("d dd D DDD", "2 02 306 306"),
        ("MMM MMMM MMMMM LLLL", "Nov November N November"),
        ("E EEE EEEE EEEEE e ccc", "Sun Sun Sunday S 1 Sun"),
        ("H HH h hh K k a", "3 03 3 03 3 3 AM"),
        ("m mm s ss S SSS SSSSSS n", "4 04 5 05 0 067 067000 67000000"),
        ("Q QQ QQQ QQQQ", "4 04 Q4 4th quarter"),
        ("w Y W F", "45 2031 2 1"),
        ("G GGGG", "AD Anno Domini"),
        ("g", "63172"),
        ("'T''s' ''", "T's '"),
        ("yyyy[-MM[-dd]]", "2031-11-02"),
        ("pppd|ppHH", "  2|03"),
        ("yyyy年", "2031年"),
    ],
)
def test_pattern_letters(pattern, result):
    assert shown(AT, pattern) == result


@pytest.mark.parametrize(
    ("zone", "result"),
    [
        ("UTC", "Z Z Z +00 +0000 +00:00 +0000 GMT Z GMT GMT UTC UTC"),
        ("+02:00", "+02 +0200 +02:00 +02 +0200 +02:00 +0200 GMT+02:00 +02:00 GMT+2 GMT+02:00 +02:00 +02:00"),  # noqa: E501
        (
            "America/St_Johns",
            "-0230 -0230 -02:30 -0230 -0230 -02:30 -0230 GMT-02:30 -02:30 GMT-2:30 GMT-02:30"
            " NDT America/St_Johns",
        ),
    ],
)  # fmt: skip
def test_zone_letters(zone, result):
    pattern = "X XX XXX x xx xxx Z ZZZZ ZZZZZ O OOOO z VV"
    assert shown("2031-07-02T03:04:05Z", pattern, timeZone=zone) == result


@pytest.mark.parametrize(
    "pattern", ["b", "HHH", "'open", "{", "#", "]", "V", "ddd", "p", "SSSSSSSSSS"]
)
def test_a_wrong_pattern_is_an_error(pattern):
    with pytest.raises(RenderError):
        shown(AT, pattern)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("iso", "2031-11-02T03:04:05.067000Z"),
        ("iso_sec", "2031-11-02T03:04:05Z"),
        ("sql", "2031-11-02 03:04:05.067000"),
        ("sql_seq", "2031-11-02 03:04:05"),
        ("iso_local_date_time", "2031-11-02T03:04:05.067"),
        ("iso_date_time", "2031-11-02T03:04:05.067Z[UTC]"),
        ("iso_instant", "2031-11-02T03:04:05.067Z"),
        ("iso_week_date", "2031-W44-7Z"),
        ("iso_ordinal_date", "2031-306Z"),
        ("rfc_1123_date_time", "Sun, 2 Nov 2031 03:04:05 GMT"),
        ("short", "11/2/31, 3:04 AM"),
    ],
)
def test_named_formats(name, result):
    assert shown(AT, name) == result


@pytest.mark.parametrize(
    ("text", "pattern", "result"),
    [
        ("02.11.2031", "dd.MM.yyyy", "2031-11-02T00:00"),
        ("2 Nov 31 3:04 PM", "d MMM yy h:mm a", "2031-11-02T15:04"),
        ("20311102030405", "yyyyMMddHHmmss", "2031-11-02T03:04"),
        ("2031-306", "yyyy-DDD", "2031-11-02T00:00"),
        ("Sunday, November 2, 2031", "EEEE, MMMM d, yyyy", "2031-11-02T00:00"),
        ("2031-11-02 03:04 +0200", "yyyy-MM-dd HH:mm Z", "2031-11-02T01:04"),
        ("2031-11-02 03:04 Asia/Tokyo", "yyyy-MM-dd HH:mm VV", "2031-11-01T18:04"),
        ("Sun, 2 Nov 2031 03:04:05 GMT", "rfc_1123_date_time", "2031-11-02T03:04"),
        ("2031-W44-7", "iso_week_date", "2031-11-02T00:00"),
        ("31.04.2031", "dd.MM.yyyy", "2031-04-30T00:00"),
        ("2031-11-02", "yyyy-MM-dd['T'HH:mm]", "2031-11-02T00:00"),
    ],
)
def test_text_is_read_by_a_pattern(text, pattern, result):
    assert shown(text, "yyyy-MM-dd'T'HH:mm", existingFormat=pattern) == result


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2.11.2031", "dd.MM.yyyy"),
        ("32.01.2031", "dd.MM.yyyy"),
        ("Monday, November 2, 2031", "EEEE, MMMM d, yyyy"),
        ("3:04", "h:mm"),
        ("2031-11", "yyyy-MM"),
        ("2031-11-02 25", "yyyy-MM-dd HH"),
    ],
)
def test_text_that_does_not_fit_the_pattern_is_an_error(text, pattern):
    with pytest.raises(RenderError):
        shown(text, existingFormat=pattern)


def test_other_languages_have_their_names_or_are_refused():
    assert shown(AT, "EEEE d MMMM", locale="de-DE") == "Sonntag 2 November"
    assert shown(AT, "EEEE d MMMM", locale="fr") == "dimanche 2 novembre"
    with pytest.raises(RenderError, match="tlh"):
        shown(AT, "EEEE", locale="tlh")


@pytest.mark.parametrize(
    ("amount", "unit", "result"),
    [
        (1, "DAYS", "2031-02-01T10:00:00"),
        (-1, "MONTHS", "2030-12-31T10:00:00"),
        (1, "MONTHS", "2031-02-28T10:00:00"),
        (1, "YEARS", "2032-01-31T10:00:00"),
        (2, "WEEKS", "2031-02-14T10:00:00"),
        (1, "DECADES", "2041-01-31T10:00:00"),
        (90, "MINUTES", "2031-01-31T11:30:00"),
        (1, "HALF_DAYS", "2031-01-31T22:00:00"),
        (-1, "NANOS", "2031-01-31T09:59:59"),
        ("3", "HOURS", "2031-01-31T13:00:00"),
    ],
)
def test_dates_move_by_units(amount, unit, result):
    moved = date_add(SCOPE, "2031-01-31T10:00:00Z", amount, unit, "iso_local_date_time")
    assert moved.startswith(result)


@pytest.mark.parametrize(
    ("amount", "unit"), [(1, "days"), (1, "FOREVER"), (1.5, "DAYS"), (10**20, "YEARS"), (1, None)]
)
def test_dates_do_not_move_by_anything_else(amount, unit):
    with pytest.raises(RenderError):
        date_add(SCOPE, AT, amount, unit)


def test_a_day_keeps_the_clock_across_a_change_of_summer_time_and_hours_do_not():
    start = to_moment("2031-03-29T12:00:00", zone_named("Europe/Paris"))
    assert dates.plus(start, 1, "DAYS").when.hour == 12
    assert dates.plus(start, 24, "HOURS").when.hour == 13


def test_a_time_that_the_clock_skips_moves_on_by_the_gap():
    moment = to_moment("2031-03-30T02:30:00", zone_named("Europe/Paris"))
    assert moment.when.isoformat() == "2031-03-30T03:30:00+02:00"


def test_timestamps_count_from_1970_in_four_units():
    value = "1970-01-01T00:00:01.234567891Z"
    counts = [
        f(SCOPE, value) for f in (timestamp, timestamp_milli, timestamp_micro, timestamp_nano)
    ]
    assert counts == [1, 1234, 1234567, 1234567891]
    assert timestamp(SCOPE, "1969-12-31T23:59:59.5Z") == -1
    assert timestamp(SCOPE, None) is None


MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28), timezones=st.just(UTC))


@given(MOMENTS)
def test_every_date_is_written_and_read_back_in_iso_form(when):
    text = dates.formatted(Moment.of(when), "iso", UTC)
    assert dates.read(text, UTC).when == when


@given(
    MOMENTS, st.sampled_from(["E, d MMM yyyy HH:mm:ss.SSSSSS", "yyyyMMddHHmmssSSSSSS", "D yyyy A"])
)
def test_every_date_is_written_and_read_back_by_a_pattern(when, pattern):
    kept = (
        when if "SSSSSS" in pattern else when.replace(microsecond=when.microsecond // 1000 * 1000)
    )
    text = dates.formatted(Moment.of(when), pattern, UTC)
    assert dates.read(text, UTC, pattern).when == kept


@given(MOMENTS, st.integers(-(10**6), 10**6))
def test_moving_on_the_time_line_agrees_with_timedelta(when, seconds):
    wanted = (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) + seconds
    try:
        moved = dates.plus(Moment.of(when), seconds, "SECONDS")
    except RenderError:
        return
    assert moved.epoch_nanos() // 10**9 == wanted


def test_offsets_print_as_ids_when_there_is_no_region():
    zone = timezone(timedelta(hours=-3))
    assert dates.formatted(to_moment(AT, zone), "VV", zone) == "-03:00"


@pytest.mark.parametrize(
    ("number", "result"),
    [
        (1_234_567_890, "2009-02-13T23:31:30.000000Z"),
        (1_234_567_890_123, "2009-02-13T23:31:30.123000Z"),
        (123_456_789_012, "5882-03-11T00:30:12.000000Z"),
        (-123_456_789_012, "1966-02-02T02:26:50.988000Z"),
    ],
)
def test_thirteen_characters_are_milliseconds_and_others_seconds(number, result):
    assert shown(number) == result


def test_milliseconds_of_ours_are_read_back():
    assert shown(timestamp_milli(SCOPE, AT)) == "2031-11-02T03:04:05.067000Z"


def test_other_fractions_of_seconds_are_refused_with_what_to_do():
    with pytest.raises(RenderError, match="out of the range") as caught:
        shown(1_234_567_890_123_456)
    assert "divide microseconds by 1000000" in caught.value.hint
