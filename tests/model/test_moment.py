from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.moment import iso_instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROS = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)  # years 1 to 9999


def test_a_fraction_has_six_digits():
    assert iso_instant(1_746_360_174_121_836) == "2025-05-04T12:02:54.121836Z"


def test_no_fraction_is_printed_when_it_is_zero():
    assert iso_instant(0) == "1970-01-01T00:00:00Z"


def test_small_fractions_keep_their_leading_zeros():
    assert iso_instant(1) == "1970-01-01T00:00:00.000001Z"


def test_moments_before_1970_are_printed_too():
    assert iso_instant(-1) == "1969-12-31T23:59:59.999999Z"


@given(MICROS)
def test_moments_print_as_the_standard_library_has_them(micros):
    expected = (EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")

    assert iso_instant(micros) == expected


@given(MICROS, MICROS)
def test_the_second_remembered_from_one_call_does_not_show_in_another(one, other):
    first = iso_instant(one)
    iso_instant(other)

    assert iso_instant(one) == first
