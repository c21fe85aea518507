from kestrel_cli.model.state import State
from kestrel_cli.reporters.style import ASCII, LOOKS, ROLES, UNICODE, painted, sgr


def test_every_state_has_a_look_in_known_colours():
    assert set(LOOKS) == set(State)
    for look in LOOKS.values():
        assert look.role in ROLES
        assert look.ascii.isascii()
        assert len(look.glyph) == 1


def test_failures_can_be_told_without_colour():
    glyphs = {LOOKS[state].glyph for state in (State.SUCCESS, State.WARNING, State.FAILED)}
    assert len(glyphs) == 3


def test_line_characters_have_one_width_in_both_sets():
    assert all(piece.isascii() for piece in ASCII)
    for name in ("branch", "last", "bar", "blank"):
        assert len(getattr(ASCII, name)) == len(getattr(UNICODE, name)) == 4


def test_roles_become_codes():
    assert sgr("FAIL") == "\x1b[1;31m"
    assert sgr("plain") == ""
    assert painted("INFO", "x", colour=True) == "\x1b[32mx\x1b[0m"
    assert painted("INFO", "x", colour=False) == painted("plain", "x", colour=True) == "x"
