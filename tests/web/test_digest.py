import pytest

from kestrel_cli.web.address import Failure
from kestrel_cli.web.digest import digest_answer

# RFC 7616, 3.9.1
OFFER = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
OWN = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
MD5 = "8ca523f5e9506fed4657c9700eebdbec"
SHA = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"


def answer(*challenges):
    return digest_answer(
        challenges, "Mufasa", "Circle of Life", "GET", "/dir/index.html", lambda: OWN
    )


def test_the_answers_are_those_of_the_standard():
    assert f'response="{MD5}"' in answer(OFFER.format("MD5"))
    assert f'response="{SHA}"' in answer(OFFER.format("SHA-256"))


def test_the_strongest_offer_is_taken():
    assert f'response="{SHA}"' in answer("Basic x", OFFER.format("MD5"), OFFER.format("SHA-256"))


def test_an_answer_says_what_it_is_made_of():
    assert answer(OFFER.format("MD5")) == (
        'Digest username="Mufasa", realm="http-auth@example.org", '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", '
        f'response="{MD5}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", '
        f'algorithm=MD5, qop=auth, nc=00000001, cnonce="{OWN}"'
    )


def test_the_first_standard_is_understood_too():
    # RFC 2617 without qop, as RFC 2069 had it
    offer = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    said = digest_answer([offer], "Mufasa", "CircleOfLife", "GET", "/dir/index.html")
    assert said.endswith('response="1949323746fe6a43ef61f9606e7febea"')


def test_a_session_key_is_made_when_asked_for():
    assert answer(OFFER.format("MD5-sess")) != answer(OFFER.format("MD5"))


def test_other_challenges_are_left_alone():
    assert answer('Basic realm="x"', "Negotiate") is None


@pytest.mark.parametrize("change", [("MD5", "auth, auth-int"), ("SHA-3", "auth")])
def test_a_kind_that_is_not_known_is_a_failure(change):
    algorithm, _ = change
    offer = OFFER.format(algorithm)
    if algorithm == "MD5":
        offer = offer.replace("auth, auth-int", "auth-int")
    with pytest.raises(Failure, match="not known"):
        answer(offer)


def test_a_name_with_quotes_stays_in_its_place():
    said = digest_answer([OFFER.format("MD5")], 'a"b\\', "x", "GET", "/")
    assert 'username="a\\"b\\\\"' in said
