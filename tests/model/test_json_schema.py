import json
from typing import Annotated, Any, Literal

import pytest

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.json_schema import TASK_REF, json_schema
from kestrel_cli.model.marks import Bounds, Filled, Matches
from kestrel_cli.model.task import Dynamic
from kestrel_cli.tasks import registry

TEXT = {"type": ["string", "number", "boolean"]}
EXPRESSION = {"type": "string", "pattern": r"\{[{%#]"}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (str, TEXT),
        (bool, {"type": "boolean"}),
        (Duration, {"type": ["string", "number"]}),
        (Any, {}),
        (Literal["A", "B"], {"enum": ["A", "B"]}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (dict[str, bool], {"type": "object", "additionalProperties": {"type": "boolean"}}),
        (Dynamic[int], {"anyOf": [{"type": "integer"}, EXPRESSION]}),
        (Annotated[int, Bounds(1, 9)], {"type": "integer", "minimum": 1, "maximum": 9}),
        (Annotated[str, Matches("a+", "as")], {**TEXT, "pattern": "^(?:a+)$"}),
        (
            Annotated[list[int], Filled],
            {
                "type": "array",
                "items": {"type": "integer"},
                "minItems": 1,
                "minLength": 1,
                "minProperties": 1,
            },
        ),
    ],
)
def test_every_kind_of_annotation_has_a_schema(annotation, schema):
    model = type("One", (Model,), {"__annotations__": {"held": annotation}})
    assert json_schema(model)["properties"] == {"held": schema}


def test_the_flow_has_a_schema_of_plain_json():
    schema = json.loads(json.dumps(json_schema(Flow)))
    assert schema["required"] == ["id", "namespace", "tasks"]
    assert schema["properties"]["tasks"]["items"] == {"$ref": TASK_REF}
    assert schema["properties"]["disabled"] == {"type": "boolean", "default": False}
    assert "finally" in schema["properties"]


@pytest.mark.parametrize("name", registry.names())
def test_every_task_type_has_a_schema_of_plain_json(name):
    found = registry.find(name)
    assert json.dumps(json_schema(found))
