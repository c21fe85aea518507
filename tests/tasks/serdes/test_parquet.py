import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.java.times import Instant
from tests.support.reach import ReachingContext
from tests.support.stored import place
from tests.support.tables import converted, counted, ion, rows_at

MOMENT = datetime(2031, 11, 2, 3, 4, 5, 678_000, UTC)


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def file_of(ctx, *rows, **properties):
    outputs = converted(ctx, "parquet.IonToParquet", ion(*rows), **properties)
    return pq.ParquetFile(place(ctx, outputs["uri"]))


def schema(**fields):
    named = [{"name": name, "type": kind} for name, kind in fields.items()]
    return json.dumps({"type": "record", "name": "Row", "fields": named})


def test_rows_become_columns_of_the_schema(ctx):
    said = schema(
        i="int", l="long", f=["null", "double"], s="string", b="bytes",
        d={"type": "int", "logicalType": "date"},
        t={"type": "long", "logicalType": "timestamp-millis"},
        m={"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
        a={"type": "array", "items": "int"},
        k={"type": "map", "values": "string"},
        r={"type": "record", "name": "R", "fields": [{"name": "x", "type": "int"}]},
    )  # fmt: skip
    row = {
        "i": "1", "l": 2, "f": None, "s": "x", "b": "hi", "d": "2031-11-02",
        "t": Instant.of(MOMENT), "m": "1.5", "a": [1], "k": {"a": "b"}, "r": {"x": 1},
    }  # fmt: skip
    table = file_of(ctx, row, schema=said).read()
    assert str(table.schema.field("i")) == "pyarrow.Field<i: int32 not null>"
    assert table.to_pylist(maps_as_pydicts="lossy") == [
        row | {
            "i": 1, "b": b"hi", "d": date(2031, 11, 2), "t": MOMENT, "m": Decimal("1.50"),
        }
    ]  # fmt: skip
    assert counted(ctx, "records") == 1


def test_the_options_reach_the_file(ctx):
    rows = [{"a": "x" * 50, "b": at} for at in range(12_000)]
    options = {"compressionCodec": "SNAPPY", "parquetVersion": "V1", "rowGroupSize": 100}
    meta = file_of(ctx, *rows, **options).metadata
    assert meta.format_version == "1.0"
    assert meta.num_row_groups == 3
    assert meta.row_group(0).column(0).compression == "SNAPPY"
    assert file_of(ctx, {"a": 1}).metadata.row_group(0).column(0).compression == "GZIP"


def test_a_schema_is_inferred_and_mixed_values_are_text(ctx):
    rows = [{"a": 1, "n": None, "m": {"x": 1}}, {"a": "x", "name with blank": True}]
    assert file_of(ctx, *rows).read().to_pylist() == [
        {"a": "1", "n": None, "m": {"x": 1}, "name with blank": None},
        {"a": "x", "n": None, "m": None, "name with blank": True},
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"x": ["int", "string"]}, "a union of several types"),
        ({"x": {"type": "record", "name": "E", "fields": []}}, "has no fields"),
        (
            {
                "x": {
                    "type": "record",
                    "name": "R",
                    "fields": [{"name": "r", "type": ["null", "R"]}],
                }
            },
            "holds itself",
        ),
    ],
)
def test_what_a_parquet_file_cannot_hold(ctx, fields, said):
    with pytest.raises(TaskFailed, match=said):
        file_of(ctx, {"x": 1}, schema=schema(**fields))


def test_bad_rows_are_passed_over_when_asked_for(ctx):
    made = file_of(ctx, {"x": "a"}, {"x": 1}, schema=schema(x="int"), onBadLines="SKIP")
    assert made.read().to_pylist() == [{"x": 1}]


def test_a_file_becomes_rows(ctx):
    table = pa.table(
        {
            "ns": pa.array([1_952_132_645_678_901_234], pa.timestamp("ns", "UTC")),
            "naive": pa.array([datetime.fromisoformat("2031-11-02")], pa.timestamp("us")),
            "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
            "took": pa.array([1500], pa.duration("ms")),
            "dec": pa.array([Decimal("1.50")], pa.decimal128(6, 2)),
            "null": pa.array([None], pa.string()),
        }
    )
    data = io.BytesIO()
    pq.write_table(table, data)
    outputs = converted(ctx, "parquet.ParquetToIon", data.getvalue())
    assert outputs["size"] == counted(ctx, "records") == 1
    (row,) = rows_at(ctx, outputs["uri"])
    assert row.pop("ns").isoformat() == "2031-11-11T03:04:05.678901+00:00"
    assert row == {
        "naive": "2031-11-02T00:00:00", "map": {"a": 1}, "took": "PT1.5S",
        "dec": Decimal("1.50"), "null": None,
    }  # fmt: skip


def test_what_is_no_parquet_file(ctx):
    with pytest.raises(TaskFailed, match="the Parquet file can't be read"):
        converted(ctx, "parquet.ParquetToIon", "hello, this is no table")
