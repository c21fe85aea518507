import pytest

from kestrel_cli.java.yaml_scalars import is_as_written, read, read_tagged, surprise

TABLE = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "nULL": "nULL",
    "yes": True,
    "On": True,
    "TRUE": True,
    "tRuE": "tRuE",
    "no": False,
    "OFF": False,
    "False": False,
    "y": "y",
    "N": "N",
    "0": 0,
    "-1": -1,
    "014": 12,
    "-014": -12,
    "+0_7": 7,
    "08": "08",
    "0o14": "0o14",
    "0x2_A": 42,
    "0X1F": "0X1F",
    "-0b101": -5,
    "+1": 1,
    "2_500": 2500,
    "12345678901234567890": 12345678901234567890,
    "1e3": 1000.0,
    "12e03": 12000.0,
    ".5": 0.5,
    "1.": 1.0,
    "-1.5e-3": -0.0015,
    "1e999": "Infinity",
    "2_000.5": 2000.5,
    "1.2.3": "1.2.3",
    "12:30:45": "12:30:45",
    "2024-01-01": "2024-01-01",
    "2024-13-45": "2024-13-45",
    "2024-01-01T00:00:00Z": "2024-01-01T00:00:00Z",
    "=": "=",
    "<<": "<<",
    "-": "-",
    ".": ".",
    "PT5M": "PT5M",
    "١٢": "١٢",
}


@pytest.mark.parametrize(("text", "value"), TABLE.items())
def test_plain_scalars_mean_what_they_mean_to_kestra(text, value):
    found = read(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1:30.5", "9" * 1001])
def test_numbers_that_json_cannot_carry_are_refused(text):
    with pytest.raises(ValueError, match="number"):
        read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on", "`on` is read as true"),
        ("No", "`No` is read as false"),
        ("014", "`014` is read as the number 12"),
        ("08", "`08` is read as text, not as a number"),
        ("0o17", "`0o17` is read as text, not as a number"),
        ("0x1F", "`0x1F` is read as the number 31"),
        ("2_500", "`2_500` is read as the number 2500"),
        ("+7", "`+7` is read as the number 7"),
        ("1e999", "`1e999` is too large a number: it is read as Infinity"),
    ],
)
def test_what_may_surprise_is_said(text, said):
    assert surprise(text, read(text)) == said


@pytest.mark.parametrize("text", ["true", "5", "-5", "0", "1.50", "abc", "", "2024-01-01", "10:30"])
def test_what_means_what_it_looks_like_is_no_surprise(text):
    assert surprise(text, read(text)) is None


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("017", "int", 15),
        ("x", "int", "x"),
        ("2", "float", 2.0),
        ("Off", "bool", False),
        ("x", "bool", "x"),
        ("x", "null", None),
        ("", "null", ""),
        ("5", "str", "5"),
    ],
)
def test_tags_decide(text, tag, value):
    found = read_tagged(text, f"tag:yaml.org,2002:{tag}")
    assert (found, type(found)) == (value, type(value))


def test_other_tags_make_text_and_the_mark_alone_nothing():
    assert (read_tagged("5", "!own"), read_tagged("5", "!")) == ("5", 5)


@pytest.mark.parametrize("text", ["2.50", "True", "off", "007", "+7", "-0", "1e999", "2e3"])
def test_unusual_spellings_are_known(text):
    assert not is_as_written(text, read(text))


@pytest.mark.parametrize("text", ["2.5", "true", "7", "-7", "0", "x"])
def test_usual_spellings_are_known(text):
    assert is_as_written(text, read(text))
