from datetime import date, datetime, time, timedelta

import pytest

from kestrel_cli.tasks.serdes.excel_dates import format_of, shown

MOMENT = datetime.fromisoformat("2031-01-02T15:04:05.678")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (MOMENT, "yyyy-mm-dd hh:mm:ss", "2031-01-02 15:04:05"),
        (MOMENT, "m/d/yy h:mm", "1/2/31 15:04"),
        (MOMENT, "mm-dd-yy", "01-02-31"),
        (MOMENT, "mmm d, yyyy", "Jan 2, 2031"),
        (MOMENT, "dddd, mmmm dd", "Thursday, January 02"),
        (MOMENT, "ddd mmmmm", "Thu J"),
        (MOMENT, "h:mm:ss AM/PM", "3:04:05 PM"),
        (MOMENT, "hh A/P", "03 P"),
        (MOMENT, "mm:ss.000", "04:05.678"),
        (MOMENT, '[$-409]d" of "mmm\\-yy;@', "2 of Jan-31"),
        (date(2031, 1, 2), "yyyy", "2031"),
        (time(3, 4), "h:mm", "3:04"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
    ],
)
def test_what_a_date_shows_in_a_format(value, number_format, text):
    assert shown(value, number_format) == text


@pytest.mark.parametrize(
    ("pattern", "number_format"),
    [
        ("yyyy-MM-dd", "yyyy-mm-dd"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS[XXX]", 'yyyy-mm-dd"T"hh:mm:ss.000'),
        ("EEEE d MMM uuuu h:mm a", "dddd d mmm yyyy h:mm AM/PM"),
        ("dd/MM[ HH:mm]", "dd/mm hh:mm"),
        ("''yy", "'yy"),
    ],
)
def test_what_a_java_pattern_is_in_excel(pattern, number_format):
    assert format_of(pattern) == number_format
