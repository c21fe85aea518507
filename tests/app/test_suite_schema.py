"""The schema of suites accepts and refuses what `kestrel validate` and `kestrel test` do."""

import json

import jsonschema
import pytest

from kestrel_cli.app.schemas import suite_schema, written
from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile.suites import suite_of
from kestrel_cli.model.suite import OPERATORS
from tests.app.testing.suites import UNIT

VALIDATOR = jsonschema.Draft7Validator(suite_schema())


def suite(**more):
    whole = {"id": "s", "namespace": "company.team", "flowId": "f", "testCases": [case()], **more}
    return {name: value for name, value in whole.items() if value != "absent"}


def case(**more):
    whole = {"id": "c", "type": UNIT, "assertions": [{"value": "x", "equalTo": "x"}], **more}
    return {name: value for name, value in whole.items() if value != "absent"}


def fixtures(**more):
    return suite(testCases=[case(fixtures=more)])


def asserted(**more):
    return suite(testCases=[case(assertions=[more])])


def is_read(document):
    """Whether the command can use it."""
    try:
        suite_of(json.dumps(document).encode(), "s.test.yaml")
    except FlowFileError:
        return False
    return True


ACCEPTED = [
    suite(),
    suite(description="about", disabled=True),
    suite(description=5),
    suite(testCases=[case(), case(id="d", disabled=True, description="x")]),
    suite(testCases=[case(type="io.kestra.core.tests.UnitTest")]),
    suite(testCases=[case(expectedState="FAILED")]),
    suite(testCases=[case(fixtures=None)]),
    suite(testCases=[case(id="any text, as it is a name")]),
    fixtures(),
    fixtures(inputs={"a": 1, "b": [1], "c": {"d": None}, "e": True}),
    fixtures(files={"a.csv": "x\n"}),
    fixtures(tasks=[{"id": "t"}]),
    fixtures(tasks=[{"id": "t", "value": "v", "state": "WARNING", "outputs": {"a": {"b": 1}}}]),
    fixtures(tasks=[{"id": "t", "value": 1}, {"id": "t", "value": True}]),
    fixtures(tasks=[{"id": "t", "assets": [], "description": "x"}]),
    fixtures(trigger={"id": "t", "type": "io.kestra.plugin.core.trigger.Schedule"}),
    fixtures(trigger={"id": "t", "type": "x", "variables": {"date": "2031-01-01"}}),
    asserted(value=1, equalTo=1),
    asserted(value="x", equalTo={"a": 1}),
    asserted(value="x", equalTo=[1, 2], notEqualTo="y"),
    asserted(value="x", isNotNull=True),
    asserted(value="x", isNotNull="{{ true }}"),
    asserted(value="x", greaterThan=1, lessThanOrEqualTo="{{ 1 }}"),
    asserted(value="x", **{"in": ["x", 1, True]}),
    asserted(value="x", **{"in": "{{ ['x'] }}"}),
    asserted(value="x", equalTo="x", contains=None),
    asserted(value="x", contains=[1], startsWith={"a": 1}),
    asserted(value="x", equalTo="x", taskId="t", description="d", errorMessage="m"),
]
REFUSED = [
    {},
    [],
    "text",
    *(suite(**{name: "absent"}) for name in ("id", "namespace", "flowId", "testCases")),
    *(suite(**{name: None}) for name in ("id", "namespace", "flowId", "testCases")),
    suite(id="a b"),
    suite(id="-a"),
    suite(namespace="Company"),
    suite(flowId="a b"),
    suite(disabled="maybe"),
    suite(testCases=[]),
    suite(testCases={}),
    suite(testCase=[case()]),
    *(suite(testCases=[case(**{name: "absent"})]) for name in ("id", "type", "assertions")),
    suite(testCases=[case(id="")]),
    suite(testCases=[case(assertion=[])]),
    suite(testCases=[case(expectedState="GOOD")]),
    suite(testCases=[None]),
    fixtures(task=[]),
    fixtures(inputs=[1]),
    fixtures(files=["a"]),
    fixtures(files={"a": {"b": 1}}),
    fixtures(tasks={"id": "t"}),
    fixtures(tasks=[{}]),
    fixtures(tasks=[{"id": ""}]),
    fixtures(tasks=[{"id": "t", "state": "success"}]),
    fixtures(tasks=[{"id": "t", "output": {}}]),
    fixtures(tasks=[{"id": "t", "outputs": ["a"]}]),
    fixtures(trigger={"id": "t"}),
    fixtures(trigger={"id": "t", "type": "x", "variable": {}}),
    asserted(value="x"),
    asserted(equalTo="x"),
    asserted(value="x", equalTo=None),
    asserted(value=None, equalTo="x"),
    suite(testCases=[case(type=None)]),
    fixtures(tasks=[{"id": None}]),
    asserted(value="x", equalsTo="x"),
    asserted(value="x", taskId="t", description="d"),
]


def test_it_is_a_schema_and_written_as_it_is():
    made = suite_schema()
    jsonschema.Draft7Validator.check_schema(made)
    assert json.loads(written(made)) == made


@pytest.mark.parametrize("document", ACCEPTED, ids=str)
def test_both_accept(document):
    assert is_read(document)
    assert [one.message for one in VALIDATOR.iter_errors(document)] == []


@pytest.mark.parametrize("document", REFUSED, ids=str)
def test_both_refuse(document):
    assert not is_read(document)
    assert list(VALIDATOR.iter_errors(document))


@pytest.mark.parametrize("name", OPERATORS)
def test_one_operator_is_enough(name):
    said = {"in": ["x"], "notIn": ["y"], "isNull": True, "isNotNull": True}
    document = asserted(value="x", **{name: said.get(name, "1")})
    assert is_read(document)
    assert not list(VALIDATOR.iter_errors(document))


def test_the_suites_of_our_flows_are_accepted():
    from ruamel.yaml import YAML

    from tests.support.cli import ROOT

    paths = sorted((ROOT / "flows" / "tests").glob("*.test.yaml"))
    assert len(paths) >= 5
    for path in paths:
        found = YAML(typ="safe").load(path.read_text("utf-8"))
        assert [one.message for one in VALIDATOR.iter_errors(found)] == [], path


def test_every_property_has_words():
    for name, schema in VALIDATOR.schema["definitions"].items():
        for word, one in schema.get("properties", {}).items():
            assert "description" in one, (name, word)
