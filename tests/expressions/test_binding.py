"""Arguments of filters and functions; what does not fit fails only when it is reached."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render

CONTEXT = {"l": ["a", "b"], "s": "abc"}


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("l | join('-')", "a-b"),
        ("l | join(separator='-')", "a-b"),
        ("s | upper", "ABC"),
        ("s | upper(1, 2)", "ABC"),
        ("s | upper(x=1)", "ABC"),
        ("range(1, 3)", "[1,2,3]"),
        ("range(start=1, end=3)", "[1,2,3]"),
        ("range(1, end=3)", "[1,2,3]"),
        ("range(end=3, start=1)", "[1,2,3]"),
        ("max(1, 3, 2)", "3"),
        ("'%s %s' | format(1, 2)", "1 2"),
        ("nope | default(default='x')", "x"),
    ],
)
def test_arguments_are_given_by_place_or_by_name(expression, text):
    assert render(f"{{{{ {expression} }}}}", CONTEXT) == text


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("s | nope", "Filter [nope] does not exist."),
        ("s | nope(1)", "Filter [nope] does not exist."),
        ("nope()", "Function or Macro [nope] does not exist."),
        ("s is nope", "Test [nope] does not exist."),
        ("s is not nope", "Test [nope] does not exist."),
        ("s | default", "The 'default' filter expects an argument 'default'."),
        ("s | default()", "The 'default' filter expects an argument 'default'."),
        ("s | default(1, 2)", "The 'default' filter expects an argument 'default'."),
        ("s | default(other=1)", "The 'default' filter expects an argument 'default'."),
        ("range(1)", "The 'range' function expects an argument 'end'."),
        ("range()", "The 'range' function expects an argument 'start'."),
        (
            "range(1, 2, 3, 4)",
            "The argument at position 4 is not allowed. Only 3 argument(s) are allowed.",
        ),
        ("range(1, stop=3)", "The following named argument does not exist: stop"),
        ("range(1, start=3)", "The argument 'start' is given more than once."),
        ("range(start=1, start=3)", "The argument 'start' is given more than once."),
        ("l | join('a', separator='b')", "The argument 'separator' is given more than once."),
        ("l | join(sep='b')", "The following named argument does not exist: sep"),
        ("'%s' | format(x=1)", "The following named argument does not exist: x"),
        ("max(é=1)", "The following named argument does not exist: é"),
    ],
)
def test_arguments_that_do_not_fit_say_so(expression, message):
    with pytest.raises(RenderError) as failure:
        render(f"{{{{ {expression} }}}}", CONTEXT)
    assert str(failure.value) == message


@pytest.mark.parametrize(
    "expression", ["s | nope", "nope()", "range(1)", "l | join(sep=1)", "s is nope"]
)
def test_what_is_not_reached_does_not_fail(expression):
    assert render(f"{{{{ true ? 'fine' : ({expression}) }}}}", CONTEXT) == "fine"
    assert render(f"{{% if false %}}{{{{ {expression} }}}}{{% endif %}}fine", CONTEXT) == "fine"
