import pytest

from kestrel_cli.reporters.hyperlinks import has_links, linked, parts

URI = "kestra:///a/b/c.csv"


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"VTE_VERSION": "4999"}, False),
        ({"VTE_VERSION": "6003"}, True),
        ({"VTE_VERSION": "new"}, False),
        ({"WT_SESSION": "1"}, True),
        ({"KITTY_WINDOW_ID": "1"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "tmux-256color", "WT_SESSION": "1"}, False),
        ({"WT_SESSION": "1", "KESTREL_HYPERLINKS": "0"}, False),
        ({"KESTREL_HYPERLINKS": "1"}, True),
    ],
)
def test_which_terminals_have_links(environ, wanted):
    assert has_links(environ, person=True) is wanted
    assert has_links(environ, person=False) is (environ.get("KESTREL_HYPERLINKS") == "1")


def test_addresses_in_rows_are_links_even_when_they_are_broken():
    rows = ['{"file":"kestra:///a/', 'b/c.csv","no":"kestra:///gone"}']
    found = parts(rows, "json", {URI: "file:///x"}.get)
    assert found == [
        [("json", '{"file":"'), ("link file:///x", "kestra:///a/")],
        [("link file:///x", "b/c.csv"), ("json", '","no":"kestra:///gone"}')],
    ]


def test_a_text_becomes_a_link():
    assert linked("x", None) == "x"
    assert linked("x", "file:///x") == "\x1b]8;;file:///x\x1b\\x\x1b]8;;\x1b\\"
