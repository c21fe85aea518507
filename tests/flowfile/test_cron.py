import pytest

from kestrel_cli.flowfile.cron import NICKNAMES, flaw_of


@pytest.mark.parametrize(
    "expression",
    [
        "*/15 * * * *",
        " 0 4 * * * ",
        "*/05 * * * *",
        "0 6 * jan-MAR MON-FRI",
        "0,30 8-18/2 1,15 * 7",
        "0 9 * * 1|3",
        "0 9 * * *||30 18 * * *",
        *NICKNAMES,
    ],
)
def test_these_are_cron_expressions(expression):
    assert flaw_of(expression) is None


@pytest.mark.parametrize(
    ("expression", "part", "words"),
    [
        ("every day", "every day", "contains 2 parts but we expect one of [5]"),
        ("* * * * * *", "* * * * * *", "contains 6 parts"),
        ("61 * * * *", "61", "`61` is no minute: a number from 0 to 59"),
        ("* 24 * * *", "24", "`24` is no hour"),
        ("* * 0 * *", "0", "`0` is no day of the month: a number from 1 to 31"),
        ("* * * * MOON", "MOON", "or one of MON, TUE, WED, THU, FRI, SAT, SUN"),
        ("* * * 13 *", "13", "`13` is no month"),
        ("*/0 * * * *", "*/0", "the step `0` of the minute is not in [1, 59]"),
        ("*/60 * * * *", "*/60", "the step `60`"),
        ("* 18-8 * * *", "18-8", "Invalid range! `18-8` of the hour goes backwards"),
        ("* * * * ?", "?", "`?` is no day of the week"),
        ("* * L * *", "L", "`L` is no day of the month"),
        ("1- * * * *", "1-", "`` is no minute"),
        ("@dayly", "@dayly", "`@dayly` is no nickname"),
        ("", "", "Empty expression!"),
    ],
)
def test_what_is_wrong_and_where(expression, part, words):
    flaw = flaw_of(expression)
    assert flaw is not None
    assert flaw.part == part
    assert words in flaw.message


def test_hints_tell_of_the_fields_and_of_near_names():
    assert flaw_of("@dayly").hint == "did you mean `@daily`?"
    assert flaw_of("0 0 * * * *").hint == "a sixth field, for seconds, needs `withSeconds: true`"
    assert flaw_of("0 0").hint.startswith("the fields are minute, hour")


def test_with_seconds_there_are_six_fields():
    assert flaw_of("*/30 * * * * *", with_seconds=True) is None
    assert "we expect one of [6]" in flaw_of("* * * * *", with_seconds=True).message
    assert flaw_of("@daily", with_seconds=True) is None
