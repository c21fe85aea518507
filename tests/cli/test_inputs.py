import io

import pytest

from kestrel_cli.cli.inputs import env_lines, read_inputs, read_inputs_file, read_option
from kestrel_cli.errors import UsageError
from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Flow, Input


def flow(*inputs):
    made = [accept_all(Input, {"type": "STRING", **one}) for one in inputs]
    return made_of(Flow, {"id": "f", "namespace": "team", "inputs": made})


def read(*options, file=None, inputs=(), stdin=""):
    return read_inputs(flow(*inputs), options, file, stdin=io.StringIO(stdin))


def complaint(act, *arguments):
    with pytest.raises(UsageError) as failure:
        act(*arguments)
    return str(failure.value)


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ("a=b", "a", "b"),
        ("a=", "a", ""),
        ("a=b=c", "a", "b=c"),
        ("a=x:=1", "a", "x:=1"),
        ("nested.more=1", "nested.more", "1"),
        ("a=@@me", "a", "@me"),
        ("a:=1", "a", 1),
        ('a:=["b", null]', "a", ["b", None]),
        ('a:="1"', "a", "1"),
    ],
)
def test_an_option_is_a_name_and_a_text_or_json(option, name, value):
    assert read(option) == {name: value}


@pytest.mark.parametrize(
    ("option", "reason"), [("a", "has no `=`"), ("=1", "has no name"), (":=1", "has no name")]
)
def test_an_option_without_name_or_value_is_refused_with_the_forms_there_are(option, reason):
    assert complaint(read, option) == (
        f"`-i {option}` {reason}: write `-i name=value`, `-i name=@file` or `-i name:=json`"
    )


def test_json_that_cannot_be_read_is_refused_with_its_place():
    assert complaint(read, "a:={'b': 1}") == (
        "`-i a:=`: not valid JSON: "
        "Expecting property name enclosed in double quotes at line 1, column 2"
    )


def test_json_nested_too_deeply_is_refused():
    assert "not valid JSON" in complaint(read, "a:=" + "[" * 100_000)


def test_a_file_input_gets_the_path_and_others_the_content(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("x,y\n", encoding="utf-8")
    inputs = [{"id": "file", "type": "FILE"}, {"id": "text"}]

    assert read(f"file=@{path}", f"text=@{path}", inputs=inputs) == {
        "file": str(path),
        "text": "x,y\n",
    }


def test_content_can_come_from_stdin():
    assert read("a=@-", stdin="hello") == {"a": "hello"}


@pytest.mark.parametrize("type_name", ["FILE", "STRING"])
@pytest.mark.parametrize(
    ("name", "reason"), [("none", "no such file"), ("", "that is a directory")]
)
def test_a_path_that_is_no_file_is_refused(tmp_path, type_name, name, reason):
    path = tmp_path / name if name else tmp_path
    inputs = [{"id": "a", "type": type_name}]

    with pytest.raises(UsageError) as failure:
        read(f"a=@{path}", inputs=inputs)

    assert str(failure.value) == f"`-i a=@{path}`: {reason}"


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "binary"
    path.write_bytes(b"ab\xff")

    assert complaint(read, f"a=@{path}") == f"`-i a=@{path}`: not UTF-8 text (byte 2)"


def test_a_later_option_beats_an_earlier_one_and_any_option_the_file(tmp_path):
    path = tmp_path / "inputs.json"
    path.write_text('{"a": 1, "b": 2, "c": 3}', encoding="utf-8")

    assert read("b=x", "b=y", file=str(path)) == {"a": 1, "b": "y", "c": 3}


def test_an_option_beats_the_same_input_in_a_nested_map_of_the_file(tmp_path):
    path = tmp_path / "inputs.yaml"
    path.write_text("nested: {a: 1, b: 2}\n", encoding="utf-8")
    inputs = [{"id": "nested.a"}, {"id": "nested.b"}]

    assert read("nested.a=x", file=str(path), inputs=inputs) == {"nested.a": "x", "nested.b": 2}


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("i.yaml", "a: 1\nb: [x]\nday: 2019-10-06\n", {"a": 1, "b": ["x"], "day": "2019-10-06"}),
        ("i.yml", "", {}),
        ("i.json", '\ufeff{"a": {"b": 1}}', {"a": {"b": 1}}),
        ("i.env", "A=1\n# no\nexport B='x y'\n", {"A": "1", "B": "x y"}),
        (".env", "A=1", {"A": "1"}),
        ("i.yaml", "1: x", {"1": "x"}),
    ],
)
def test_an_inputs_file_is_read_by_its_name(tmp_path, name, text, values):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    assert read_inputs_file(str(path)) == values


def test_a_dash_is_yaml_on_stdin():
    assert read(file="-", stdin="a: 1") == {"a": 1}


def test_another_yaml_reader_can_be_used():
    stdin = io.StringIO("text")

    assert read_inputs_file("-", stdin, lambda text: {"read": text}) == {"read": "text"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("i.json", "[1]", "expected a map of input names to values"),
        ("i.json", '{"a" 1}', "not valid JSON: Expecting ':' delimiter at line 1, column 6"),
        ("i.yaml", "- a", "expected a map of input names to values"),
        ("i.yaml", "a: ]", "found ']' at line 1, column 4"),
        ("i.toml", "a=1", "the name must end in .yaml, .yml, .json or .env"),
    ],
)  # fmt: skip
def test_an_inputs_file_that_cannot_be_read_is_refused(tmp_path, name, text, reason):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    found = complaint(read_inputs_file, str(path))

    assert found.startswith(f"`--inputs-file {path}`: ")
    assert reason in found


def test_an_inputs_file_that_is_not_there_is_refused():
    assert complaint(read_inputs_file, "no.yaml") == "`--inputs-file no.yaml`: no such file"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b c", "b c"),
        ("A = b", "b"),
        ("A=b # note", "b"),
        ("A=b#c", "b#c"),
        ("A='b # c' # note", "b # c"),
        (r'A="b\n\"c\" \\ \$d"', 'b\n"c" \\ $d'),
        ("A=", ""),
        ("A=''", ""),
        ("A=$HOME", "$HOME"),
    ],
)
def test_lines_of_an_env_file_read_as_in_a_shell_without_expansion(line, value):
    assert dict(env_lines(line, ".env")) == {"A": value}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A=1\nB", ".env:2: expected NAME=VALUE"),
        ("=1", ".env:1: expected NAME=VALUE"),
        ("A='b", ".env:1: the quote ' is not closed, or something follows it"),
        ('A="b"c', '.env:1: the quote " is not closed, or something follows it'),
    ],
)
def test_a_line_of_an_env_file_that_cannot_be_read_is_refused(text, reason):
    assert complaint(lambda: list(env_lines(text, ".env"))) == reason


def test_one_option_can_be_read_by_itself():
    assert read_option("a=1", frozenset()) == ("a", "1")
