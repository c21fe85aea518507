from typing import Annotated, Any, Literal

import jsonschema
import pytest

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.json_schema import DRAFT, Schemas
from kestrel_cli.model.marks import Bounds, Filled, Looks, Matches, OldName
from kestrel_cli.model.task import Dynamic, Tasks

NULL = {"type": "null"}


def ref(name):
    return {"$ref": f"#/definitions/{name}"}


def model(**declared):
    return type("One", (Model,), {"__annotations__": declared})


def schemas(**more):
    return Schemas(lambda _, name: f"about {name}" if name == "told" else None, **more)


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (str, ref("text")),
        (bool, ref("boolean")),
        (int, ref("integer")),
        (Duration, ref("duration")),
        (Any, {}),
        (Literal["A", "B"], {"enum": ["A", "B"]}),
        (int | None, ref("integer")),
        (list[int], {"type": "array", "items": ref("integer")}),
        (dict[str, bool], {"type": "object", "additionalProperties": ref("boolean")}),
        (Dynamic[int], {"anyOf": [ref("integer"), ref("expression")]}),
        (Dynamic[str], ref("text")),
        (Annotated[int, Bounds(1, 9)], {"allOf": [ref("integer")], "minimum": 1, "maximum": 9}),
        (Annotated[str, Matches("a+", "as")], {"allOf": [ref("text")], "pattern": "^(?:a+)$"}),
        (
            Annotated[list[int], Filled],
            {"type": "array", "items": ref("integer"), "minItems": 1},
        ),
        (Annotated[Any, Looks(Literal["x"])], {"enum": ["x"]}),
        (Tasks, {"type": "array", "items": ref("task")}),
    ],
)
def test_every_kind_of_annotation_has_a_schema(annotation, schema):
    assert schemas().whole(model(held=annotation))["properties"] == {"held": schema}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [(str, {"type": "string"}), (int | None, {"anyOf": [{"type": "integer"}, NULL]})],
)
def test_a_strict_schema_wants_what_is_written(annotation, schema):
    strict = schemas(is_lenient=False)
    assert strict.whole(model(held=annotation))["properties"] == {"held": schema}
    assert strict.definitions == {}


def test_what_need_not_be_said_may_be_null_and_has_its_default():
    class One(Model):
        told: Literal["A"] = "A"
        listed: list[str] = []  # noqa: RUF012

    assert schemas().whole(One)["properties"] == {
        "told": {"enum": ["A", None], "description": "about told", "default": "A"},
        "listed": {"type": ["array", "null"], "items": ref("text")},
    }


def test_a_required_property_may_come_under_its_older_name():
    class One(Model):
        id: Annotated[str, OldName("name")]
        value: int

    made = schemas().whole(One)
    assert made["required"] == ["value"]
    assert made["anyOf"] == [{"required": ["id"]}, {"required": ["name"]}]
    assert set(made["properties"]) == {"id", "name", "value"}


def test_models_and_what_comes_from_a_base_are_defined_once():
    class Inner(Model):
        n: int

    class Base(Model):
        inner: Inner

    class One(Base):
        own: Inner

    class Other(Base):
        pass

    made = schemas()
    one, other = made.whole(One), made.whole(Other)
    assert one["properties"] == {"inner": ref("Base.inner"), "own": ref("Inner")}
    assert other["properties"] == {"inner": ref("Base.inner")}
    assert set(made.definitions) == {"Base.inner", "Inner", "integer"}
    jsonschema.Draft7Validator.check_schema({"$schema": DRAFT, **one})
