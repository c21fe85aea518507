from base64 import b64encode

import pytest

from kestrel_cli.store.secrets import Secrets, without_secrets


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


ALL = {"KESTREL_SECRET_A": "plain", "SECRET_A": encoded("base64")}


@pytest.mark.parametrize(
    ("filed", "environ", "found"),
    [
        ({"a": "file"}, ALL, "file"),
        ({"A": ""}, ALL, ""),
        ({}, ALL, "plain"),
        ({}, {"KESTREL_SECRET_A": "", "SECRET_A": encoded("x")}, ""),
        ({}, {"SECRET_A": encoded("hällo")}, "hällo"),
        ({}, {"SECRET_a": "aGFs\nbG8=\n"}, "hallo"),
        ({}, {}, None),
        ({}, {"SECRET_": encoded("x"), "KESTREL_SECRET_": "x"}, None),
        ({"b": "x"}, {"ENV_A": "x"}, None),
    ],
)
def test_the_first_source_that_has_a_secret_gives_it(filed, environ, found):
    secrets = Secrets(filed, environ)
    assert (secrets.find("A"), secrets.find("a")) == (found, found)


@pytest.mark.parametrize("bad", ["hunter2!", "/w==", "a"])
def test_one_that_is_not_base64_text_is_missing_and_warned_of_once(bad):
    warnings = []
    secrets = Secrets({}, {"SECRET_A": bad}, warnings.append)
    assert [secrets.find("a"), secrets.find("A")] == [None, None]
    (warning,) = warnings
    assert warning.startswith("SECRET_A is left out: it is not base64 text")
    assert bad == "a" or bad not in warning


def test_nothing_is_decoded_that_nobody_asks_for():
    warnings = []
    secrets = Secrets({}, {"SECRET_A": "!", "SECRET_B": encoded("b")}, warnings.append)
    assert secrets.find("B") == "b"
    assert not warnings


def test_all_of_the_environment_are_known_and_whether_they_are_the_ones_found():
    environ = {**ALL, "KESTREL_SECRET_B": "b", "SECRET_C": encoded("c"), "SECRET_D": "not base64!"}
    environ |= {"SECRET_": "x", "ENV_E": "e"}
    assert sorted(Secrets({"b": "file"}, environ).around()) == [
        ("A", "base64", False),
        ("A", "plain", True),
        ("B", "b", False),
        ("C", "c", True),
        ("D", "not base64!", False),
    ]


def test_others_get_the_environment_without_them():
    assert without_secrets({**ALL, "SECRETS": "x", "MY_SECRET_A": "y"}) == {
        "SECRETS": "x",
        "MY_SECRET_A": "y",
    }
