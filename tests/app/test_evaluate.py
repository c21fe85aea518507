import json

import pytest

from kestrel_cli.app.evaluate import Place, evaluate, names_hint, scope_of, shown
from kestrel_cli.errors import CannotStart, NothingMatched, RenderError
from kestrel_cli.expressions.lookup import missing
from tests.support.flows import flow, leaf

DOCUMENT = {
    "id": "e",
    "flowId": "f",
    "namespace": "n",
    "state": {"current": "SUCCESS"},
    "taskRunList": [
        {
            "id": "r",
            "taskId": "make",
            "value": "x",
            "state": {"current": "SUCCESS", "startDate": "2024-01-01T00:00:00Z"},
            "outputs": {"value": 5},
        }
    ],
}


def value(place: Place, template: str) -> object:
    return evaluate(template, scope_of(place), typed=True, compat=place.compat)


def test_a_place_without_anything_has_no_variables() -> None:
    assert value(Place(), "{{ 1 + 1 }}") == 2
    assert scope_of(Place()).variables() == {}


def test_a_flow_is_prepared_and_not_begun() -> None:
    place = Place(flow(leaf("a"), variables={"v": 5}))
    assert value(place, "{{ vars.v }} {{ execution.state }} {{ flow.id }}") == "5 CREATED test"


def test_a_context_and_an_execution_are_json() -> None:
    assert value(Place(context='{"a": 5}'), "{{ a }}") == 5
    found = Place(execution=json.dumps(DOCUMENT), task="make", value="x")
    assert value(found, "{{ outputs.make.x.value }}") == 5


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "[" * 100_000, "null"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    for place in (Place(context=text), Place(execution=text)):
        with pytest.raises(CannotStart):
            scope_of(place)


def test_a_task_run_must_be_there() -> None:
    with pytest.raises(NothingMatched, match="no task run of `other`; it has runs of: make"):
        scope_of(Place(execution=json.dumps(DOCUMENT), task="other"))


def test_text_and_typed_values_differ() -> None:
    scope = scope_of(Place(context='{"a": [1]}'))
    assert evaluate("{{ a }}", scope, typed=True, compat=1) == [1]
    assert evaluate("{{ a }}", scope, typed=False, compat=1) == "[1]"


def test_a_seed_makes_chance_repeatable() -> None:
    assert value(Place(seed=3), "{{ uuid() }}") == value(Place(seed=3), "{{ uuid() }}")
    assert value(Place(seed=3), "{{ uuid() }}") != value(Place(seed=4), "{{ uuid() }}")


def test_logs_do_not_exist_without_a_run() -> None:
    with pytest.raises(RenderError, match="not available without a flow"):
        value(Place(), "{{ errorLogs() }}")


def test_a_missing_name_is_told_with_those_that_are_there() -> None:
    for place in (Place(context='{"a": {"b": 1}}'), Place(flow(leaf("a"), variables={"b": 1}))):
        holder = "a" if place.context else "vars"
        with pytest.raises(RenderError) as caught:
            value(place, f"{{{{ {holder}.x }}}}")
        assert "`b`" in str(caught.value.hint)


def test_a_hint_needs_names() -> None:
    assert names_hint(RenderError("x")) is None
    assert names_hint(missing("x", ("a",), 5)) is None
    assert names_hint(missing("x", ("a",), {"b": 1})) == "there are: `b`"


def test_secrets_are_hidden_once_they_were_read() -> None:
    said: list[str] = []
    environ = {"KESTREL_SECRET_A": "xyzzy-plugh", "KESTREL_SECRET_B": "b"}
    scope = scope_of(Place(environ=environ, warn=said.append))
    assert shown("xyzzy-plugh", scope) == "xyzzy-plugh"
    found = evaluate("{{ secret('A') }}{{ secret('B') }}", scope, typed=False, compat=1)
    assert found == "xyzzy-plughb"
    assert shown([found], scope) == ["******b"]
    assert len(said) == 1
