"""What a terminal shows while a status is put below what is written to it."""

import threading
from io import StringIO

import pyte
import pytest

from kestrel_cli.reporters.screen import Screen


class Terminal(StringIO):
    """Draws what it is given, as soon as it is given it."""

    def __init__(self, columns=40, rows=10):
        super().__init__()
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.times = 0

    def write(self, text):
        self.times += 1
        self.stream.feed(text.replace("\n", "\r\n"))
        return len(text)

    @property
    def rows(self):
        return [row.rstrip() for row in self.screen.display if row.strip()]


@pytest.fixture
def terminal():
    return Terminal()


def test_what_is_written_passes_above_the_status(terminal):
    screen = Screen(terminal)
    out = screen.over(terminal)
    out.write("one\n")
    assert screen.show([" a", " b"])
    out.write("two\nthree\n")
    assert terminal.rows == ["one", "two", "three", " a", " b"]
    screen.show([" c"])
    assert terminal.rows == ["one", "two", "three", " c"]
    screen.keep_off()
    out.write("four\n")
    assert terminal.rows == ["one", "two", "three", "four"]


def test_a_line_and_the_status_are_written_at_once(terminal):
    screen = Screen(terminal)
    screen.show([" a"])
    before = terminal.times
    screen.over(terminal).write("one\n")
    assert terminal.times == before + 1
    screen.show([" a"])  # as before: nothing is to be drawn
    assert terminal.times == before + 1


def test_a_line_that_goes_on_is_left_alone(terminal):
    screen = Screen(terminal)
    out = screen.over(terminal)
    screen.show([" a"])
    out.write("sure? ")
    assert terminal.rows == ["sure?"]
    screen.show([" b"])
    assert terminal.rows == ["sure?"]
    out.write("yes\n")
    assert terminal.rows == ["sure? yes", " b"]


def test_at_the_end_of_the_screen_it_scrolls():
    terminal = Terminal(rows=4)
    screen = Screen(terminal)
    out = screen.over(terminal)
    for number in range(9):
        out.write(f"line {number}\n")
        screen.show([f" a{number}", " b"])
    assert terminal.rows == ["line 7", "line 8", " a8", " b"]
    screen.keep_off()
    assert terminal.rows == ["line 7", "line 8"]


def test_nothing_is_shown_while_it_is_kept_off(terminal):
    screen = Screen(terminal)
    screen.show([" a"])
    with screen.kept_off():
        assert screen.is_kept_off
        screen.show([" b"])
        screen.over(terminal).write("one\n")
        assert terminal.rows == ["one"]
    screen.over(terminal).write("two\n")
    assert terminal.rows == ["one", "two"]
    screen.show([" c"])
    assert terminal.rows == ["one", "two", " c"]


def test_an_empty_status_takes_the_one_before_away(terminal):
    screen = Screen(terminal)
    screen.show([" a", " b"])
    screen.show([])
    assert terminal.rows == []


def test_whoever_writes_takes_the_newest_status_along(terminal):
    class Slow(Terminal):
        def write(self, text):
            thread = threading.Thread(target=lambda: told.append(screen.show([" new"])))
            thread.start()
            thread.join()  # the screen is busy, and it does not wait for that
            return super().write(text)

    told = []
    slow = Slow()
    screen = Screen(slow)
    screen.over(slow).write("one\n")
    assert told == [False]
    told.clear()
    screen.over(slow).write("two\n")
    assert slow.rows == ["one", "two", " new"]


def test_it_gives_way_to_who_reads_what_is_written_beside_it(terminal):
    screen = Screen(terminal)
    pipe = StringIO()
    screen.show([" a"])
    screen.beside(pipe).write("one\n")
    assert pipe.getvalue() == "one\n"
    assert terminal.rows == []
    assert not screen.show([" b"])  # whoever shows the line may need a moment
    assert terminal.rows == []


def test_streams_stay_what_they_are(terminal):
    out = Screen(terminal).over(terminal)
    assert out.write("") == 0
    out.writelines(["a\n", "b\n"])
    assert terminal.rows == ["a", "b"]
    assert not out.isatty()
