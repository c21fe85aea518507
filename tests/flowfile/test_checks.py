import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import CORE, HEAD, errors, findings, task

TASKS = "tasks:\n" + task("t")


def test_task_ids_are_unique_over_the_whole_tree():
    inner = f"  - id: s\n    type: {CORE}.flow.Sequential\n    tasks:\n" + task("a", indent=6)
    text = "tasks:\n" + task("a") + inner + "errors:\n" + task("s")
    (first, second) = [one for one in findings(text) if one.severity == "error"]
    assert (first.message, first.where.line) == ("Duplicate task id with name [a]", 10)
    assert first.hint == "the first one is in line 4"
    assert second.message == "Duplicate task id with name [s]"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("inputs", "Duplicate input with name [x]"),
        ("outputs", "Duplicate output with name [x]"),
        ("triggers", "Duplicate trigger id with name [x]"),
    ],
)
def test_other_ids_are_unique_too(kind, message):
    more = {"inputs": "type: STRING", "outputs": "type: STRING, value: v", "triggers": "type: a.B"}
    items = "".join(f"  - {{id: {name}, {more[kind]}}}\n" for name in ("x", "y", "x"))
    assert errors(f"{kind}:\n{items}{TASKS}") == [(4, message)]


def test_an_input_may_have_its_id_under_the_older_name():
    text = "inputs:\n  - {name: x, type: INT}\n  - {name: x, type: INT}\n" + TASKS
    assert errors(text) == [(3, "Duplicate input with name [x]")]


@pytest.mark.parametrize("name", ["pause", "enable", "force-run"])
def test_reserved_ids_are_refused(name):
    head = f"id: {name}\nnamespace: a\n"
    assert errors(TASKS, head) == [(-1, f"`{name}` is reserved: it cannot be the id of a flow")]


@pytest.mark.parametrize(
    ("retry", "message"),
    [
        (
            "{type: constant, interval: PT2S, maxDuration: PT1S}",
            "'interval' must be less than 'maxDuration'",
        ),
        (
            "{type: exponential, interval: PT9S, maxInterval: PT9S}",
            "'interval' must be less than 'maxInterval'",
        ),
        (
            "{type: random, minInterval: PT2S, maxInterval: PT1S}",
            "'minInterval' must be less than 'maxInterval'",
        ),
        (
            "{type: random, minInterval: PT1S, maxInterval: PT3S, maxDuration: PT2S}",
            "'maxInterval' must be less than 'maxDuration'",
        ),
    ],
)
def test_retry_lengths_have_an_order(retry, message):
    assert errors("tasks:\n" + task("a", f"retry: {retry}")) == [(4, message)]
    assert errors(f"retry: {retry}\n{TASKS}") == [(1, message)]


def test_a_sound_retry_is_accepted():
    retry = "retry: {type: exponential, interval: 1, maxInterval: PT3S, maxDuration: PT2S}"
    assert errors("tasks:\n" + task("a", retry)) == []


def test_ignored_properties_are_said():
    found = findings("extend: {}\nworkerGroup: {key: x}\n" + TASKS)
    assert [(one.severity, one.code) for one in found] == [
        ("info", "ignored"),
        ("warning", "enterprise"),
    ]


def test_listeners_are_told_of_and_their_ids_count():
    listeners = "listeners:\n  - tasks:\n" + task("late", indent=6)
    (found,) = findings(listeners + TASKS)
    assert (found.severity, found.where.line) == ("warning", 3)
    assert found.message == ("Kestra 1.3 runs `listeners` after the end, Kestra 2 has removed them")
    twice = listeners.replace("late", "t") + TASKS
    assert errors(twice) == [(7, "Duplicate task id with name [t]")]
    with pytest.raises(FlowFileError):
        load_bytes((HEAD + listeners + TASKS).encode(), "x", compat=2)


def test_the_other_properties_of_a_flow_are_accepted():
    text = (
        "revision: 3\ndisabled: false\ntriggers:\n  - {id: x, type: a.B, cron: '@daily'}\n"
        "sla:\n  - {id: s, type: MAX_DURATION, behavior: FAIL, duration: PT1S}\n"
        "checks:\n  - {condition: 'a', message: m}\nconcurrency: {limit: 1}\n"
        "pluginDefaults:\n  - {type: a.B, values: {x: 1}}\nvariables: {a: {b: [1]}}\n"
    )
    assert findings(text + TASKS) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on: 1", [(1, "unknown property `on`")]),
        ("description: on", []),
    ],
)
def test_surprising_scalars_are_infos_not_errors(text, expected):
    assert errors(f"{text}\n{TASKS}") == expected


def test_an_info_says_how_a_scalar_was_read():
    (found,) = findings("variables: {v: on}\n" + TASKS)
    assert (found.severity, found.message) == ("info", "`on` is read as true")


@pytest.mark.parametrize(
    ("kind", "name"), [("MAX_DURATION", "duration"), ("EXECUTION_ASSERTION", "assert")]
)
def test_a_promise_needs_what_it_is_about(kind, name):
    text = f"sla:\n  - {{id: s, type: {kind}, behavior: FAIL}}\n"
    assert errors(text + TASKS) == [(2, f"missing property `{name}`")]
    assert errors(text.replace("FAIL", f"FAIL, {name}: PT1S") + TASKS) == []


def test_the_type_of_an_output_is_one_of_kestras():
    (found,) = findings("outputs:\n  - {id: o, type: STRIN, value: x}\n" + TASKS)
    assert (found.message, found.hint) == (
        "Invalid type: STRIN",
        "did you mean `STRING`?",
    )
    assert errors("outputs:\n  - {id: o, type: FORM, value: x}\n" + TASKS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("checks: [{condition: '', message: m}]", "`checks[0].condition` must not be empty"),
        ("checks: [{condition: a, message: ''}]", "`checks[0].message` must not be empty"),
        (
            "sla: [{id: '', type: MAX_DURATION, behavior: FAIL, duration: PT1S}]",
            "`sla[0].id` must not be empty",
        ),
        (
            "sla: [{id: s, type: MAX_DURATION, behavior: NONE, duration: PT1S, "
            "labels: {system.a: b}}]",
            "System labels can only be set by Kestra itself, offending label: system.a=b",
        ),
        (
            "outputs: [{id: a b, type: STRING, value: x}]",
            "`outputs[0].id` must be letters, digits, `.`, `_` and `-`, starting with a letter or "
            "digit",
        ),
        ("pluginDefaults: [{type: a.B}]", "Invalid Plugin Default: No 'values' provided"),
    ],
)
def test_parts_of_a_flow_say_what_they_have_to(text, message):
    assert errors(f"{text}\n{TASKS}") == [(1, message)]
