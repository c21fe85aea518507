from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import DOUBT, Model, accept_all
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.marks import Bounds, Filled, Matches, OldName
from kestrel_cli.model.retry import Constant, Retry
from kestrel_cli.model.schema import Flaw, judge
from kestrel_cli.model.task import Dynamic, LogLevel
from kestrel_cli.tasks import registry

Short = Annotated[str, Matches("[a-z]{1,3}", "one to three letters")]


class Point(Model):
    x: int
    y: Dynamic[int] = 0


ANNOTATIONS = (
    str,
    bool,
    int,
    float,
    Duration,
    Any,
    LogLevel,
    Short,
    Point,
    Retry,
    str | None,
    int | None,
    Retry | None,
    str | list[str],
    str | list[Any] | dict[str, Any],
    bool | str,
    int | str,
    float | str,
    Duration | bool,
    list[int],
    list[Short],
    list[Dynamic[int]],
    list[Point],
    dict[str, str],
    dict[str, Dynamic[bool]],
    dict[str, list[int]],
    Dynamic[int],
    Dynamic[Duration] | None,
    Dynamic[str | list[Any]],
    Dynamic[list[str]],
    Annotated[int, Bounds(least=1, most=9)],
    Annotated[int | None, Bounds(least=1)],
    Annotated[str, Bounds(least=2, most=3)],
    Annotated[str, Filled],
    Annotated[list[int], Filled],
    Annotated[dict[str, Any], Filled],
    Annotated[int | str, Bounds(least=1)],
)

TEXTS = ("", "5", "05", "1.5", "true", "PT5S", "P1D", "{{ x }}", "abc", "INFO", "constant", "é")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.just(10**400)
    | st.sampled_from((0.0, 1.5, -2.0, 1e300))
    | st.sampled_from(TEXTS)
    | st.text(max_size=4)
)
KEYS = st.sampled_from(("x", "y", "type", "interval", "minInterval", "maxInterval", "other"))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


def model_with(annotation: object) -> type[Model]:
    return type("OneProperty", (Model,), {"__annotations__": {"held": annotation}})


MODELS = {str(annotation): model_with(annotation) for annotation in ANNOTATIONS}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
@settings(max_examples=25, deadline=None)
@given(value=VALUES)
@example({"type": "constant", "interval": "PT1S", "behavior": None})
@example({"x": 1, "y": "{{ 2 }}"})
@example([{"x": 1}, {"x": 2, "y": 3}])
@example("{{ x }}")
def test_what_is_quickly_accepted_is_also_accepted_with_the_same_value_by_pydantic(model, value):
    quick = accept_all(model, {"held": value})
    if quick is DOUBT:
        return
    judged, flaws = judge(model, {"held": value})
    assert flaws == []
    assert repr(judged) == repr(quick)
    assert judged.held is None or type(judged.held) is type(quick.held)


FLOW_VALUES = st.fixed_dictionaries(
    {"id": st.sampled_from(("a", "A.b", "-", 5)), "namespace": st.sampled_from(("x.y", "X", ""))},
    optional=dict.fromkeys(
        ("revision", "labels", "inputs", "variables", "disabled", "sla"), VALUES
    ),
)


@settings(max_examples=60, deadline=None)
@given(FLOW_VALUES)
def test_whole_flows_are_judged_alike(values):
    quick = accept_all(Flow, values)
    if quick is not DOUBT:
        judged, flaws = judge(Flow, values)
        assert (repr(judged), flaws) == (repr(quick), [])


@pytest.mark.parametrize("name", registry.names())
def test_every_task_type_has_a_schema(name):
    judged, flaws = judge(registry.find(name), {"id": "a", "type": name, "surprise": 1})
    assert judged is None
    assert Flaw("unknown-property", ("surprise",)) in flaws


def converted(annotation: object, value: object) -> object:
    judged, flaws = judge(model_with(annotation), {"held": value})
    return judged.held if judged else flaws[0]


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (str, 5, "5"),
        (str, True, "true"),
        (str, 1.0, "1.0"),
        (str, 1e7, "1.0E7"),
        (str, 1.25e-5, "1.25E-5"),
        (str, 123456789.5, "1.234567895E8"),
        (int, "5", 5),
        (int, " 5 ", 5),
        (int, 5.0, 5),
        (bool, "TRUE", True),
        (bool, 0, False),
        (float, "1.5", 1.5),
        (float, 2, 2.0),
        (Duration, 90, Duration.parse("PT1M30S")),
        (Duration, "1.5", Duration.parse("PT1.5S")),
        (list[int], ["1", 2], [1, 2]),
        (dict[str, str], {"a": 1}, {"a": "1"}),
        (Dynamic[int], "{{ 1 }}", "{{ 1 }}"),
        (int | None, None, None),
    ],
)
def test_values_are_converted_as_kestra_converts_them(annotation, value, expected):
    found = converted(annotation, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "value", "path", "wanted"),
    [
        (str, [1], (), "text"),
        (str, None, (), "text"),
        (int, "x", (), "a whole number"),
        (int, 1.5, (), "a whole number"),
        (int, True, (), "a whole number"),
        (bool, "yes", (), "true or false"),
        (float, "1..5", (), "a number"),
        (float, 10**400, (), "a number"),
        (Duration, "soon", (), "a duration such as `PT10S`"),
        (Duration, True, (), "a duration such as `PT10S`"),
        (list[int], {"a": 1}, (), "a list"),
        (list[int], [1, "x"], (1,), "a whole number"),
        (dict[str, int], [1], (), "a map"),
        (dict[str, int], {"k": "x"}, ("k",), "a whole number"),
        (Point, 5, (), "a map"),
        (Point, {"x": "y"}, ("x",), "a whole number"),
        (Literal["A", "B"], "C", (), "one of `A`, `B`"),
        (str | list[str], {"a": 1}, (), "text or a list"),
        (list[str | dict[str, int]], [{"a": "b"}], (0, "a"), "a whole number"),
        (Retry, {"type": "constantly"}, ("type",), "one of `constant`, `exponential`, `random`"),
        (Retry, "x", ("type",), "one of `constant`, `exponential`, `random`"),
        (Retry, {"type": "constant", "interval": "x"}, ("interval",), "a duration such as `PT10S`"),
        (Annotated[int, Bounds(least=1)], 0, (), "at least 1"),
        (Annotated[int, Bounds(most=1)], 2, (), "at most 1"),
        (Annotated[str, Filled], "", (), "filled"),
        (Short, "abcd", (), "one to three letters"),
        (list[Short], ["a", "B"], (1,), "one to three letters"),
    ],
)
def test_one_flaw_says_in_our_words_what_is_wanted_and_where(annotation, value, path, wanted):
    judged, flaws = judge(model_with(annotation), {"held": value})
    assert judged is None
    assert flaws == [Flaw("wrong-value", ("held", *path), wanted)]


def test_every_flaw_is_reported_at_once():
    values = {"type": "constant", "interval": 1, "maxAttempts": 0, "intervall": 2}
    _, flaws = judge(Constant, {**values, "behavior": "X"})
    assert {flaw.path for flaw in flaws} == {("maxAttempts",), ("intervall",), ("behavior",)}


def test_missing_properties_are_named():
    assert judge(Point, {})[1] == [Flaw("missing-property", ("x",))]


def test_older_names_are_read():
    class Renamed(Model):
        size: Annotated[int, OldName("length")]

    assert judge(Renamed, {"length": "3"})[0].size == 3
    assert judge(Input, {"name": "a", "type": "INT"})[0].id == "a"


def test_null_stands_for_the_default_where_there_is_one():
    assert judge(Point, {"x": "1", "y": None})[0].y == 0


def test_properties_that_hold_tasks_are_left_out():
    judged, flaws = judge(Flow, {"id": 5, "namespace": "a", "tasks": "whatever"})
    assert flaws == []
    assert judged.id == "5"


def test_keywords_of_python_keep_their_yaml_names():
    class Keyword(Model):
        if_: int
        json: str = "x"
        model_config: str = "y"

    judged, _ = judge(Keyword, {"if": "1", "json": 2, "model_config": 3})
    assert (judged.if_, judged.json, judged.model_config) == (1, "2", "3")


def test_a_secret_in_a_wrong_place_is_not_repeated():
    assert "hunter2" not in repr(judge(Point, {"x": "hunter2"})[1])
