from kestrel_cli.diagnostic import Diagnostic, Position


def test_a_position_is_spelled_with_line_and_column():
    assert str(Position("flow.yaml", 9, 5)) == "flow.yaml:9:5"


def test_line_zero_means_the_whole_file():
    assert str(Position("flow.yaml", 0, 0)) == "flow.yaml"


def test_a_diagnostic_underlines_one_character_unless_it_says_more():
    found = Diagnostic("error", "unknown-type", "unknown task type", Position("f", 1, 1))
    assert (found.hint, found.source, found.length) == (None, None, 1)
