"""Sealed values against random secrets in random company: they come back, and nothing leaks."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kestrel_cli.model.masker import MASK, Masker, Origin, forms
from kestrel_cli.model.sealing import Seals

MARK = re.compile("\ue9a7[0-9.n]*\ue9a8")


@pytest.fixture(autouse=True, scope="module")
def _cheap_keys() -> Iterator[None]:
    """The real ones are slow on purpose."""

    def cheap(secrets: bytes, *, salt: bytes, **_: object) -> bytes:
        return hashlib.blake2b(secrets, key=salt).digest()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashlib, "scrypt", cheap)
        yield


# Few characters, so that secrets overlap, hold each other and are forms of each other.
secret_texts = st.text("abAB01'é\n\ue9a7\ue9a8", min_size=4, max_size=12).filter(
    lambda text: len(text.strip()) >= 4
)
secret_lists = st.lists(secret_texts, min_size=1, max_size=4, unique=True)
company = st.text("abAB01'é\n\ue9a7\ue9a8n. -", max_size=12)


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[Origin, str], Any]:
    """Secrets, and a value with them and their forms in it."""
    secrets = draw(secret_lists)
    known = [form for secret in secrets for form in forms(secret)]
    texts = st.lists(st.sampled_from(known) | company, max_size=4).map("".join)
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
    value = draw(
        st.recursive(
            leaves,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
            max_leaves=8,
        )
    )
    kinds = ("secret", "input")
    return {Origin(kinds[n % 2], f"N{n}"): text for n, text in enumerate(secrets)}, value


def masker_of(given_texts: dict[Origin, str]) -> Masker:
    masker = Masker()
    for origin, text in given_texts.items():
        masker.add(text, origin)
    return masker


def opened(keys: list[Any], sealed: Any, seals: Seals) -> Any:
    for entry in json.loads(json.dumps(keys)):
        seals.learn(entry)
    return seals.opened(json.loads(json.dumps(sealed)))


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


@settings(max_examples=60)
@given(cases())
@example(({Origin("secret", "N"): "10000000"}, [10000000, 1e7, "10000000", {"10000000": 1}]))
def test_what_is_sealed_comes_back(case: tuple[dict[Origin, str], Any]) -> None:
    secrets, value = case
    seals = Seals(masker_of(secrets), "salt")
    sealed = seals.sealed(value)
    again = Seals(Masker(), "salt", secrets.get)
    found = opened(seals.new_keys(), sealed, again)
    assert json.dumps(found) == json.dumps(value)
    assert not again.missing


@settings(max_examples=60)
@given(cases(), cases())
def test_a_journal_that_is_gone_on_with_comes_back_whole(
    before: tuple[dict[Origin, str], Any], after: tuple[dict[Origin, str], Any]
) -> None:
    secrets, value = before
    first = Seals(masker_of(secrets), "salt")
    lines = [(first.sealed(value), first.new_keys())]
    # Who goes on finds the same secrets, and further ones with other names.
    more = {Origin(kind, f"more {name}"): text for (kind, name), text in after[0].items()}
    masker = Masker()
    second = Seals(masker, "salt", secrets.get)
    opened(lines[0][1], lines[0][0], second)
    for origin, text in (secrets | more).items():
        masker.add(text, origin)
    lines.append((second.sealed([value, after[1]]), second.new_keys()))
    last = Seals(Masker(), "salt", (secrets | more).get)
    found = [opened(keys, sealed, last) for sealed, keys in lines]
    assert json.dumps(found) == json.dumps([value, [value, after[1]]])


@settings(max_examples=60)
@given(cases())
def test_nothing_of_a_secret_is_left_readable(case: tuple[dict[Origin, str], Any]) -> None:
    secrets, value = case
    masker = masker_of(secrets)
    seals = Seals(masker, "salt")
    sealed = seals.sealed(value)
    known = [form for text in secrets.values() for form in forms(text) if len(form) >= 4]
    for text in texts_in(sealed):
        for part in MARK.split(text):
            assert masker.mask(part) == part
            assert not any(form in part for form in known)
    for entry in seals.new_keys():
        assert not any(form in str(entry[2]) for form in known)


@settings(max_examples=60)
@given(cases())
def test_who_has_no_secret_sees_what_is_shown(case: tuple[dict[Origin, str], Any]) -> None:
    secrets, value = case
    masker = masker_of(secrets)
    seals = Seals(masker, "salt")
    sealed = seals.sealed(value)
    keys = seals.new_keys()
    again = Seals(Masker(), "salt")
    found = opened(keys, sealed, again)
    assert json.dumps(found) == json.dumps(masker.shown(value))
    named = {Origin(kind, name) for _, kind, name, *_ in keys[1:] if kind != "made"}
    assert set(again.missing) == (named if MASK in json.dumps(found) else set())


@settings(max_examples=60)
@given(cases(), st.data())
def test_what_was_made_of_secrets_comes_back_too(
    case: tuple[dict[Origin, str], Any], data: st.DataObject
) -> None:
    secrets, value = case
    masker = masker_of(secrets)
    sources = data.draw(st.lists(st.sampled_from(list(secrets.values())), min_size=1, max_size=3))
    made = data.draw(st.text("uvwxyz", min_size=6, max_size=20))
    masker.follow(sources, made)
    seals = Seals(masker, "salt")
    sealed = seals.sealed([value, made, {made.upper(): f"-{made}-"}])
    assert not any(made in text or made.upper() in text for text in texts_in(sealed))
    other = Masker()
    again = Seals(other, "salt", secrets.get)
    found = opened(seals.new_keys(), sealed, again)
    assert json.dumps(found) == json.dumps([value, made, {made.upper(): f"-{made}-"}])
    assert other.mask(made) == MASK
