import pytest

from kestrel_cli.flowfile.suggest import distance, nearest, nearest_type

TYPES = (
    "io.kestra.plugin.core.log.Log",
    "io.kestra.plugin.core.log.Fetch",
    "io.kestra.plugin.core.flow.ForEach",
    "io.kestra.plugin.scripts.shell.Commands",
    "io.kestra.plugin.scripts.go.Script",
)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("log", "log", 0), ("log", "logg", 1), ("log", "lgo", 1), ("type", "tpye", 1), ("", "ab", 2)],
)
def test_distance_counts_typing_errors(one, other, apart):
    assert distance(one, other, 3) == apart


def test_distance_beyond_the_limit_is_none():
    assert distance("abcdef", "uvwxyz", 3) is None


def test_the_nearest_of_several_names_is_found():
    assert nearest("mesage", ("level", "message", "messages")) == "message"
    assert nearest("INT", ("STRING", "int")) == "int"
    assert nearest("xyz", ("message",)) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("io.kestra.plugin.core.log.Logg", TYPES[0]),
        ("io.kestra.plugin.core.logs.Log", TYPES[0]),
        ("io.kestra.plugin.core.log.log", TYPES[0]),
        ("io.kestra.plugin.core.Log", TYPES[0]),
        ("Log", TYPES[0]),
        ("io.kestra.plugin.scripts.shell.Command", TYPES[3]),
    ],
)
def test_misspelled_types_are_recognised(written, meant):
    assert nearest_type(written, TYPES) == meant


@pytest.mark.parametrize(
    "real",
    [
        "io.kestra.plugin.scripts.r.Script",
        "io.kestra.plugin.aws.s3.List",
        "com.acme.Log",
        "x" * 300,
    ],
)
def test_real_types_of_other_plugins_are_not_taken_for_typing_errors(real):
    assert nearest_type(real, TYPES) is None
