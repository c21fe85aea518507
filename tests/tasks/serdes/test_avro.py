import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import fastavro
import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.java.times import Instant
from tests.support.reach import ReachingContext
from tests.support.stored import place
from tests.support.tables import converted, counted, ion, rows_at

DAY = date(2031, 11, 2)
MOMENT = datetime(2031, 11, 2, 3, 4, 5, 678_000, UTC)


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def schema(**fields):
    named = [{"name": name, "type": kind} for name, kind in fields.items()]
    return json.dumps({"type": "record", "name": "Row", "namespace": "a.b", "fields": named})


def logical(kind, name, **more):
    return {"type": kind, "logicalType": name, **more}


def written(ctx, *rows, **properties):
    """The records of the Avro file that was made of the rows."""
    outputs = converted(ctx, "avro.IonToAvro", ion(*rows), **properties)
    with place(ctx, outputs["uri"]).open("rb") as file:
        return list(fastavro.reader(file))


def value(ctx, kind, given, **properties):
    return written(ctx, {"x": given}, schema=schema(x=kind), **properties)[0]["x"]


@pytest.mark.parametrize(
    ("kind", "given", "made"),
    [
        ("int", "12", 12),
        ("int", 5, 5),
        ("long", 2**40, 2**40),
        ("double", "1.5", 1.5),
        ("double", Decimal("1.5"), 1.5),
        ("float", 2, 2.0),
        ("boolean", "Yes", True),
        ("boolean", 0, False),
        ("boolean", "", False),
        ("string", 1.5, "1.5"),
        ("string", DAY, "2031-11-02"),
        ("bytes", "é", "é".encode()),
        ("bytes", b"\x00", b"\x00"),
        (["null", "int"], "NA", None),
        (["null", "int"], "7", 7),
        (["null", "int", "string"], "x", "x"),
        (["null", logical("int", "date")], DAY, DAY),
        (logical("int", "date"), "2031-11-02", DAY),
        (logical("int", "date"), Instant.of(MOMENT), DAY),
        (logical("int", "time-millis"), "03:04:05", time(3, 4, 5)),
        (logical("long", "time-micros"), "03:04", time(3, 4)),
        (logical("long", "timestamp-millis"), Instant.of(MOMENT), MOMENT),
        (logical("long", "timestamp-micros"), "2031-11-02T04:04:05.678000+01:00", MOMENT),
        (logical("long", "timestamp-millis"), "1951355045678", MOMENT),
        (logical("bytes", "decimal", precision=6, scale=2), "1.005", Decimal("1.00")),
        (logical("bytes", "decimal", precision=6, scale=2), 12, Decimal("12.00")),
        (logical("string", "no-such"), "x", "x"),
        ({"type": "array", "items": "int"}, ["1", 2], [1, 2]),
        ({"type": "map", "values": "int"}, {"a": "1"}, {"a": 1}),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "A", "A"),
        (["null", {"type": "enum", "name": "E", "symbols": ["A", "B"]}], "B", "B"),
        ({"type": "fixed", "name": "F", "size": 2}, "ab", b"ab"),
        (
            ["null", {"type": "record", "name": "R", "fields": [{"name": "y", "type": "int"}]}],
            {"y": "1"},
            {"y": 1},
        ),
    ],
)  # fmt: skip
def test_values_are_read_as_the_schema_wants_them(ctx, kind, given, made):
    assert value(ctx, kind, given) == made


def test_patterns_separators_zone_and_words(ctx):
    stamp = logical("long", "timestamp-millis")
    options = {"datetimeFormat": "dd.MM.yyyy HH:mm:ss", "timeZoneId": "Europe/Paris"}
    made = value(ctx, stamp, "02.11.2031 04:04:05", **options)
    assert made == MOMENT.replace(microsecond=0)
    assert value(ctx, "double", "1,5", decimalSeparator=",") == 1.5
    assert value(ctx, "boolean", "oui", trueValues=["Oui"]) is True
    assert value(ctx, ["null", "string"], "-", nullValues=["-"], inferAllFields=True) is None
    local = logical("long", "local-timestamp-millis")
    made = value(ctx, local, Instant.of(MOMENT), timeZoneId="Asia/Tokyo")
    assert made == datetime.fromisoformat("2031-11-02T12:04:05.678")


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("int", "abc", "row 1, field `x`: `abc` is no int"),
        ("int", 2**31, "is no int"),
        ("int", 1.5, "is no int"),
        ("string", None, "field `x`: null is no string"),
        ("boolean", "maybe", "is no boolean"),
        (["null", "int"], "x", "`x` is no null or int"),
        (logical("int", "date"), "02.11.2031", "is no date"),
        (logical("bytes", "decimal", precision=3, scale=2), "12.34", "decimal with 3 digits"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "B", r"a.b.E \(A\)"),
        ({"type": "fixed", "name": "F", "size": 2}, "abc", "of 2 bytes"),
        ({"type": "array", "items": "int"}, "x", "is no list"),
        (
            {"type": "record", "name": "R", "fields": [{"name": "y", "type": "int"}]},
            {"y": "z"},
            "field `x.y`: `z` is no int",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_an_error(ctx, kind, given, said):
    with pytest.raises(TaskFailed, match=said):
        value(ctx, kind, given)


def test_bad_rows_are_passed_over_when_asked_for(ctx):
    rows = [{"x": 1}, {"x": "a"}, {"x": 2}]
    options = {"schema": schema(x="int")}
    assert written(ctx, *rows, onBadLines="SKIP", **options) == [{"x": 1}, {"x": 2}]
    assert ctx.logs == []
    assert written(ctx, *rows, onBadLines="WARN", **options) == [{"x": 1}, {"x": 2}]
    assert ctx.logs == [("WARN", "row 2, field `x`: `a` is no int")]
    assert counted(ctx, "records") == 4


def test_fields_beyond_the_schema_are_dropped_or_an_error(ctx):
    row = {"x": 1, "y": 2}
    assert written(ctx, row, schema=schema(x="int")) == [{"x": 1}]
    with pytest.raises(TaskFailed, match="field `y`"):
        written(ctx, row, schema=schema(x="int"), strictSchema=True)


def test_lists_give_their_values_to_the_fields_in_order_and_aliases_count(ctx):
    said = json.loads(schema(x="int", y="string"))
    said["fields"][0]["aliases"] = ["z"]
    assert written(ctx, ["1", "b"], {"z": 2, "y": ""}, schema=json.dumps(said)) == [
        {"x": 1, "y": "b"},
        {"x": 2, "y": ""},
    ]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{", "the Avro schema is no JSON"),
        ('"int"', "must be a record"),
        ('{"type": "record", "name": "R"}', "not valid: KeyError\\('fields'\\)"),
        (schema(x="nope"), "the field `x` has the unknown type `nope`"),
        ('{"name": "R"}', "the schema has no type"),
        ('{"type": "record", "fields": []}', "not valid"),
        (schema(**{"a b": "int"}), "`a b` is no name of a field"),
    ],
)
def test_a_schema_that_is_none(ctx, said, problem):
    with pytest.raises(TaskFailed, match=problem):
        written(ctx, {"x": 1}, schema=said)


def test_a_schema_is_inferred_from_the_first_rows(ctx):
    rows = [
        {"i": 1, "s": "x", "d": DAY, "t": Instant.of(MOMENT), "l": [], "n": None, "m": {"a": 1}},
        {"i": 2**40, "s": None, "f": 1, "l": [1, 2.5], "m": {"b": True}},
        {"i": 3, "f": 1.5, "mixed": 1},
        {"mixed": "x", "b": b"\x00", "dec": Decimal("1.50")},
    ]
    made = written(ctx, *rows)
    assert made[0]["t"] == MOMENT.replace(tzinfo=None)
    assert made[0]["m"] == {"a": 1, "b": None}
    assert made[1]["i"] == 2**40
    assert made[1]["l"] == [1.0, 2.5]
    assert [row["f"] for row in made] == [None, 1.0, 1.5, None]
    assert [row["mixed"] for row in made] == [None, None, 1, "x"]
    assert made[3]["b"] == b"\x00"
    assert made[3]["dec"] == "1.50"


def test_inference_needs_rows(ctx):
    with pytest.raises(TaskFailed, match="no schema can be inferred"):
        written(ctx)
    with pytest.raises(TaskFailed, match="at least 1"):
        written(ctx, {"a": 1}, numberOfRowsToScan=0)


def avro(said, *records):
    file = io.BytesIO()
    fastavro.writer(file, said, records)
    return file.getvalue()


def test_a_file_becomes_rows(ctx):
    said = json.loads(
        schema(
            t=logical("long", "timestamp-millis"), d=logical("int", "date"),
            n=["null", "string"], c=logical("int", "time-millis"), b="bytes",
            m=logical("bytes", "decimal", precision=6, scale=2), u=logical("string", "uuid"),
        )
    )  # fmt: skip
    uuid = "12151fd2-7586-11e9-8f9e-2a86e4085a59"
    record = {
        "t": MOMENT, "d": DAY, "n": None, "c": time(3, 4, 5), "b": b"\x00", "m": Decimal("1.50"),
        "u": uuid,
    }  # fmt: skip
    outputs = converted(ctx, "avro.AvroToIon", avro(said, record))
    assert outputs["size"] == counted(ctx, "records") == 1
    assert rows_at(ctx, outputs["uri"]) == [record | {"c": "03:04:05"}]


def test_rows_that_are_lists_come_back_as_lists(ctx):
    outputs = converted(ctx, "avro.IonToAvro", ion([1, 2], [3]))
    back = converted(ctx, "avro.AvroToIon", place(ctx, outputs["uri"]).read_bytes())
    assert rows_at(ctx, back["uri"]) == [[1, 2], [3]]


def test_a_file_that_is_cut_is_an_error_or_ends_there(ctx):
    data = avro(json.loads(schema(x="int")), *({"x": 1} for _ in range(50)))[:-40]
    with pytest.raises(TaskFailed, match="Bad Avro record encountered"):
        converted(ctx, "avro.AvroToIon", data)
    outputs = converted(ctx, "avro.AvroToIon", data, onBadLines="WARN")
    assert outputs["size"] < 50
    assert ctx.logs[0][0] == "WARN"


def test_what_is_no_avro_file(ctx):
    with pytest.raises(TaskFailed, match="the file is no Avro file"):
        converted(ctx, "avro.AvroToIon", "hello")


def test_a_missing_library_is_told(ctx, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fastavro", None)
    with pytest.raises(TaskFailed, match=r"pip install 'kestrel-flow\[avro\]'"):
        converted(ctx, "avro.AvroToIon", "")
