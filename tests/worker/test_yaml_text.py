import pytest

from kestrel_cli.worker.yaml_text import read_yaml


def test_a_document_becomes_data_and_dates_stay_text():
    assert read_yaml("a: 1\nb: [x, 2024-01-02]\n") == {"a": 1, "b": ["x", "2024-01-02"]}


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\t- x", "[" * 1_000])
def test_what_is_no_yaml_says_so(text):
    with pytest.raises(ValueError, match=r"^not valid YAML: "):
        read_yaml(text)
