import time

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.worker.context import explained
from kestrel_cli.worker.interrupts import AttemptKilled, AttemptTimedOut
from tests.support.flows import leaf
from tests.worker.working import Work

INPUTS = {
    "n": 5,
    "f": 2.0,
    "yes": True,
    "null": None,
    "text": "hi",
    "list": [1, None],
    "map": {"a": 1},
    "json": '{"k": [1]}',
}


@pytest.fixture
def ctx():
    return Work(leaf("t"), inputs=INPUTS).context()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("{{ inputs.n }}", "5"),
        ("{{ inputs.yes }} {{ inputs.null }}!", "true !"),
        ("{{ inputs.list }}", "[1,null]"),
        (5, "5"),
        (2.0, "2.0"),
        (True, "true"),
        (None, ""),
        ({"{{ inputs.text }}": "{{ inputs.n }}", "n": 1}, '{"hi":"5","n":1}'),
        (["{{ inputs.text }}", None, 1], '["hi",null,1]'),
    ],
)
def test_everything_has_a_text(ctx, value, text):
    assert ctx.text(value) == text


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("{{ inputs.n }}", 5),
        ("{{ inputs.list }}", [1, None]),
        ("{{ inputs.null }}", None),
        ("n={{ inputs.n }}", "n=5"),
        (7, 7),
        ({"a": "{{ inputs.n }}"}, {"a": "{{ inputs.n }}"}),
    ],
)
def test_a_lone_expression_keeps_its_type(ctx, value, kept):
    assert ctx.typed(value) == kept


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (
            {"a": "{{ inputs.n }}", "b": {"{{ inputs.text }}": ["{{ inputs.yes }}"]}},
            {"a": "5", "b": {"hi": ["true"]}},
        ),
        ("{{ inputs.map }}", {"a": 1}),
        ("{{ inputs.json }}", {"k": [1]}),
        ("[1, 2]", [1, 2]),
        ([1, None, 2.5, False], [1, None, 2.5, False]),
        ({"{{ inputs.text }}": 1, "hi": 2}, {"hi": 1}),
        (7, 7),
        (None, None),
    ],
)
def test_a_structure_is_rendered_inside(ctx, value, data):
    assert ctx.structure(value) == data


@pytest.mark.parametrize("value", ["hi", "5", '"a"', "{{ inputs.n }}", "", "[" * 100_000])
def test_a_text_that_is_no_structure_fails(ctx, value):
    with pytest.raises(
        TaskFailed, match=r"^expected an expression that gives a map or a list, got: "
    ):
        ctx.structure(value)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        (["{{ inputs.n }}", 1], ["{{ inputs.n }}", 1]),
        ("{{ inputs.list }}", [1, None]),
        ("[]", []),
    ],
)
def test_items_are_those_of_the_list_as_it_stands_or_of_an_expression(ctx, value, items):
    assert ctx.items(value) == items


@pytest.mark.parametrize("value", ["{{ inputs.map }}", {"a": 1}])
def test_a_map_has_no_items(ctx, value):
    with pytest.raises(TaskFailed, match=r"^expected a list, got a map$"):
        ctx.items(value)


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3), ("3", 3), (" 4 ", 4), ("{{ inputs.n }}", 5), ("-1", -1)]
)
def test_whole_numbers(ctx, value, number):
    assert ctx.integer(value) == number


@pytest.mark.parametrize("value", ["", "x", "1.5", "{{ inputs.f }}", True, None])
def test_what_is_no_whole_number_fails(ctx, value):
    with pytest.raises(TaskFailed, match=r"^expected a whole number, got `.*`$"):
        ctx.integer(value)


@pytest.mark.parametrize(
    ("value", "truth"),
    [(True, True), (False, False), ("TRUE", True), (" false ", False), ("{{ inputs.yes }}", True)],
)
def test_booleans(ctx, value, truth):
    assert ctx.boolean(value) is truth


@pytest.mark.parametrize("value", ["", "yes", "1", 1, None])
def test_what_is_no_boolean_fails(ctx, value):
    with pytest.raises(TaskFailed, match=r"^expected true or false, got `.*`$"):
        ctx.boolean(value)


@pytest.mark.parametrize(
    ("value", "nanos"),
    [(Duration(5), 5), ("PT1S", 10**9), ("{{ inputs.n }}", 5 * 10**9), (2, 2 * 10**9)],
)
def test_durations(ctx, value, nanos):
    assert ctx.duration(value) == nanos


def test_what_is_no_duration_fails(ctx):
    with pytest.raises(TaskFailed, match=r"^`hi` is not a duration"):
        ctx.duration("{{ inputs.text }}")


@pytest.mark.parametrize(
    ("value", "level"), [("INFO", "INFO"), ("warn", "WARN"), ("{{ 'debug' }}", "DEBUG")]
)
def test_levels(ctx, value, level):
    assert ctx.level(value) == level


def test_what_is_no_level_fails_and_lists_them(ctx):
    with pytest.raises(TaskFailed) as failure:
        ctx.level("{{ inputs.text }}")
    assert str(failure.value) == "`HI` is no log level: use TRACE, DEBUG, INFO, WARN, ERROR"


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ("true", True),
        ("{{ inputs.text }}", True),
        ("False", True),
        ("null", True),
        ("0.0", True),
        ("{{ inputs.list }}", True),
        ("false", False),
        (" false\n", False),
        ("", False),
        ("0", False),
        ("-0", False),
        ("{{ inputs.null }}", False),
    ],
)
def test_a_condition_is_false_by_its_text(ctx, condition, truth):
    assert ctx.truthy(condition) is truth


@pytest.mark.parametrize(
    "method", ["text", "typed", "structure", "integer", "boolean", "duration", "level", "truthy"]
)
def test_a_template_that_fails_fails_everywhere(ctx, method):
    with pytest.raises(RenderError, match="Unable to find `nope`"):
        getattr(ctx, method)("{{ nope }}")


# -- logs


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(0, [0]), (15_360, [15_360]), (15_361, [15_360, 1]), (40_000, [15_360, 15_360, 9_280])],
)
def test_a_long_message_becomes_several(length, pieces):
    work = Work(leaf("t"))
    message = "0123456789" * (length // 10) + "x" * (length % 10)
    work.context().log("INFO", message)
    assert [len(line.message) for line in work.lines] == pieces
    assert "".join(line.message for line in work.lines) == message


@pytest.mark.parametrize(
    ("least", "kept"),
    [
        (None, ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]),
        ("TRACE", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]),
        ("INFO", ["INFO", "WARN", "ERROR"]),
        ("ERROR", ["ERROR"]),
    ],
)
def test_a_task_keeps_messages_from_its_log_level_on(least, kept):
    work = Work(leaf("t", logLevel=least))
    ctx = work.context()
    for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR"):
        ctx.log(level, "x")
    assert [level for level, _ in work.logs()] == kept


def test_measures_of_one_kind_name_and_tags_add_up():
    ctx = Work(leaf("t")).context()
    ctx.count("a", 1)
    ctx.time("a", 0.5)
    ctx.count("a", 2)
    ctx.time("a", 0.25)
    ctx.count("a", 4, {"x": "y"})
    assert [(m.kind, m.name, m.value, m.tags) for m in ctx.metrics] == [
        ("counter", "a", 3.0, {}),
        ("timer", "a", 0.75, {}),
        ("counter", "a", 4.0, {"x": "y"}),
    ]


def test_equal_tags_are_kept_once_and_in_their_order():
    one, other = Work(leaf("t")).context(), Work(leaf("t")).context()
    for ctx, names in ((one, "xy"), (other, "xy"), (other, "yx")):
        ctx.count(names, 1, dict.fromkeys(names, "1"))
    tags = [m.tags for ctx in (one, other) for m in ctx.metrics]
    assert tags[0] is tags[1]
    assert [list(each) for each in tags] == [["x", "y"], ["x", "y"], ["y", "x"]]


def test_tags_that_the_task_changes_later_are_what_they_were():
    ctx = Work(leaf("t")).context()
    tags = {"a": "1"}
    ctx.count("n", 1, tags)
    tags["a"] = "2"
    assert ctx.metrics[0].tags == {"a": "1"}


# -- time


def test_elapsed_counts_from_the_beginning(ctx):
    ctx.begin(None)
    time.sleep(0.01)
    assert 0.01 <= ctx.elapsed() < 5


@pytest.mark.parametrize("seconds", [-1, 0, 0.01])
def test_a_sleep_without_a_limit_takes_its_time(ctx, seconds):
    ctx.begin(None)
    ctx.sleep(seconds)
    assert ctx.elapsed() >= max(seconds, 0)


def test_a_sleep_ends_at_the_deadline_even_where_no_alarm_rings(ctx):
    ctx.begin(0.02)
    with pytest.raises(AttemptTimedOut):
        ctx.sleep(30)
    assert 0.02 <= ctx.elapsed() < 5


def test_a_sleep_within_the_limit_is_slept(ctx):
    ctx.begin(5)
    ctx.sleep(0.01)
    assert ctx.elapsed() >= 0.01


def test_a_sleep_after_the_deadline_ends_at_once(ctx):
    ctx.begin(0)
    with pytest.raises(AttemptTimedOut):
        ctx.sleep(1)


def test_a_request_while_logging_is_raised_after_the_line():
    work = Work(leaf("t"))
    ctx = work.context()
    write = ctx._write

    def written_while_a_signal_comes(level, message):
        work.interrupts.kill(2)
        write(level, message)

    ctx._write = written_while_a_signal_comes
    work.interrupts.begin()
    with pytest.raises(AttemptKilled):
        ctx.log("INFO", "x")
    assert work.logs() == [("INFO", "x")]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RenderError("no", hint="yes"), "no\nhint: yes"),
        (RenderError("no"), "no"),
        (TaskFailed("no"), "no"),
        (ValueError("no"), "no"),
    ],
)
def test_a_failure_is_explained_with_its_hint_on_a_line_of_its_own(error, text):
    assert explained(error) == text
