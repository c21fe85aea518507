"""The masker against random secrets in random company."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from kestrel_cli.model.masker import MASK, Masker, forms, leaves

# No secret and no company holds the mask itself or a piece of the other.
secret_texts = st.text("abcABC019\"'\\/&+ é\n", min_size=8, max_size=40).filter(
    lambda text: len(text.strip()) >= 8 and all(len(line.strip()) >= 6 for line in text.split("\n"))
)
company = st.text("xyz-_. \t{}[]:,", max_size=20)


def masker_of(*secrets: str) -> Masker:
    made = Masker()
    for secret in secrets:
        assert made.add(secret)
    return made


@given(secret_texts, company, company, st.integers(0, 60))
def test_every_form_of_a_secret_is_hidden_wherever_it_stands(
    secret: str, before: str, after: str, which: int
) -> None:
    known = [form for form in forms(secret) if len(form) >= 4]
    form = known[which % len(known)]
    shown = masker_of(secret).mask(f"{before}{form}{after}")
    assert form not in shown
    assert MASK in shown


@given(secret_texts, company, company)
def test_what_stands_around_a_secret_is_left_as_it_is(secret: str, before: str, after: str) -> None:
    secret = "Q" + secret.strip() + "Q"
    assert masker_of(secret).mask(f"{before}{secret}{after}") == f"{before}{MASK}{after}"


@given(st.lists(secret_texts, min_size=1, max_size=4), st.text("abc01xyz é\n", max_size=60))
def test_masking_twice_is_masking_once(secrets: list[str], text: str) -> None:
    masker = masker_of(*secrets)
    once = masker.mask(text + secrets[0] + text)
    assert masker.mask(once) == once
    assert not any(form in once for secret in secrets for form in forms(secret) if len(form) >= 4)


@given(secret_texts, st.lists(company, min_size=1, max_size=5))
def test_lines_masked_one_by_one_are_the_whole_masked(secret: str, parts: list[str]) -> None:
    """A stream that is cut where no secret stands gives the same; chunks are lines here."""
    secret = "Q" + secret.replace("\n", "").strip() + "Q"
    masker = masker_of(secret)
    lines = [f"{part}{secret}{part}".replace("\n", " ") + "\n" for part in parts]
    assert masker.mask("".join(lines)) == "".join(masker.mask(line) for line in lines)


@given(secret_texts, st.integers(0, 5), company)
def test_base64_is_hidden_at_every_alignment(secret: str, shift: int, after: str) -> None:
    whole = b64encode(b"." * shift + secret.encode() + after.encode()).decode()
    shown = masker_of(secret).mask(whole)
    for part in shown.split(MASK):
        for cut in range(4):
            aligned = part[cut:]
            data = b64decode(aligned[: len(aligned) // 4 * 4])
            assert secret.encode()[2:-2] not in data


@given(secret_texts, company)
def test_many_secrets_are_looked_for_as_few_are(secret: str, before: str) -> None:
    few = masker_of(secret)
    many = masker_of(secret, *(f"KKKK{n:05}KKKK" for n in range(20)))
    for text in (before + secret, json.dumps([before, secret]), quote(secret) + before):
        assert many.mask(text) == few.mask(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | secret_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(secret_texts, inner, max_size=3),
    max_leaves=8,
)


@given(secret_texts, values)
def test_values_keep_their_shape_and_lose_their_secrets(secret: str, value: object) -> None:
    assume("\n" not in secret)
    shown = masker_of(secret).shown([value, secret, {secret: 1}])
    assert shown[1:] == [MASK, {MASK: 1}]
    assert secret not in json.dumps(shown, ensure_ascii=False)
    assert type(shown[0]) is type(value) or isinstance(shown[0], str)


ordinary = st.text("xyzXYZ-_. ", min_size=6, max_size=20).filter(lambda text: len(text.strip()) > 5)
ordinary_values = st.recursive(
    ordinary | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ordinary, inner, max_size=4),
    max_leaves=8,
)


@given(secret_texts, ordinary_values, st.data())
def test_a_filter_makes_no_secret_of_what_came_with_one(
    secret: str, company: object, data: st.DataObject
) -> None:
    masker = masker_of(secret)
    texts = list(leaves(company))
    some = data.draw(st.lists(st.sampled_from(texts), max_size=4)) if texts else []
    pieces = [text[data.draw(st.integers(0, 9)) :] for text in some]
    masker.follow([[company, secret], {secret: company}], [company, some, pieces, secret])
    fresh = masker_of(secret)
    for text in (*texts, *pieces):
        assert masker.mask(text) == fresh.mask(text)


@given(secret_texts, ordinary_values)
def test_a_filter_hides_what_it_makes_of_a_secret_in_company(secret: str, company: object) -> None:
    secret = secret.replace("\n", " ")  # else a line of it would be known already
    masker = masker_of(secret)
    made = [sha256(secret.encode()).hexdigest(), "q" + secret[2:-2] + "q"]
    masker.follow([[company, secret]], [company, made])
    assert [masker.mask(text) for text in made] == [MASK, MASK]
