import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from kestrel_cli.model.masker import CHARACTERWISE, MASK, Masker, Origin, forms
from kestrel_cli.model.sealing import Seals, holds_marks

P = "hunter2-\"é'& /Pass"
Q = "another%secret"
GIVEN = {Origin("secret", "P"): P, Origin("secret", "Q"): Q, Origin("input", "login.pin"): "4711"}
MARK = "\ue9a7"
END = "\ue9a8"


def sealing(*names: str) -> tuple[Masker, Seals]:
    masker = Masker()
    for origin, text in GIVEN.items():
        if origin.name in names:
            assert masker.add(text, origin)
    return masker, Seals(masker, "salt")


def kept(seals: Seals, value: Any) -> tuple[list[Any], Any]:
    """The table and the value as a journal gives them back."""
    sealed = seals.sealed(value)
    keys, text = json.loads(json.dumps([seals.new_keys(), sealed]))
    return keys, text


def reading(
    keys: list[Any], find: Callable[[Origin], str | None] = GIVEN.get, salt: str = "salt"
) -> tuple[Masker, Seals]:
    masker = Masker()
    seals = Seals(masker, salt, find)
    for entry in keys:
        seals.learn(entry)
    return masker, seals


def returned(seals: Seals, value: Any) -> Any:
    keys, text = kept(seals, value)
    again = reading(keys)[1]
    found = again.opened(text)
    assert not again.missing
    assert not again.wrong
    return found


def test_without_secrets_nothing_is_done() -> None:
    seals = Seals(Masker(), "salt")
    value = {"a": [MARK]}
    assert seals.sealed(value) is value
    assert seals.new_keys() == []
    assert seals.opened(value) is value


def test_a_value_without_secrets_stays_the_same_object() -> None:
    _, seals = sealing("P")
    value = {"a": ["text", 1, None, ("x",)]}
    assert seals.sealed(value) is value
    assert seals.new_keys() == []


def test_a_mark_is_an_entry_and_a_form_and_its_entry_is_told_once() -> None:
    _, seals = sealing("P", "login.pin")
    assert seals.sealed(f"Bearer {P} {P.upper()}") == f"Bearer {MARK}1.0{END} {MARK}1.10{END}"
    assert seals.new_keys() == [[0, "marks", "1"], [1, "secret", "P"]]
    assert seals.sealed(["4711", P]) == [f"{MARK}2.0{END}", f"{MARK}1.0{END}"]
    assert seals.new_keys() == [[2, "input", "login.pin"]]
    assert seals.new_keys() == []


@pytest.mark.parametrize("form", dict.fromkeys(forms(P)))
def test_every_form_comes_back(form: str) -> None:
    _, seals = sealing("P")
    value = [form, f"x{form}y", {form: form}]
    assert form not in json.dumps(seals.sealed(value), ensure_ascii=False)
    assert returned(seals, value) == value


def test_so_many_forms_are_made_character_by_character() -> None:
    first, second = 'hunter2-é"', "& /Pass\\"
    places = zip(*(list(forms(text)) for text in (first + second, first, second)), strict=False)
    fitting = [whole in (one + other, other + one) for whole, one, other in places]
    assert all(fitting[:CHARACTERWISE])
    assert not fitting[CHARACTERWISE]


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (123456789, "123456789"),
        (9123456789, "123456789"),
        (-123456.5, "123456"),
        ([1e300, {"k": 123456789}], "123456789"),
        (1e300, "1e+300"),
        ({"123456789": 1}, "123456789"),
    ],
)
def test_numbers_come_back_as_numbers(value: Any, secret: str) -> None:
    masker = Masker()
    masker.add(secret, Origin("secret", "N"))
    keys, text = kept(Seals(masker, ""), value)
    assert secret not in json.dumps(text)
    _, again = reading(keys, lambda _: secret, "")
    found = again.opened(text)
    assert found == value
    assert type(found) is type(value)
    assert Seals(Masker(), "").opened(text) == text


def test_a_number_that_cannot_be_had_is_a_masked_text() -> None:
    _, seals = sealing("login.pin")
    keys, text = kept(seals, [14711, 14711.5])
    assert reading(keys, lambda _: None)[1].opened(text) == [f"1{MASK}", f"1{MASK}.5"]
    assert reading(keys, lambda _: "word")[1].opened(text) == ["1word", "1word.5"]


def test_a_number_as_a_key_comes_back_as_json_has_it() -> None:
    _, seals = sealing("login.pin")
    assert returned(seals, {4711: 1, None: 2, True: 3}) == {"4711": 1, "null": 2, "true": 3}


def test_what_was_made_of_a_secret_comes_back_and_is_hidden() -> None:
    masker, seals = sealing("P", "Q")
    made = hashlib.sha256(P.encode()).hexdigest()
    masker.follow([P], made)
    keys, text = kept(seals, f"{made} {made.upper()}")
    assert keys[:2] == [[0, "marks", "1"], [1, "secret", "P"]]
    assert keys[2][:3] == [2, "made", [1]]
    other, again = reading(keys)
    assert again.opened(text) == f"{made} {made.upper()}"
    assert other.mask(f"{made} {P}") == f"{MASK} {MASK}"
    assert other.origins_of(made) == (Origin("secret", "P"),)
    assert again.sealed(made) == f"{MARK}2.0{END}"
    assert again.new_keys() == []


def test_what_overlaps_is_made_of_both() -> None:
    masker = Masker()
    masker.add("abcdefgh", Origin("secret", "P"))
    masker.add("efghijkl", Origin("input", "Q"))
    keys, text = kept(Seals(masker, "s"), "-abcdefghijkl-")
    assert keys[3][:3] == [3, "made", [1, 2]]
    assert text == f"-{MARK}3.0{END}-"
    given = {Origin("secret", "P"): "abcdefgh", Origin("input", "Q"): "efghijkl"}
    assert reading(keys, given.get, "s")[1].opened(text) == "-abcdefghijkl-"
    _, alone = reading(keys, lambda origin: given[origin] if origin.kind == "secret" else None, "s")
    assert alone.opened(text) == f"-{MASK}-"
    assert list(alone.missing) == [Origin("input", "Q")]
    assert not alone.wrong


def test_what_cannot_be_found_is_masked_and_named() -> None:
    _, seals = sealing("P", "Q")
    keys, text = kept(seals, [P, {Q: f"a {P}"}])
    _, again = reading(keys, lambda origin: Q if origin.name == "Q" else None)
    assert again.opened(text) == [MASK, {Q: f"a {MASK}"}]
    assert list(again.missing) == [Origin("secret", "P")]


def test_another_secret_is_used_as_it_is_but_opens_nothing_made_of_the_old() -> None:
    masker, seals = sealing("P")
    masker.follow([P], "made-of-it")
    keys, text = kept(seals, [f"Bearer {P}", P.upper(), "made-of-it"])
    other, again = reading(keys, lambda _: "rotated")
    assert again.opened(text) == ["Bearer rotated", "ROTATED", MASK]
    assert list(again.missing) == list(again.wrong) == [Origin("secret", "P")]
    assert other.mask("Bearer rotated") == f"Bearer {MASK}"


def test_a_form_that_fits_only_where_it_stands_is_not_made_of_another_secret() -> None:
    masker = Masker()
    masker.add("first-line\nsecond-line", Origin("secret", "P"))
    keys, text = kept(Seals(masker, "salt"), "a second-line")
    _, again = reading(keys, lambda _: "other-first\nother-second")
    assert again.opened(text) == f"a {MASK}"
    assert list(again.wrong) == [Origin("secret", "P")]


@pytest.mark.parametrize("change", ["salt", "index", "text"])
def test_a_made_text_opens_only_where_it_was_made(change: str) -> None:
    masker, seals = sealing("P", "Q")
    seals.sealed([P, Q])
    masker.follow([P], ["first-made", "second-made"])
    keys, text = kept(seals, ["first-made", "second-made"])
    if change == "index":
        keys[-1][3], keys[-2][3] = keys[-2][3], keys[-1][3]
    elif change == "text":
        for made in keys[-2:]:
            at = made[3].index(":") + 30
            made[3] = made[3][:at] + ("A" if made[3][at] != "A" else "B") + made[3][at + 1 :]
    _, again = reading(keys, salt="other" if change == "salt" else "salt")
    assert again.opened(text) == [MASK, MASK]
    assert list(again.wrong) == [Origin("secret", "P")]


@pytest.mark.parametrize("enciphered", ["scrypt:AAAA", "scrypt:A", "pbkdf2:" + "A" * 40])
def test_what_is_no_ciphertext_is_wrong(enciphered: str) -> None:
    keys = [[0, "marks", "1"], [1, "secret", "P"], [2, "made", [1], enciphered]]
    _, again = reading(keys)
    assert again.opened(f"{MARK}2.0{END}") == MASK
    assert list(again.wrong) == [Origin("secret", "P")]


@pytest.mark.parametrize("kind", ["task", "output"])
def test_what_nobody_can_give_again_is_lost_with_all_that_was_made_of_it(kind: str) -> None:
    masker, seals = sealing("P")
    masker.add("from-somewhere", Origin(kind, "fetch"))
    masker.follow([P, "from-somewhere"], "made-of-both")
    keys, text = kept(seals, ["from-somewhere", "made-of-both", P])
    assert [2, kind, "fetch"] not in keys  # it came first
    assert [3, "made", [1, 2], None] in keys
    _, again = reading(keys, lambda _: P)
    assert again.opened(text) == [MASK, MASK, P]
    assert list(again.missing) == [Origin(kind, "fetch")]
    assert not again.wrong


def test_without_an_origin_nobody_can_give_it() -> None:
    masker = Masker()
    masker.add("from-somewhere")
    keys, text = kept(Seals(masker, ""), "from-somewhere")
    _, again = reading(keys)
    assert again.opened(text) == MASK
    assert list(again.missing) == [Origin("task", "")]


def test_without_scrypt_the_other_function_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> bytes:
        raise ValueError("unsupported")

    masker, seals = sealing("P")
    masker.follow([P], "made-of-it")
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "scrypt", forbidden)
        keys, text = kept(seals, "made-of-it")
    assert keys[2][3].startswith("pbkdf2:")
    assert reading(keys)[1].opened(text) == "made-of-it"


def test_what_scrypt_made_is_wrong_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    masker, seals = sealing("P")
    masker.follow([P], "made-of-it")
    keys, text = kept(seals, "made-of-it")
    assert keys[2][3].startswith("scrypt:")
    monkeypatch.delattr(hashlib, "scrypt")
    _, again = reading(keys)
    assert again.opened(text) == MASK
    assert list(again.wrong) == [Origin("secret", "P")]


@pytest.mark.parametrize("text", [MARK, END, MARK + END, f"{MARK}1.0{END}", f"{MARK}n{END}5", "x"])
def test_marks_in_ordinary_text_come_back(text: str) -> None:
    _, seals = sealing("P")
    value = [text, {text: f"{text}{P}{text}"}]
    assert returned(seals, value) == value
    assert returned(sealing("P")[1], [text]) == [text]


def test_marks_that_were_written_before_the_table_are_ordinary_text() -> None:
    masker = Masker()
    seals = Seals(masker, "salt")
    text = f"{MARK}1.0{END}"
    before = seals.sealed(text)
    masker.add(P, Origin("secret", "P"))
    after = seals.sealed([text, P])
    again = Seals(Masker(), "salt", GIVEN.get)
    assert again.opened(before) == text
    for entry in seals.new_keys():
        again.learn(entry)
    assert again.opened(after) == [text, P]
    # ... and none is written any more, though this masker knows no secret yet.
    _, other = reading([[0, "marks", "1"]])
    assert other.opened(other.sealed(text)) == text


def test_a_secret_that_holds_marks_comes_back() -> None:
    masker = Masker()
    secret = f"a{MARK}1.0{END}b"
    masker.add(secret, Origin("secret", "P"))
    keys, text = kept(Seals(masker, ""), f"{MARK}{secret}{secret.upper()}")
    assert reading(keys, lambda _: secret, "")[1].opened(text) == f"{MARK}{secret}{secret.upper()}"


def test_values_may_nest_deeply() -> None:
    _, seals = sealing("P")
    value: Any = P
    for depth in range(2000):
        value = [value] if depth % 2 else {P: value}
    sealed = seals.sealed(value)
    _, again = reading(seals.new_keys())
    found = again.opened(sealed)
    for depth in reversed(range(2000)):
        found = found[0] if depth % 2 else found[P]
    assert found == P


def test_a_table_goes_on_where_it_ended() -> None:
    masker, seals = sealing("P")
    masker.follow([P], "made-of-it")
    keys, first = kept(seals, [P, "made-of-it"])
    other, again = reading(keys)
    other.add(Q, Origin("secret", "Q"))
    other.add(P, Origin("secret", "P"))
    more, second = kept(again, [P, Q])
    assert more == [[3, "secret", "Q"]]
    _, last = reading([*keys, *more])
    assert last.opened([first, second]) == [[P, "made-of-it"], [P, Q]]


def test_two_secrets_of_one_origin_are_not_taken_for_each_other() -> None:
    masker = Masker()
    masker.add("first-token", Origin("input", "token"))
    masker.add("second-token", Origin("input", "token"))
    keys, text = kept(Seals(masker, ""), ["first-token", "second-token"])
    given = {Origin("input", "token"): "first-token"}
    _, again = reading(keys, given.get, "")
    assert again.opened(text) == ["first-token", MASK]
    assert list(again.missing) == [Origin("input", "token (2)")]


def test_only_lines_that_may_hold_marks_are_worth_reading() -> None:
    _, seals = sealing("P")
    line = json.dumps(["E", seals.sealed(P)])
    assert holds_marks(line)
    assert holds_marks(line.encode())
    assert not holds_marks('["E", "text \\ue000"]')
    assert not holds_marks(b'["E", "text"]')


HEAD = [0, "marks", "1"]
BASE = [1, "secret", "P"]


@pytest.mark.parametrize(
    "keys",
    [
        ["text"],
        [[]],
        [None],
        [["0", "marks", "1"]],
        [[False, "marks", "1"]],
        [[0, "marks", 1]],
        [[0, "marks", "2"]],
        [[0, "secret", "P"]],
        [[1, "secret", "P"]],
        [HEAD, HEAD],
        [HEAD, [1, "marks", "1"]],
        [HEAD, [2, "secret", "P"]],
        [HEAD, [True, "secret", "P"]],
        [HEAD, [1, "secret", None]],
        [HEAD, [1, "secret"]],
        [HEAD, [1, "secret", "P", "more"]],
        [HEAD, [1, "words", "P"]],
        [HEAD, [1, ["secret"], "P"]],
        [HEAD, BASE, BASE],
        [HEAD, BASE, [2, "secret", "P"]],
        [HEAD, BASE, [2, "made", [], None]],
        [HEAD, BASE, [2, "made", [0], None]],
        [HEAD, BASE, [2, "made", [2], None]],
        [HEAD, BASE, [2, "made", [True], None]],
        [HEAD, BASE, [2, "made", ["1"], None]],
        [HEAD, BASE, [2, "made", [[1]], None]],
        [HEAD, BASE, [2, "made", [1, 1], None]],
        [HEAD, BASE, [2, "made", 1, None]],
        [HEAD, BASE, [2, "made", [1], 5]],
        [HEAD, BASE, [2, "made", [1]]],
        [HEAD, BASE, [2, "made", [1], "md5:AAAA"]],
        [HEAD, BASE, [2, "made", [1], "scrypt:ä"]],
        [HEAD, BASE, [2, "made", [1], None], [3, "made", [2], None]],
    ],
)
def test_a_malformed_entry_is_refused(keys: list[Any]) -> None:
    _, seals = reading(keys[:-1])
    with pytest.raises(ValueError, match=r"table of keys|entry|known|twice"):
        seals.learn(keys[-1])


@pytest.mark.parametrize("mark", ["0.0", "2.0", "1.13", "999999999.0"])
def test_a_mark_that_points_nowhere_is_refused(mark: str) -> None:
    _, seals = reading([HEAD, BASE])
    with pytest.raises(ValueError, match="not in the table"):
        seals.opened([f"{MARK}{mark}{END}"])
