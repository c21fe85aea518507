import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.check import check
from kestrel_cli.expressions.look_alikes import hint_for


@pytest.mark.parametrize(
    ("source", "at", "hint"),
    [
        ("{{ a ?? \u2018x\u2019 }}", 8, "write `'`"),
        ("{{ a ?? \u201cx\u201d }}", 8, 'write `"`'),
        ("{{ 1 \u2013 2 }}", 5, "write `-`"),
        ("{{ 1 \uff0b 2 }}", 5, "write `+`"),
        ("{{ a \uff5d\uff5d", 5, "write `}`"),
        ("{{ a && b }}", 5, "write `and`"),
        ("{{\u00a0a }}", 2, "this is a no-break space: write a plain one"),
        ("{{ a\u200b }}", 4, "this character cannot be seen: take it out"),
        ("{{ a; }}", 4, None),
    ],
)
def test_what_to_write_in_place_of_a_character_is_told(source, at, hint):
    with pytest.raises(RenderError) as refused:
        check(source)
    assert (refused.value.at, refused.value.hint) == (at, hint)
    assert refused.value.phrase == f"Unexpected character [{source[at]}]"


@pytest.mark.parametrize("source", ["{{ 'it\u2019s' }} \u201cas said\u201d", "{{\u3000'x'\u2003}}"])
def test_texts_may_hold_any_and_javas_white_space_is_white_space(source):
    check(source)


def test_ordinary_letters_have_no_other_meaning():
    assert hint_for("\u00e9") is None
