"""Bytes that are nearly a file of a kind: the task says what is wrong, or reads what is there."""

import io
import random
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext


def parquet(column: Any) -> bytes:
    arrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    out = io.BytesIO()
    writer.write_table(arrow.table({"a": column}), out)
    return out.getvalue()


def avro(kind: Any, value: object) -> bytes:
    """A file whose header says `kind`, and whose record holds what the plain type would."""
    library = pytest.importorskip("fastavro")

    def written(kind: Any, rows: list[Any]) -> bytes:
        out = io.BytesIO()
        schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": kind}]}
        library.writer(out, schema, rows, sync_marker=b"0" * 16)
        return out.getvalue()

    plain = kind["type"] if isinstance(kind, dict) else kind
    return written(kind, []) + written(plain, [{"a": value}])[len(written(plain, [])) :]


def excel(cell: str) -> bytes:
    """A workbook with this cell below a title; style 1 is a date."""
    library = pytest.importorskip("openpyxl")
    book = library.Workbook()
    book.active["A1"], book.active["A2"] = "a", 1
    book.active["A2"].number_format = "yyyy-mm-dd"
    whole, out = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with ZipFile(whole) as parts, ZipFile(out, "w") as made:
        for name in parts.namelist():
            part = parts.read(name)
            if name.endswith("sheet1.xml"):
                part = re.sub(rb'<c r="A2".*?</c>', cell.encode(), part, flags=re.DOTALL)
            made.writestr(name, part)
    return out.getvalue()


def read(folder: Path, kind: str, data: bytes, **said: object) -> str:
    """What a task says of the file, nothing when it takes it."""
    ctx = ReachingContext(folder)
    with ctx.files.create("data") as file:
        file.stream.write(data)
    try:
        task(f"io.kestra.plugin.serdes.{kind}", "t", from_=file.uri, **said).run(ctx)
    except TaskFailed as error:
        return str(error)
    return ""


EXCEL = [
    '<c r="A2" s="1"><v>1e400</v></c>', '<c r="A2" s="1"><v>1e30</v></c>', '<c r="A2"><v>x</v></c>',
    '<c r="A2" s="1"><v>-5</v></c>', f'<c r="A2"><v>{"9" * 5000}</v></c>',
    '<c r="A2" t="s"><v>99999</v></c>', '<c r="A2" t="s"><v>-1</v></c>', '<c r="A2" s="99"/>',
    '<c r="A2" t="d"><v>x</v></c>', '<c r="A2" t="e"><v>#DIV/0!</v></c>', '<c r="ZZZZ2"/>', "<",
]  # fmt: skip
LOGICAL = [
    ("long", "timestamp-micros", 2**62), ("long", "timestamp-micros", -(2**62)),
    ("long", "timestamp-millis", 2**62), ("long", "local-timestamp-micros", 2**62),
    ("int", "date", 2**31 - 1), ("int", "date", -(2**31)), ("int", "time-millis", -1),
    ("long", "time-micros", 2**62), ("string", "uuid", "x"),
]  # fmt: skip
PYTHON = re.compile(r"\b[A-Z]\w*(?:Error|Exception)\b|set_int_max")


@pytest.mark.parametrize("cell", EXCEL, ids=range(len(EXCEL)))
def test_cells_that_no_workbook_has(tmp_path: Path, cell: str) -> None:
    for dates in ("FORMATTED_STRING", "UNFORMATTED_VALUE", "SERIAL_NUMBER"):
        said = read(tmp_path, "excel.ExcelToIon", excel(cell), dateTimeRender=dates)
        assert not PYTHON.search(said)


@pytest.mark.parametrize(("plain", "logical", "value"), LOGICAL)
def test_moments_that_no_calendar_has(
    tmp_path: Path, plain: str, logical: str, value: object
) -> None:
    data = avro({"type": plain, "logicalType": logical}, value)
    assert not PYTHON.search(read(tmp_path, "avro.AvroToIon", data))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_that_no_calendar_has(tmp_path: Path, unit: str) -> None:
    arrow = pytest.importorskip("pyarrow")
    for value in (2**62, -(2**62)):
        try:
            data = parquet(arrow.array([value], arrow.timestamp(unit)))
        except arrow.ArrowException:  # the writer has no such moment, either
            continue
        said = read(tmp_path, "parquet.ParquetToIon", data)
        assert not PYTHON.search(said)
    said = read(tmp_path, "parquet.ParquetToIon", parquet(arrow.array([2**30], arrow.date32())))
    assert "out of range" in said


@pytest.mark.parametrize("kind", ["parquet.ParquetToIon", "avro.AvroToIon", "excel.ExcelToIon"])
def test_changed_bytes(tmp_path: Path, kind: str) -> None:
    whole = {
        "parquet.ParquetToIon": lambda: parquet(["x", "y"]),
        "avro.AvroToIon": lambda: avro("string", "x"),
        "excel.ExcelToIon": lambda: excel('<c r="A2"><v>1</v></c>'),
    }[kind]()
    luck = random.Random(6)
    for _ in range(60):
        data = bytearray(whole[: luck.randrange(len(whole))] if luck.random() < 0.2 else whole)
        for _ in range(luck.randrange(1, 6)):
            if data:
                data[luck.randrange(len(data))] = luck.randrange(256)
        read(tmp_path, kind, bytes(data))
