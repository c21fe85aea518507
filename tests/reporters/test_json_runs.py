"""The fast writer says what `shape.run_shape` says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Metric
from kestrel_cli.reporters.json_runs import RunTexts
from kestrel_cli.reporters.json_values import Layout, Values
from kestrel_cli.reporters.shape import run_shape
from tests.reporters.builders import START, add, block, each_switch, loop, new_execution
from tests.reporters.test_shape import seed_execution

HISTORIES = st.lists(
    st.tuples(st.sampled_from(State), st.integers(0, 2 * START)), min_size=1, max_size=6
).map(lambda history: [(State.CREATED, 0), *sorted(history, key=lambda entry: entry[1])])
METRICS = st.lists(
    st.builds(
        Metric,
        st.sampled_from(["counter", "timer", "gauge"]),
        st.text(),
        st.floats(-1e6, 1e6),
        st.dictionaries(st.text(), st.text()),
    ),
    max_size=2,
)


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("execution", [seed_execution(), each_switch(True), loop(5)])
def test_fast_and_plain_text_are_equal(execution, indent):
    layout = Layout(indent)
    for level in (0, 2, 90):
        texts, values = RunTexts(execution, layout, level), Values(layout)
        for run in execution.runs:
            assert texts.text(run) == values.text(run_shape(execution, run), level)


@given(
    st.text(),
    st.none() | st.text(),
    st.none() | st.integers(),
    st.none() | st.dictionaries(st.text(), st.integers() | st.lists(st.text())),
    HISTORIES,
    st.lists(st.builds(Attempt, HISTORIES, METRICS, st.none() | st.text()), max_size=3),
)
def test_fast_and_plain_data_are_equal_for_any_run(
    namespace, value, iteration, outputs, history, attempts
):
    execution = new_execution(namespace)
    parent = add(execution, block("each"))
    run = add(execution, "log", parent, value=value, iteration=iteration)
    run.outputs, run.history, run.attempts = outputs, history, attempts
    text = RunTexts(execution, Layout(2), 2).text(run)
    assert json.dumps(json.loads(text)) == json.dumps(run_shape(execution, run))


def test_dates_of_many_runs_do_not_pile_up():
    execution = loop(5000)
    texts = RunTexts(execution, Layout(None))
    for run in execution.runs:
        assert texts.text(run)
    assert len(texts._run_state._dates) < 5000


def test_one_writer_serves_several_executions():
    first, second = each_switch(), loop(2)
    second.id, second.flow.namespace = first.id[::-1], "other"
    texts, values = RunTexts(first, Layout(2)), Values(Layout(2))
    for execution in (first, second, first):
        texts.turn_to(execution)
        for run in execution.runs:
            assert texts.text(run) == values.text(run_shape(execution, run))


def test_what_looks_like_a_place_for_a_value_is_text():
    execution = new_execution("%s of % and %%d")
    run = add(execution, "log", value="%s")
    run.outputs = {"%(a)s": "%"}
    metrics = [Metric("counter", "%s", 1.0, {"%d": "%"}), Metric("timer", "%", 1.0, {})]
    run.attempts = [Attempt([(State.CREATED, 0), (State.SUCCESS, 1)], metrics, "%s")]
    for layout in (Layout(2), Layout(None)):
        texts = RunTexts(execution, layout)
        for _ in range(2):
            assert texts.text(run) == Values(layout).text(run_shape(execution, run))


def test_runs_that_are_alike_but_for_one_thing_are_told_apart():
    execution = new_execution()
    parent = add(execution, block("each"))
    texts = RunTexts(execution, Layout(2))
    histories = ([(State.CREATED, 0)], [(State.CREATED, 0), (State.SUCCESS, 5)])
    for tags in ({"a": "b"}, {"a": "c"}, {"b": "b"}, {}):
        for above, value, iteration in ((None, None, None), (parent, "v", None), (parent, None, 1)):
            for history in histories:
                run = add(execution, "log", above, value=value, iteration=iteration)
                run.history = history
                run.attempts = [Attempt(history, [Metric("gauge", "m", 0.5, tags)])]
                for _ in range(2):
                    assert texts.text(run) == Values(Layout(2)).text(run_shape(execution, run))
