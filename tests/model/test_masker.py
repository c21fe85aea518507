import json
from datetime import date
from decimal import Decimal
from hashlib import md5
from typing import Any

import pytest

from kestrel_cli.model.masker import MASK, Masker, Origin, hidden

SECRET = "s3cr\"t'\\ &/Pass"


def masker_of(*secrets: str) -> Masker:
    made = Masker()
    for secret in secrets:
        assert made.add(secret)
    return made


def test_a_masker_without_secrets_changes_nothing() -> None:
    value = {"a": ["text", 1, None]}
    assert Masker().shown(value) is value
    assert Masker().mask("text") == "text"


@pytest.mark.parametrize("secret", ["", "   ", "abc", " abc ", "true", "Docker", "root "])
def test_short_and_common_secrets_are_refused(secret: str) -> None:
    masker = Masker()
    assert not masker.add(secret)
    assert masker.mask(f"x{secret}x") == f"x{secret}x"


def test_a_password_that_is_password_is_hidden_all_the_same() -> None:
    assert masker_of("password").mask("the password") == f"the {MASK}"


def test_a_secret_may_be_added_again() -> None:
    masker = masker_of(SECRET, SECRET)
    assert masker.mask(SECRET) == MASK


def test_secrets_side_by_side_are_masked_one_by_one_overlapping_ones_together() -> None:
    masker = masker_of("abcdef", "defghi")
    assert masker.mask("abcdefabcdef") == MASK * 2
    assert masker.mask("-abcdefghi-") == f"-{MASK}-"


def test_a_secret_inside_a_longer_one_does_not_leave_its_rest() -> None:
    assert masker_of("abcdef", "abcdefghij").mask("abcdefghij abcdef") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12345678, MASK),
        (112345678, "1" + MASK),
        (1234, 1234),
        (12345678.5, MASK + ".5"),
        (Decimal(12345678), MASK),
        (date(2024, 1, 2), MASK),
        ({12345678: [None, True]}, {MASK: [None, True]}),
        (("12345678", 1), [MASK, 1]),
    ],
)
def test_numbers_and_dates_are_masked_by_their_text(value: Any, shown: Any) -> None:
    found = masker_of("12345678", "2024-01-02").shown(value)
    assert found == shown
    assert type(found) is type(shown)


def test_an_integer_too_long_to_be_printed_is_let_through() -> None:
    value = [10**5000]
    assert masker_of("12345678").shown(value) == value


def test_values_may_nest_deeply() -> None:
    value: Any = SECRET
    for _ in range(5000):
        value = [value]
    shown = masker_of(SECRET).shown(value)
    for _ in range(5000):
        (shown,) = shown
    assert shown == MASK


@pytest.mark.parametrize(
    ("sources", "result", "hides"),
    [
        ([SECRET], "abcdef-made-of-it", True),
        (["text", 5], "abcdef-made-of-it", False),
        ([{"k": [SECRET]}], "abcdef-made-of-it", True),
        ([{SECRET: 1}], "abcdef-made-of-it", True),
        ([json.dumps(SECRET)], "abcdef-made-of-it", True),
        ([SECRET.upper()], "abcdef-made-of-it", True),
        ([SECRET.encode()], "abcdef-made-of-it", True),
        ([SECRET], ["x", {"k": "abcdef-made-of-it"}], True),
        ([SECRET], "abc", False),
        ([SECRET], "Default", False),
    ],
)
def test_what_is_made_of_a_secret_is_hidden_too(
    sources: list[Any], result: Any, hides: bool
) -> None:
    masker = masker_of(SECRET)
    masker.follow(sources, result)
    for text in ("abcdef-made-of-it", "abc", "default"):
        assert (masker.mask(text) == MASK) is (hides and text == "abcdef-made-of-it")


def test_what_is_made_of_what_was_made_is_hidden_too() -> None:
    masker = masker_of(SECRET)
    masker.follow([SECRET], "first-derived")
    masker.follow(["first-derived"], "second-derived")
    assert masker.mask("second-derived") == MASK


def test_of_a_text_around_a_secret_only_the_secret_is_hidden() -> None:
    masker = masker_of(SECRET)
    masker.follow([f"the word is {SECRET}"], f"THE WORD IS {SECRET.upper()}")
    assert masker.mask(f"THE WORD IS {SECRET.upper()}") == f"THE WORD IS {MASK}"


def test_of_a_secret_alone_nothing_is_left_readable() -> None:
    masker = masker_of("first-line\nsecond-line")
    masker.follow(["first-line\nsecond-line"], "changed-line\nsecond-line")
    assert masker.mask("changed-line\nsecond-line") == MASK


@pytest.mark.parametrize(
    ("sources", "result"),
    [
        # {'region': ..., 'token': secret('P')} | jq('.region')
        ([{"region": "eu-west-1", "token": SECRET}, ".region"], ["eu-west-1"]),
        (["staging-eu", {"x": SECRET}], "staging-eu"),  # replace
        ([["alpha-team", SECRET]], "alpha-team"),  # first
        ([["alpha-team", SECRET]], [SECRET, "alpha-team"]),  # reverse
        ([{"the-region": 1, "the-token": SECRET}], ["the-region", "the-token"]),  # keys
        ([["alpha-team", SECRET], ","], f"alpha-team,{SECRET}"),  # join
        ([{"alpha-team": 1}, {"k": SECRET}], {"alpha-team": 1, "k": SECRET}),  # merge
        ([{"port": 15432.5, "k": SECRET}], [15432.5]),
        ([["  alpha-team\n", SECRET]], "alpha-team"),  # trim
        (["alpha-team-eu", {"x": SECRET}], "pha-team"),  # substring
        ([SECRET, {SECRET: "the-ordinary"}], "the-ordinary"),
        # What stands around a secret can be read as well.
        ([f"alpha-team,{SECRET},beta-team"], ["alpha-team", SECRET, "beta-team"]),  # split
        ([f'{{"region": "eu-west-1", "token": "{SECRET}"}}'], ["eu-west-1"]),  # jq of a text
    ],
)
def test_what_merely_came_with_a_secret_is_not_hidden(sources: list[Any], result: Any) -> None:
    masker = masker_of(SECRET)
    masker.follow(sources, result)
    for text in (
        *("eu-west-1", "staging-eu", "alpha-team", "beta-team", "the-region", "the-token"),
        *("15432.5", "pha-team", "the-ordinary"),
    ):
        assert masker.mask(text) == text
    assert masker.mask(SECRET) == MASK


@pytest.mark.parametrize(
    ("sources", "made"),
    [
        ([f"alpha-team {SECRET}"], f"Alpha-Team {SECRET.title()}"),  # of a mixed text
        ([["alpha-team", SECRET]], md5(SECRET.encode()).hexdigest()),
        ([{"region": "eu-west-1", "token": SECRET}], SECRET[2:10]),  # substring of the secret
        ([["alpha-team", SECRET]], "alpha" + SECRET[:6]),
        (["alpha-team", SECRET], "alpha-team-alpha"),  # longer than what came in
        ([SECRET, "alpha-team"], SECRET.replace("P", "alpha-team")),
    ],
)
def test_what_is_made_of_a_secret_in_company_is_hidden(sources: list[Any], made: str) -> None:
    masker = masker_of(SECRET)
    masker.follow(sources, made)
    assert masker.mask(made) == MASK


def test_what_is_made_of_a_masked_leaf_is_hidden_though_it_stands_in_it() -> None:
    secret = '{"user": "alice-smith", "password": "hunter-two"}'
    masker = masker_of(secret)
    masker.follow([secret, ".user"], ["alice-smith"])
    assert masker.mask("alice-smith") == MASK


def test_company_of_a_secret_is_known_however_much_of_it_there_is() -> None:
    company = {f"the-key-{n}": f"the-value-{n}" for n in range(12_000)}
    masker = masker_of(SECRET)
    masker.follow([{**company, "token": SECRET}], list(company))
    assert masker.mask("the-key-11999 the-key-0") == "the-key-11999 the-key-0"


def test_thousands_of_secrets_do_not_slow_a_text_down_much() -> None:
    masker = masker_of(*(f"secret-number-{n}" for n in range(3000)))
    assert masker.mask("x secret-number-17 " * 100).count(MASK) == 100


def test_what_is_told_of_a_crash_is_masked_by_the_newest_masker() -> None:
    masker = masker_of(SECRET)
    assert hidden(f"x {SECRET}") == f"x {MASK}"
    other = Masker()
    assert hidden(f"x {SECRET}") == f"x {SECRET}"
    del masker, other


A = Origin("secret", "A")
PIN = Origin("input", "pin")
TASK = Origin("task", "fetch")


def test_a_secret_knows_where_it_came_from() -> None:
    masker = Masker()
    masker.add(SECRET, A)
    assert masker.origin_of(SECRET) == A
    assert masker.origins_of(SECRET) == (A,)
    assert masker.text_from(A) == SECRET
    assert masker.text_from(PIN) is None
    assert masker.origins_in({"k": [f"x {SECRET.upper()}"]}) == {A: None}


def test_what_is_made_of_secrets_has_their_origins() -> None:
    masker = Masker()
    masker.add("first-secret", A)
    masker.add("second-secret", PIN)
    masker.follow(["first-secret", {"second-secret": 1}], "made-of-both")
    masker.follow(["first-secret"], "made-of-one")
    masker.add("part", made_of=["first-secret"])
    assert masker.origin_of("made-of-both") is None
    assert set(masker.origins_of("made-of-both")) == {A, PIN}
    assert masker.origins_of("made-of-one") == masker.origins_of("part") == (A,)
    assert masker.origins_in("made-of-one and second-secret") == {A: None, PIN: None}


@pytest.mark.parametrize("later", [PIN, TASK, None])
def test_the_first_origin_counts(later: Origin | None) -> None:
    masker = Masker()
    masker.add(SECRET, A)
    masker.add(SECRET, later)
    assert masker.origin_of(SECRET) == A
    assert masker.text_from(PIN) == (SECRET if later == PIN else None)


@pytest.mark.parametrize("first", [TASK, Origin("output", "o"), None])
@pytest.mark.parametrize("then", [A, PIN])
def test_an_origin_that_can_be_given_again_takes_the_place_of_another(
    first: Origin | None, then: Origin
) -> None:
    masker = Masker()
    masker.add(SECRET, first)
    masker.add(SECRET, then)
    assert masker.origin_of(SECRET) == then
    assert masker.origins_of(SECRET) == (then,)
    assert masker.text_from(then) == SECRET


def test_what_a_task_hides_is_made_of_the_secrets_in_it() -> None:
    masker = masker_of()
    masker.add(SECRET, A)
    masker.add(f"https://user:{SECRET}@host", TASK)
    assert masker.origins_of(f"https://user:{SECRET}@host") == (A,)
    masker.add("nothing-known", TASK)
    assert masker.origins_of("nothing-known") == (TASK,)


def test_a_second_secret_of_an_origin_gets_a_number() -> None:
    masker = Masker()
    for text in ("first-pin", "second-pin", "third-pin", "second-pin"):
        masker.add(text, PIN)
    assert masker.text_from(PIN) == "first-pin"
    assert masker.origin_of("second-pin") == Origin("input", "pin (2)")
    assert masker.text_from(Origin("input", "pin (3)")) == "third-pin"


def test_a_form_that_is_a_secret_itself_belongs_to_itself() -> None:
    masker = Masker()
    masker.add("secret-word", A)
    masker.add("SECRET-WORD", PIN)
    assert masker.form_of("SECRET-WORD") == ("SECRET-WORD", 0)
    assert masker.form_of("drow-terces") == ("secret-word", 1)
    assert masker.form_of("other") is None


# -- what is in a secret

KEY = "-- key --\nQUJDREVGR0hJ\nS0xNTk9QUVJT\n-- end --\n"


@pytest.mark.parametrize(
    "secret",
    [
        json.dumps({"kind": "svc", "keys": [{"private": KEY, "pin": 73519204}]}),
        json.dumps([{"private": KEY}, 73519204], indent=2),
    ],
    ids=["map", "list"],
)
def test_values_in_a_document_are_secrets_with_their_lines(secret: str) -> None:
    masker = masker_of(secret)
    assert masker.mask(f"<{KEY.strip()}>") == f"<{MASK}>"
    for text in ("QUJDREVGR0hJ", "S0xNTk9QUVJT", "73519204", "qujdrevgr0hj"):
        assert masker.mask(f"<{text}>") == f"<{MASK}>"


@pytest.mark.parametrize(
    "secret",
    [
        "kind: svc\nkeys:\n  - word: 'f00 bar baz'\n    key: |\n"
        + "".join(f"      {line}\n" for line in KEY.splitlines()),
        f'export=no\nWORD="f00 bar baz"\nKEY = f00\n{KEY}',
    ],
    ids=["yaml", "variables"],
)
def test_what_stands_behind_names_is_a_secret(secret: str) -> None:
    masker = masker_of(secret)
    for text in ("f00 bar baz", "QUJDREVGR0hJ", "S0xNTk9QUVJT"):
        assert masker.mask(f"<{text}>") == f"<{MASK}>"
    assert masker.mask("svc key f00") == "svc key f00"


def test_keys_short_values_and_common_ones_in_a_document_are_none() -> None:
    masker = masker_of('{"private_key": "abc", "host": "localhost", "on": true, "n": 12}')
    assert masker.mask("private_key abc localhost true 12") == "private_key abc localhost true 12"


@pytest.mark.parametrize("secret", ["{broken: [", "[" * 100_000, "a: b: c", "https://x.y/z: 1"])
def test_what_is_no_document_is_a_secret_all_the_same(secret: str) -> None:
    assert masker_of(secret).mask(f"<{secret}>") == f"<{MASK}>"
