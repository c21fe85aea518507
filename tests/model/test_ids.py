from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.ids import base62, derived_id, number_of

NUMBERS = st.integers(0, 2**128 - 1)


@given(NUMBERS)
def test_ids_are_22_letters_and_digits(number):
    text = base62(number)

    assert len(text) == 22
    assert text.isascii()
    assert text.isalnum()


@given(NUMBERS)
def test_an_id_reads_back_as_its_number(number):
    assert number_of(base62(number)) == number


@given(st.text(max_size=40))
def test_any_text_has_a_number_of_128_bits(text):
    assert 0 <= number_of(text) < 2**128


@given(NUMBERS, st.integers(0, 10**6))
def test_the_same_thing_of_the_same_owner_has_the_same_id(owner, number):
    assert derived_id(owner, number) == derived_id(owner, number)


@given(NUMBERS)
def test_no_two_things_of_one_owner_share_an_id(owner):
    assert len({derived_id(owner, number) for number in range(500)}) == 500


def test_owners_share_no_ids():
    ids = {derived_id(owner, number) for owner in range(50) for number in range(50)}

    assert len(ids) == 2500
