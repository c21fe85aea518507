import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.databases import Database, Ending
from tests.support.tables import rows_at

TYPES = """
create table lite (
  id integer primary key, ok boolean, t text, f float, d double, n numeric(10, 2), day date,
  moment datetime, clock time, stamp timestamp, zoned timestamp, millis datetime, odd date,
  j json, b blob, empty text
);
insert into lite values (
  1, 1, 'Sample', 3.5, 2.25, 5.36, '2023-10-30', '2023-10-30 22:02:27.150', '14:30:00',
  '2023-10-30T14:30:00', '2023-10-30T14:30:00+05:00', 1698705000000, 'soon', '{"k": 1}', x'0102',
  null
);
"""


@pytest.fixture
def db(tmp_path):
    return Database("sqlite", tmp_path, url=f"jdbc:sqlite:{tmp_path / 'lite.db'}")


def test_columns_have_the_values_that_their_types_declare(db):
    ctx = db.context()
    db.queries(TYPES)
    outputs = db.run("Query", "select * from lite", ctx, store=True, timeZoneId="Europe/Paris")
    assert rows_at(ctx, outputs["uri"]) == [
        {
            "id": 1, "ok": 1, "t": "Sample", "f": 3.5, "d": 2.25, "n": 5.36,
            "day": date(2023, 10, 30),
            "moment": datetime(2023, 10, 30, 21, 2, 27, 150_000, UTC),
            "clock": "14:30:00",
            "stamp": datetime(2023, 10, 30, 13, 30, tzinfo=UTC),
            "zoned": datetime(2023, 10, 30, 9, 30, tzinfo=UTC),
            "millis": datetime(2023, 10, 30, 22, 30, tzinfo=UTC),
            "odd": "soon", "j": '{"k": 1}', "b": b"\x01\x02", "empty": None,
        }
    ]  # fmt: skip
    (row,) = db.rows("select * from lite")
    assert (row["moment"], row["day"], row["b"]) == (
        "2023-10-30T22:02:27.150Z",
        "2023-10-30",
        "AQI=",
    )
    json.dumps(row)


def test_queries_run_in_one_transaction(db):
    made = db.queries(
        "create table t (a int); insert into t values (1), (2) returning a; select sum(a) s from t",
        fetchType="FETCH",
    )
    assert [one["rows"] for one in made["outputs"]] == [[{"a": 1}, {"a": 2}], [{"s": 3}]]
    with pytest.raises(TaskFailed, match=r"(?s)SQLite: no such table: nope.*statement 2 of 2"):
        db.queries("insert into t values (3); insert into nope values (1)")
    with pytest.raises(TaskFailed, match="SQLite: no such table"):
        db.query("insert into t values (3)", afterSQL="insert into nope values (1)")
    assert db.rows("select count(*) c from t") == [{"c": 2}]


def test_transactions_of_the_sql_are_its_own(db):
    db.queries("begin; create table t (a int); insert into t values (1); commit")
    assert db.rows("select a from t") == [{"a": 1}]


def test_a_trigger_is_one_statement(db):
    db.queries(
        "create table t (a int); create table u (a int);"
        "create trigger x after insert on t begin insert into u values (new.a); end;"
        "insert into t values (7)"
    )
    assert db.rows("select a from u") == [{"a": 7}]


def test_a_query_is_one_statement_only(db):
    with pytest.raises(TaskFailed, match="Query task support only a single SQL statement"):
        db.query("select 1; select 2")
    assert db.query(" -- nothing") == {}


def test_parameters_are_bound(db):
    values = {
        "a": 1, "b": "x", "c": Decimal("1.50"), "d": date(2031, 11, 2), "e": [1], "f": 2**70,
        "g": None, "h": True,
    }  # fmt: skip
    (row,) = db.rows(
        "select :a a, :b b, :c c, :d d, :e e, :f f, :g g, :h h, ':a' i", parameters=values
    )
    assert row == {
        "a": 1, "b": "x", "c": "1.50", "d": "2031-11-02", "e": "[1]", "f": str(2**70), "g": None,
        "h": 1, "i": ":a",
    }  # fmt: skip
    with pytest.raises(TaskFailed, match="SQLite: You did not supply a value for binding"):
        db.rows("select :a, :b", parameters={"a": 1})


def test_a_database_goes_from_task_to_task_as_a_file(tmp_path):
    db = Database("sqlite", tmp_path, url="jdbc:sqlite:myfile.db")
    ctx = db.context()
    made = db.run("Queries", "create table t as select 1 a", ctx, outputDbFile=True)
    uri = made["databaseUri"]
    other = db.run("Query", "select * from t", db.context(), sqliteFile=uri, fetchOne=True)
    assert other["row"] == {"a": 1}
    changed = db.run(
        "Query", "insert into t values (2)", db.context(), sqliteFile=uri, outputDbFile=True
    )
    rows = db.run("Query", "select * from t", sqliteFile=changed["databaseUri"], fetch=True)["rows"]
    assert rows == [{"a": 1}, {"a": 2}]


def test_a_relative_file_stays_in_the_current_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    db = Database("sqlite", tmp_path, url="jdbc:sqlite:my.db")
    db.query("create table t as select 1 a")
    assert db.rows("select * from t") == [{"a": 1}]
    assert (tmp_path / "my.db").is_file()


def test_a_database_in_memory(tmp_path):
    db = Database("sqlite", tmp_path, url="jdbc:sqlite::memory:")
    assert db.rows("select 1 a") == [{"a": 1}]
    with pytest.raises(TaskFailed, match="needs a database file"):
        db.query("select 1", outputDbFile=True)


@pytest.mark.parametrize(
    ("sql", "properties", "said"),
    [
        ("selec 1", {}, 'SQLite: near "selec": syntax error'),
        ("select 1", {"url": ""}, "it is empty, and should start with `jdbc:sqlite:`"),
        ("select 1", {"url": "jdbc:sqlite:/no/such/folder/x.db"}, "can't be opened"),
        ("select 1", {"fetchType": "<all>"}, "`fetchType` must be one of STORE"),
    ],
)
def test_what_the_user_got_wrong(db, sql, properties, said):
    with pytest.raises(TaskFailed, match=said):
        db.run("Query", sql, db.context(all="ALL"), **properties)


def test_rows_come_in_batches(db):
    ctx = db.context()
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n limit 25) select i from n"
    outputs = db.run("Query", sql, ctx, store=True, fetchSize=10)
    assert [row["i"] for row in rows_at(ctx, outputs["uri"])] == list(range(1, 26))


def test_a_query_ends_when_the_attempt_is_to_end(tmp_path):
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    db = Database("sqlite", tmp_path, url="jdbc:sqlite:")
    with pytest.raises(Ending.Over):
        db.run("Query", endless, Ending(tmp_path))
