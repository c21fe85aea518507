"""What expressions make of the packages below them: their own errors, and the same limits."""

from functools import partial

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import date_formats, java_regex, jq, limits
from kestrel_cli.expressions.filters.numbers import number_format
from kestrel_cli.expressions.filters.text import format_text
from kestrel_cli.java import limits as java_limits
from kestrel_cli.java.date_fields import Fields
from kestrel_cli.jq import limits as jq_limits

WRONG = {
    "regular expression": partial(java_regex.compiled, "("),
    "replacement": partial(java_regex.replace_all, "a", "$7", "a"),
    "string format": partial(format_text, "%d", "x"),
    "number format": partial(number_format, 1, "0#0"),
    "date pattern": partial(date_formats.parts_of, "nobody"),
    "date reading": partial(date_formats.read, "2", "Q"),
    "jq program": partial(jq.run, "nothing at all", None),
    "jq error": partial(jq.run, 'error("x")', None),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_what_they_refuse_is_a_render_error(call):
    with pytest.raises(RenderError):
        call()


def test_a_hint_comes_along():
    with pytest.raises(RenderError) as caught:
        date_formats.write(Fields(None, 0), "MMM", "tlh")
    assert caught.value.hint == "locales: de, en, es, fr, it"


def test_jq_programs_have_javas_regular_expressions():
    assert jq.run('test("^\\\\h+$")', " \t") == [True]


@pytest.mark.parametrize("below", [java_limits, jq_limits])
def test_the_limits_are_the_same_everywhere(below):
    names = {name for name in vars(below) if name.startswith("MAX_")}
    assert {name: getattr(below, name) for name in names} == {
        name: getattr(limits, name) for name in names
    }
