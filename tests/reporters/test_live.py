"""The layout of the status, from what is under way."""

import pytest

from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.live import status_lines, still_running
from kestrel_cli.reporters.standing import Doing, Loop, Standing

SECOND = 1_000_000
NOW = 1000 * SECOND


def doing(path="s", seconds=0.0, kind="works", until=None, attempt="", said=""):
    end = None if until is None else NOW + round(until * SECOND)
    return Doing(kind, path, NOW - round(seconds * SECOND), end, attempt, said)


def shown(*things, loops=(), ended=0, count=None, width=80, took=9, **options):
    standing = Standing(list(things), len(things) if count is None else count, list(loops), ended)
    lines = status_lines(standing, NOW, NOW - took * SECOND, width, **options)
    return ["".join(text for _, text in line).rstrip() for line in lines]


def test_a_single_thing_and_the_run_share_a_line():
    loops = [Loop("order", 37, 60, parallel=False)]
    assert shown(doing("order[37/60] > brew", 12.9), loops=loops) == [
        " ▶ order[37/60] > brew  12s · order 37/60 · 00:09"
    ]


def test_several_things_stand_below_each_other():
    loops = [Loop("order", 35, 60, parallel=True), Loop("cup", 1, 2, parallel=False)]
    things = [
        doing("par > extract", 63),
        doing("par > load", 3, attempt="attempt 2 of 3"),
        doing("again", 1, "retry", 3.2, "attempt 1 of 3"),
    ]
    assert shown(*things, loops=loops, count=5, took=3723) == [
        " ▶ par > extract  1m 3s",
        " ▶ par > load     3s (attempt 2 of 3)",
        " ↻ again          next try in 4s (attempt 1 of 3 failed)",
        "   and 2 more",
        "   order 35/60 done · cup 1/2 · 1:02:03",
    ]


def test_in_ascii():
    assert shown(doing("a", 1), doing("b", 1, "pause"), ended=3, unicode=False) == [
        " run   a  1s",
        " pause b  paused",
        "       3 ended, 00:09",
    ]


def test_nothing_under_way_leaves_the_run():
    assert shown(ended=41) == ["   41 ended · 00:09"]
    assert shown() == []
    assert shown(stopping=True) == ["   stopping · 00:09"]


@pytest.mark.parametrize(
    ("one", "note"),
    [
        (doing(kind="retry"), "is tried again"),
        (doing(kind="follow", until=4), "a new execution in 4s"),
        (doing(kind="pause", until=120), "paused for 2m 0s"),
        (doing(kind="pass", until=-1), "once more in 0s"),
        (doing(kind="turn"), "waits for its turn"),
        (doing(kind="calls", seconds=2), "2s"),
        (doing(seconds=0.9, attempt="attempt 2"), "(attempt 2)"),
    ],
)
def test_what_is_said_of_it(one, note):
    assert shown(one)[0].split("  ")[1].partition(" · ")[0] == note


def test_loops_of_one_name_are_told_once_and_not_too_many():
    loops = [Loop("a", 1, 2, False), Loop("b", 1, 3, False), Loop("b", 2, 3, False)]
    loops += [Loop("c", 1, 2, False), Loop("d", 1, 2, False)]
    assert shown(loops=loops) == ["   a 1/2 · b 1/3 · c 1/2 · 00:09"]


@pytest.mark.parametrize("width", [19, 30, 40, 60, 100])
@pytest.mark.parametrize("unicode", [True, False])
def test_no_row_is_wider_than_the_terminal(width, unicode):
    long = " > ".join(f"level_{n}[{n}/9]" for n in range(9))
    things = [doing(long, 3), doing("重" * 60), doing("x" * 200, 1, "retry", 7, "attempt 1 of 3")]
    loops = [Loop("n" * 90, 1, 2, False)]
    rows = shown(*things, loops=loops, width=width, unicode=unicode)
    assert max(map(cells, rows)) <= width


def test_the_end_of_a_path_is_what_stays():
    assert shown(doing("outer > middle[1/2] > last_of_all"), width=25)[0] == " ▶ … > last_of_all"


def test_how_long_is_more_important_than_how_often():
    one = doing("a_long_path > again", 1, "retry", 3, "attempt 1 of 3")
    assert shown(one, width=40)[0] == " ↻ a_long_path > again  next try in 3s"


def test_what_is_shown_cannot_act_on_a_terminal():
    rows = shown(doing("loop[\x1b[2J\nx]", 1), loops=[Loop("\x1b]0;t\x07o", 1, 2, False)])
    assert "\x1b" not in "".join(rows)
    assert len(rows) == 1


def test_the_line_of_a_log():
    one = doing("loop[37/60] > s", 60)
    assert still_running(Standing([one], 1, [], 0), NOW) == "still running: loop[37/60] > s (60 s)"
    again = doing("again", 1, "retry", 4, "attempt 1 of 3")
    assert still_running(Standing([again], 3, [], 0), NOW) == (
        "still waiting: again (next try in 4s, attempt 1 of 3) and 2 more"
    )
    assert still_running(Standing([], 0, [], 4), NOW) is None


def test_a_line_that_a_script_is_stuck_after_stands_below_it():
    assert shown(doing("ask", 3, said="Password: ")) == [" ▶ ask  3s · 00:09", "   │ Password:"]
    things = [doing("a", 3, said="\x1b[31mGo on? [y/N] "), doing("b", 2), doing("c", 1, said="c?")]
    assert shown(*things) == [
        " ▶ a  3s",
        "   │ Go on? [y/N]",
        " ▶ b  2s",
        " ▶ c  1s",
        "   │ c?",
        "   00:09",
    ]


def test_of_a_long_line_the_end_is_shown():
    (_, said) = shown(doing("ask", 3, said="x" * 500 + " sure?"), width=30)
    assert said == "   │ …" + "x" * 18 + " sure?"
    line = still_running(Standing([doing("ask", 60, said="x" * 500 + "?")], 1, [], 0), NOW)
    assert line == f"still running: ask (60 s, after `...{'x' * 76}?`)"
