import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load, load_bytes
from kestrel_cli.flowfile.diagnostics import render
from tests.flowfile.loading import HEAD, LOG, task
from tests.flowfile.timing import at_most

FLOW = (
    HEAD
    + "labels: {a: b}\ninputs:\n  - id: i\n    type: INT\n    dependsOn: {inputs: [i]}\n"
    + f"pluginDefaults:\n  - type: {LOG}\n    values: {{level: INFO}}\n"
    + "tasks:\n"
    + task("t", "retry:", "  type: constant", "  interval: PT1S", "message: '{{ inputs.i }}'")
    + "  - id: s\n    type: io.kestra.plugin.core.flow.Switch\n    value: x\n    cases:\n      a:\n"
    + task("u", indent=6)
    + "outputs:\n  - id: o\n    type: INT\n    value: 1\n"
).encode()


def attempt(data):
    """Load it; only a FlowFileError may come out, with findings that can be shown."""
    with at_most(2):
        try:
            loaded = load_bytes(data, "x", max_depth=200)
        except FlowFileError as problem:
            found = problem.diagnostics
            failed = True
        else:
            found = loaded.warnings
            failed = False
        assert failed is any(one.severity == "error" for one in found)
        assert all(render(one) for one in found)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
@example(b"\xff\xfe\x00")
@example(b"!<!>")
@example(b"&\n*")
@example(b"%YAML 1.1\n%TAG ! x\n---\n! a")
@example(b"? ? ?\n: - :")
def test_no_bytes_make_anything_but_a_finding(data):
    attempt(data)
    attempt(HEAD.encode() + data)


EDITS = st.lists(
    st.tuples(
        st.integers(0, len(FLOW)),
        st.integers(0, 6),
        st.binary(max_size=2)
        | st.sampled_from(
            (
                *(
                    b"  ",
                    b"\n",
                    b"- ",
                    b": ",
                    b"{",
                    b"}",
                    b"[",
                    b"]",
                    b"&a ",
                    b"*a",
                    b"!!set ",
                    b"|",
                ),
                *(b"'", b'"', b"~", b"1e400", b".nan", b"{{ x", b"\t", b"\r", b"<<: ", b"? ", b"5"),
            )
        ),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=400, deadline=None)
@given(EDITS)
def test_no_mutation_of_a_flow_makes_anything_but_findings(edits):
    data = FLOW
    for place, removed, inserted in edits:
        data = data[:place] + inserted + data[place + removed :]
    attempt(data)


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 9)
    | st.sampled_from(("", "a", "a-b", "{{ x }}", LOG)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("id", "type", "tasks", "cases", "values", "inputs", "key", "value", "x")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
TOP = st.sampled_from(
    (
        *(
            "id",
            "namespace",
            "labels",
            "inputs",
            "outputs",
            "tasks",
            "errors",
            "finally",
            "triggers",
        ),
        *("pluginDefaults", "retry", "sla", "checks", "concurrency", "variables", "listeners"),
        *("disabled", "description", "revision"),
    )
)


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(TOP, ANY, max_size=6))
def test_no_shape_of_values_makes_anything_but_findings(values):
    attempt(json.dumps({"id": "a", "namespace": "b", "tasks": [], **values}).encode())


@pytest.mark.parametrize(
    "text",
    [
        "[" + "a," * 50_000 + "]",
        "[" + "[]," * 30_000 + "]",
        "\n" + "".join(f"k{number}: 1\n" for number in range(10_000)),
        "\n" + "k: 1\n" * 50_000,
        "\n" + "-\n" * 50_000,
        '"' + "\\x41" * 80_000 + '"',
        "1\n" + "# c\n" * 80_000,
        "a" + ":a" * 150_000,
        "[a" + " " * 300_000 + "x",
        "\n" + "\ttasks:\n" * 30_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hostile_files_are_judged_in_seconds(text):
    with at_most(1.5), pytest.raises(FlowFileError):
        load_bytes(f"{HEAD}x: {text}".encode(), "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", "this is not a flow: it is a list, not a map"),
        ("hello\n", "this is not a flow: it is a text, not a map"),
        ("version: 2\nservices: {}\n", "this is not a flow: it has no `tasks`"),
        (
            "id: a\nnamespace: b\nflowId: c\ntestCases: []\n",
            "this is not a flow: it has no `tasks`",
        ),
    ],
)
def test_other_files_are_told_apart_from_flows(text, message):
    with pytest.raises(FlowFileError) as caught:
        load_bytes(text.encode(), "x")
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("not-a-flow", message)
    assert found.hint == (
        "it is a suite of tests: `kestrel test x` runs it" if "testCases" in text else None
    )


def test_a_flow_without_tasks_lacks_tasks():
    with pytest.raises(FlowFileError) as caught:
        load_bytes(HEAD.encode(), "x")
    assert [one.message for one in caught.value.diagnostics] == ["missing property `tasks`"]


def test_a_file_is_loaded_by_path(tmp_path):
    path = tmp_path / "flow.yaml"
    path.write_bytes(FLOW.replace(b"dependsOn: {inputs: [i]}", b""))
    loaded = load(str(path))
    assert loaded.flow.where.file == str(path)
    assert loaded.warnings == ()


def test_thousands_of_errors_end_with_the_thousandth():
    with pytest.raises(FlowFileError) as caught:
        load_bytes((HEAD + "tasks:\n" + "  - id: a\n" * 3000).encode(), "x")
    assert len(caught.value.diagnostics) == 1000


def test_ten_thousand_lines_are_read_in_about_a_second():
    text = HEAD + "tasks:\n" + "".join(task(f"t{number}", "level: INFO") for number in range(2500))
    with at_most(2):
        assert len(load_bytes(text.encode(), "x").flow.tasks) == 2500


def test_what_stands_behind_an_unquoted_expression_is_found_too():
    data = (
        b"id: a\nnamespace: b\ntasks:\n"
        b"  - {id: x, type: io.kestra.plugin.core.log.Logg, message: hi}\n"
        b"  - id: y\n    type: io.kestra.plugin.core.debug.Return\n    format: {{ a }}\n"
        b"  - id: y\n    type: io.kestra.plugin.core.debug.Return\n    format: {{ b.c }} d\n"
    )
    with pytest.raises(FlowFileError) as refusal:
        load_bytes(data, "x")
    assert [(one.where.line, one.code) for one in refusal.value.diagnostics] == [
        (4, "unknown-type"),
        (7, "unquoted-expression"),
        (8, "duplicate-id"),
        (10, "unquoted-expression"),
    ]
