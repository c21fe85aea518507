import pytest

from kestrel_cli.flowfile.scalars import read, surprise

# Measured with the YAML reader of Kestra itself.
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
    "tRuE": True,
    "no": False,
    "OFF": False,
    "False": False,
    "y": "y",
    "N": "N",
    "0": 0,
    "-1": -1,
    "014": 14,
    "-014": -14,
    "08": "08",
    "0o14": "0o14",
    "0x1F": "0x1F",
    "0b11": "0b11",
    "+1": "+1",
    "1_000": "1_000",
    "12345678901234567890": 12345678901234567890,
    "1e3": 1000.0,
    "12e03": 12000.0,
    ".5": 0.5,
    "1.": 1.0,
    "-1.5e-3": -0.0015,
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


@pytest.mark.parametrize("text", [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e999", "9" * 1001])
def test_numbers_that_json_cannot_carry_are_refused(text):
    with pytest.raises(ValueError, match="number"):
        read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on", "`on` is read as true"),
        ("No", "`No` is read as false"),
        ("014", "`014` is read as the number 14"),
        ("08", "`08` is read as text, not as a number"),
        ("0x1F", "`0x1F` is read as text, not as a number"),
        ("1_000", "`1_000` is read as text, not as a number"),
        ("+1", "`+1` is read as text, not as a number"),
    ],
)
def test_what_may_surprise_is_said(text, said):
    assert surprise(text, read(text)) == said


@pytest.mark.parametrize("text", ["true", "5", "-5", "0", "1.50", "abc", "", "2024-01-01", "10:30"])
def test_what_means_what_it_looks_like_is_no_surprise(text):
    assert surprise(text, read(text)) is None
