import io
from datetime import UTC, date, datetime, time, timedelta

import openpyxl
import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.java.times import Instant
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import place, stored
from tests.support.tables import SERDES, converted, counted, ion, rows_at

MOMENT = datetime.fromisoformat("2031-11-02T03:04:05")


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def workbook(**sheets):
    """The bytes of a workbook; a cell may be `(value, format)`."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(at, column)
                cell.value, form = value if isinstance(value, tuple) else (value, None)
                if form:
                    cell.number_format = form
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def rows(ctx, data, title="S", **properties):
    return rows_at(ctx, converted(ctx, "excel.ExcelToIon", data, **properties)["uris"][title])


def sheet_of(ctx, outputs, title="Sheet"):
    return openpyxl.load_workbook(place(ctx, outputs["uri"]))[title]


def test_sheets_become_files_of_rows(ctx):
    data = workbook(S=[["id", "name"], [1, "x"], [2.5, None]], T=[["a"], [True]])
    outputs = converted(ctx, "excel.ExcelToIon", data)
    assert list(outputs["uris"]) == ["S", "T"]
    assert outputs["size"] == 3
    assert counted(ctx, "sheets") == 2
    assert rows_at(ctx, outputs["uris"]["S"]) == [
        {"id": 1.0, "name": "x"},
        {"id": 2.5, "name": None},
    ]
    assert rows_at(ctx, outputs["uris"]["T"]) == [{"a": True}]


def test_sheets_are_chosen_by_title(ctx):
    data = workbook(S=[["a"], [1]], T=[["b"]])
    outputs = converted(ctx, "excel.ExcelToIon", data, sheetsTitle=["T"])
    assert list(outputs["uris"]) == ["T"]
    with pytest.raises(TaskFailed, match="no sheet `U`, only S, T"):
        converted(ctx, "excel.ExcelToIon", data, sheetsTitle=["U"])


def test_rows_are_skipped_and_headers_are_mended(ctx):
    data = workbook(S=[["title"], ["a", None, 2020, None], [None] * 4, [1, 2, 3, 4]])
    assert rows(ctx, data, skipRows=1, skipEmptyRows=True) == [
        {"a": 1.0, "col_1": 2.0, "2020": 3.0}
    ]
    assert rows(ctx, data, header=False)[0] == ["title", None, None, None]


@pytest.mark.parametrize(
    ("render", "values"),
    [
        ("UNFORMATTED_VALUE", [Instant.of(MOMENT.replace(tzinfo=UTC)), "10:30:00"]),
        ("SERIAL_NUMBER", [pytest.approx(48154.12783565), 0.4375]),
        ("FORMATTED_STRING", ["2/11/31 3:04", "10:30 AM"]),
    ],
)
def test_how_dates_are_rendered(ctx, render, values):
    data = workbook(S=[[(MOMENT, "d/m/yy h:mm"), (time(10, 30), "h:mm AM/PM")]])
    assert rows(ctx, data, header=False, dateTimeRender=render) == [values]


def test_formulas_are_rendered_as_formulas_when_asked_for(ctx):
    data = workbook(S=[[1, "=A1+1"]])
    assert rows(ctx, data, header=False, valueRender="FORMULA") == [[1.0, "=A1+1"]]
    assert rows(ctx, data, header=False) == [[1.0, None]]  # never computed by Excel


@pytest.mark.parametrize("data", ["hello", b"PK\x03\x04nonsense", b""])
def test_what_is_no_workbook(ctx, data):
    with pytest.raises(TaskFailed, match="no Excel workbook"):
        converted(ctx, "excel.ExcelToIon", data)


def test_a_workbook_that_unpacks_to_too_much_is_refused(ctx, monkeypatch):
    monkeypatch.setattr("kestrel_cli.tasks.serdes.excel_reading._LARGE", 1)
    monkeypatch.setattr("kestrel_cli.tasks.serdes.excel_reading._RATIO", 1)
    with pytest.raises(TaskFailed, match="far more than a table needs"):
        converted(ctx, "excel.ExcelToIon", workbook(S=[["a"]]))


def test_rows_become_a_sheet(ctx):
    row = {
        "s": "x", "i": 1, "f": 1.5, "b": True, "n": None, "big": 2**60, "d": date(2031, 11, 2),
        "t": Instant.of(MOMENT.replace(tzinfo=UTC)), "q": "=1+1", "z": "Formula:=1+1",
        "c": "\x01",
    }  # fmt: skip
    outputs = converted(ctx, "excel.IonToExcel", ion(row, row), timeZoneId="Europe/Paris")
    assert outputs["size"] == counted(ctx, "records") == 2
    sheet = sheet_of(ctx, outputs)
    header, cells, _ = sheet.iter_rows()
    assert [cell.value for cell in header] == list(row)
    assert [cell.value for cell in cells] == [
        "x", 1, 1.5, True, None, str(2**60), datetime.fromisoformat("2031-11-02"),
        MOMENT + timedelta(hours=1), "=1+1", "=1+1", "_x0001_",
    ]  # fmt: skip
    assert [cells[at].data_type for at in (8, 9)] == ["s", "f"]
    assert cells[6].number_format == "yyyy-mm-dd"
    assert cells[7].number_format == 'yyyy-mm-dd"T"hh:mm:ss.000'


def test_without_header_and_styles(ctx):
    given = ion(["a", date(2031, 11, 2)])
    outputs = converted(ctx, "excel.IonToExcel", given, header=False, styles=False)
    (cells,) = sheet_of(ctx, outputs).iter_rows()
    assert cells[0].value == "a"
    assert cells[1].number_format == "General"


def test_several_files_become_several_sheets(tmp_path):
    ctx = ReachingContext(tmp_path)
    uris = {"A": stored(ctx, ion({"a": 1}), "a.ion"), "B": stored(ctx, ion({"b": 2}), "b.ion")}
    made = task(f"{SERDES}excel.IonToExcel", "t", from_=uris)
    outputs = made.run(ctx).outputs
    assert outputs["size"] == 2
    assert [cell.value for cell in next(sheet_of(ctx, outputs, "B").iter_rows())] == ["b"]
    ctx.values["uris"] = uris
    outputs = task(f"{SERDES}excel.IonToExcel", "t", from_="<uris>").run(ctx).outputs
    assert outputs["size"] == 2


@pytest.mark.parametrize(
    ("rows", "properties", "said"),
    [
        ([[1]], {}, "row 1 is a list, which has no header"),
        (["x"], {}, "row 1 is neither a map nor a list"),
        ([{"a": "x" * 40_000}], {}, "32767 characters"),
        ([{"a": 1}], {"sheetsTitle": "a/b"}, "`a/b` is no title of a sheet"),
        ([[1] * 20_000], {"header": False}, "16384 columns"),
    ],
)
def test_what_a_workbook_cannot_hold(ctx, rows, properties, said):
    with pytest.raises(TaskFailed, match=said):
        converted(ctx, "excel.IonToExcel", ion(*rows), **properties)
