import pytest

from kestrel_cli.expressions.generations import newer


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ env('HOME') }}", [("function `env`", 3)]),
        ("{{ 'a1' | regexMatch('[0-9]') }}", [("filter `regexMatch`", 10)]),
        ("{% if dayOfWeek(now()) == 'MONDAY' %}x{% endif %}", [("function `dayOfWeek`", 6)]),
        ("{{ inputs.a < 'b' }}", [("`<` between texts", 12)]),
        ("{{ \"#{loopOutputs('x')}\" }}", [("function `loopOutputs`", 6)]),
        ("{{ envs.home }} {{ env }} {{ x.env('a') }}", []),
        ("{{ inputs.a < 5 }} {{ a | upper }}", []),
        ("{{ 'env(1)' }} env('a')", []),
        ("{{ env(", []),
    ],
)
def test_what_kestra_1_does_not_have_is_found_with_its_place(template, expected):
    assert [(found.what, found.at) for found in newer(template)] == expected
