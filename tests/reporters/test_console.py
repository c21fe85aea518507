import pytest

from kestrel_cli.reporters.console import (
    Flags,
    Output,
    Style,
    in_ci,
    look_at,
    never_fails,
    style_for,
)
from tests.reporters.builders import StringIO

TTY = Output(True, "utf-8", 100)
PIPE = Output(False, "utf-8")


@pytest.mark.parametrize(
    ("environ", "output", "flag", "colour"),
    [
        ({}, TTY, "auto", True),
        ({}, PIPE, "auto", False),
        ({"TERM": "dumb"}, TTY, "auto", False),
        ({"NO_COLOR": "1"}, TTY, "auto", False),
        ({"NO_COLOR": ""}, TTY, "auto", True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, TTY, "auto", False),
        ({"NO_COLOR": "1", "KESTREL_COLOR": "always"}, PIPE, "auto", True),
        ({"KESTREL_COLOR": "never"}, TTY, "auto", False),
        ({"KESTREL_COLOR": "never"}, PIPE, "always", True),
        ({"KESTREL_COLOR": "auto"}, TTY, "auto", True),
        ({"FORCE_COLOR": "1"}, PIPE, "auto", True),
        ({"FORCE_COLOR": "3"}, PIPE, "auto", True),
        ({"FORCE_COLOR": "0"}, TTY, "auto", False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, PIPE, "auto", True),
        ({"CLICOLOR_FORCE": "1"}, PIPE, "auto", True),
        ({"GITHUB_ACTIONS": "true"}, PIPE, "auto", True),
        ({"GITLAB_CI": "true"}, PIPE, "never", False),
        ({"CI": "true"}, PIPE, "auto", False),
    ],
)
def test_colour_follows_the_order_of_precedence(environ, output, flag, colour):
    assert style_for(environ, output, Flags(colour=flag)).colour is colour


@pytest.mark.parametrize(
    ("environ", "output", "flag", "width"),
    [
        ({}, TTY, None, 100),
        ({}, PIPE, None, 80),
        ({"COLUMNS": "60"}, TTY, None, 60),
        ({"COLUMNS": "60"}, TTY, 70, 70),
        ({"COLUMNS": "0"}, TTY, None, 100),
        ({"COLUMNS": "-5"}, TTY, None, 100),
        ({"COLUMNS": "wide"}, TTY, None, 100),
        ({"COLUMNS": "٣٠"}, TTY, None, 100),
        ({"COLUMNS": "9" * 5000}, TTY, None, 100),
        ({"COLUMNS": "100000"}, TTY, None, 1000),
        ({"COLUMNS": "5"}, TTY, None, 20),
        ({"CI": "true"}, PIPE, None, 120),
        ({"CI": "true", "COLUMNS": "90"}, PIPE, None, 90),
        ({"CI": "false"}, PIPE, None, 80),
        ({}, Output(True, "utf-8", 0), None, 80),
    ],
)
def test_width_is_flag_then_columns_then_ci_then_terminal(environ, output, flag, width):
    assert style_for(environ, output, Flags(width=flag)).width == width


@pytest.mark.parametrize(
    ("environ", "encoding", "ascii_", "unicode"),
    [
        ({}, "utf-8", False, True),
        ({}, "utf-8", True, False),
        ({}, "ascii", False, False),
        ({}, "latin-1", False, False),
        ({}, "cp1252", False, False),
        ({}, "no-such-codec", False, False),
        ({"TERM": "linux"}, "utf-8", False, False),
    ],
)
def test_unicode_needs_an_encoding_and_a_font(environ, encoding, ascii_, unicode):
    output = Output(True, encoding, 80)
    assert style_for(environ, output, Flags(ascii=ascii_)).unicode is unicode


@pytest.mark.parametrize(
    ("environ", "output", "wraps"),
    [
        ({}, TTY, True),
        ({}, PIPE, False),
        ({"TERM": "dumb"}, TTY, False),
        ({"CI": "1"}, TTY, False),
        ({"NO_COLOR": "1"}, TTY, True),
    ],
)
def test_lines_are_folded_only_for_a_person_at_a_terminal(environ, output, wraps):
    assert style_for(environ, output).wraps is wraps


@pytest.mark.parametrize("name", ["GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION"])
def test_ci_systems_are_known_by_their_variables(name):
    assert in_ci({name: "x"})
    assert not in_ci({name: ""})
    assert not in_ci({name: "0"})


def test_a_stream_without_a_descriptor_is_no_terminal():
    assert look_at(StringIO()) == Output(False, "utf-8", 0)
    assert style_for({}, look_at(StringIO())) == Style()


def test_a_terminal_that_cannot_be_asked_counts_as_a_pipe():
    class Broken(StringIO):
        def isatty(self):
            raise ValueError("closed")

    assert look_at(Broken()) == Output(False, "utf-8", 0)


def test_an_ascii_stream_takes_every_character_afterwards(tmp_path):
    path = tmp_path / "out"
    with path.open("w", encoding="ascii") as stream:
        never_fails(stream)
        stream.write("✔ \udc80")
    assert path.read_text("ascii") == "\\u2714 \\udc80"
    never_fails(StringIO())  # nothing to set there
