import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.databases import Database, Ending, Rendering
from tests.support.reach import ReachingContext
from tests.support.stored import content, place, stored
from tests.support.tables import rows_at

FETCHED = {"fetch": "true", "store": "false"}
TYPES = """select
  1::hugeint h, 2::ubigint u, interval '28' days i, interval '1:02:03' c, interval '0' days z,
  time '01:02:03.456' t, timestamp '2020-06-10 15:55:23.383345' ts,
  timestamptz '2001-08-22 03:04:05.321+02' tz, [1,2] l, {'a':1,'b':date '2020-01-01'} s,
  map {'a':1} m, '\\xAA'::blob b, uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59' uu,
  1.50::decimal(10,2) d, 123.456::real r, 12345.12345::double f, date '1992-09-20' dt,
  true y, 1::tinyint ti, null n, 'x'::varchar v, 'infinity'::timestamptz inf
"""


@pytest.fixture
def db(tmp_path):
    return Database("duckdb", tmp_path)


def test_every_type_has_a_value_that_json_can_hold(db):
    (row,) = db.rows(TYPES, timeZoneId="Europe/Paris")
    assert row == {
        "h": "1", "u": "2", "i": "28 days", "c": "01:02:03", "z": "0:00:00".rjust(8, "0"),
        "t": "01:02:03.456", "ts": "2020-06-10T15:55:23.383345+02:00",
        "tz": "2001-08-22T01:04:05.321Z", "l": [1, 2], "s": {"a": 1, "b": "2020-01-01"},
        "m": {"a": 1}, "b": "qg==", "uu": "12151fd2-7586-11e9-8f9e-2a86e4085a59", "d": 1.5,
        "r": 123.456, "f": 12345.12345, "dt": "1992-09-20", "y": True, "ti": 1, "n": None,
        "v": "x", "inf": "9999-12-31T23:59:59.999999Z",
    }  # fmt: skip
    json.dumps(row)


def test_a_stored_row_keeps_its_types(db):
    ctx = db.context()
    outputs = db.run("Query", TYPES, ctx, fetchType="STORE", timeZoneId="Europe/Paris")
    assert outputs["size"] == 1
    (row,) = rows_at(ctx, outputs["uri"])
    assert row["d"] == Decimal("1.50")
    assert row["dt"] == date(1992, 9, 20)
    assert row["b"] == b"\xaa"
    assert row["ts"] == datetime(2020, 6, 10, 15, 55, 23, 383345, timezone(timedelta(hours=2)))
    assert row["tz"] == datetime(2001, 8, 22, 1, 4, 5, 321_000, UTC)


@pytest.mark.parametrize(
    ("properties", "outputs", "tags"),
    [
        ({}, {}, {"fetch": "false", "store": "false"}),
        ({"fetchType": "FETCH_ONE"}, {"row": {"i": 0}, "size": 1}, FETCHED),
        ({"fetchOne": True}, {"row": {"i": 0}, "size": 1}, FETCHED),
        ({"fetch": True}, {"rows": [{"i": 0}, {"i": 1}], "size": 2}, FETCHED),
        ({"store": True}, {"size": 2}, {"fetch": "false", "store": "true"}),
    ],
)  # fmt: skip
def test_what_becomes_of_the_rows(db, properties, outputs, tags):
    ctx = db.context()
    made = db.run("Query", "select i from range(2) t(i)", ctx, fetchSize=1, **properties)
    uri = made.pop("uri", None)
    assert made == {"outputFiles": {}, **outputs}
    assert ctx.counters == [("fetch.size", outputs.get("size", 0), tags)]
    if uri:
        assert rows_at(ctx, uri) == [{"i": 0}, {"i": 1}]


def test_no_row_is_a_null_row(db):
    made = db.query("select 1 x where false", fetchType="FETCH_ONE")
    assert made == {"row": None, "size": 0, "outputFiles": {}}


def test_a_query_may_be_several_statements_of_which_the_last_one_counts(db):
    sql = "create table t (a int); insert into t values (1), (2); select sum(a) s from t; -- x"
    assert db.rows(sql) == [{"s": "3"}]


def test_queries_have_an_output_for_each_statement_that_gives_rows(db):
    ctx = db.context()
    sql = """
      create table t (a int);
      insert into t values (1), (2);
      select * from t order by a;
      insert into t values (3) returning a;
      select count(*) c from t
    """
    outputs = db.run("Queries", sql, ctx, fetchType="FETCH")["outputs"]
    assert [made["rows"] for made in outputs] == [
        [{"a": 1}, {"a": 2}],
        [{"a": 3}],
        [{"c": 3}],
    ]
    assert ctx.counters == [("fetch.size", 4, {"fetch": "true", "store": "false"})]


def test_queries_say_when_rows_are_not_kept(db):
    ctx = db.context()
    assert db.run("Queries", "select 1", ctx)["outputs"] == [{}]
    assert ctx.logs == [("INFO", "fetchType is set to NONE, no output will be returned")]


def test_parameters_are_bound_with_their_types(db):
    ctx = db.context(n=3, when=date(2031, 11, 2))
    sql = "select :n + 1 a, ':n' b, :s c, :when::date d, {'k': :n} e, :l f"
    made = db.run(
        "Query", sql, ctx, fetchType="FETCH_ONE",
        parameters={"n": "<n>", "s": "it's; :n", "when": "<when>", "l": [1, 2], "unused": 1},
    )  # fmt: skip
    assert made["row"] == {
        "a": 4, "b": ":n", "c": "it's; :n", "d": "2031-11-02", "e": {"k": 3}, "f": "[1,2]",
    }  # fmt: skip


def test_input_files_are_there_by_name_and_by_path(tmp_path):
    ctx = ReachingContext(tmp_path)
    ctx.values["uri"] = stored(ctx, "id,name\n1,Ann\n", "x.csv")
    db = Database("duckdb", tmp_path)
    files = {"a.csv": "<uri>", "sub/b.csv": "id,name\n2,Bob\n"}
    sql = "select filename, name from read_csv('**/*.csv', filename = true) order by id"
    made = db.run("Query", sql, ctx, inputFiles=files, fetchType="FETCH")
    assert made["rows"] == [
        {"filename": "a.csv", "name": "Ann"},
        {"filename": "sub/b.csv", "name": "Bob"},
    ]


def test_files_that_the_sql_writes_are_kept(tmp_path):
    ctx = Rendering(tmp_path)
    sql = (
        "copy (select 1 a) to '{{ outputFiles.out }}' (header);"
        "copy (select a + 1 b from read_csv('{{ workingDir }}/in.csv')) to '{{ outputFiles.two }}'"
    )
    made = Database("duckdb", tmp_path).run(
        "Queries", sql, ctx, inputFiles={"in.csv": "a\n1\n"}, outputFiles=["out", "two"]
    )
    assert content(ctx, made["outputFiles"]["out"]) == "a\n1\n"
    assert content(ctx, made["outputFiles"]["two"]).endswith("2\n")


def test_a_database_goes_from_task_to_task_as_a_file(tmp_path):
    db = Database("duckdb", tmp_path)
    ctx = db.context()
    made = db.run("Queries", "create table t as select 42 a", ctx, outputDbFile=True)
    uri = made["databaseUri"]
    other = db.run("Query", "from t", ctx, databaseUri=uri, fetchType="FETCH_ONE")
    assert other["row"] == {"a": 42}
    db.run("Query", "drop table t", ctx, databaseUri=uri)
    assert db.run("Query", "from t", ctx, databaseUri=uri, fetchOne=True)["row"] == {"a": 42}


def test_a_database_file_is_named_by_the_url_or_the_older_property(tmp_path):
    db = Database("duckdb", tmp_path)
    file = tmp_path / "new folder" / "x.db"
    db.query("create table t as select 1 a", url=f"jdbc:duckdb:{file}")
    assert db.rows("from t", databaseFile=str(file)) == [{"a": 1}]


def test_what_failed_did_nothing(tmp_path):
    file = tmp_path / "x.db"
    db = Database("duckdb", tmp_path, url=f"jdbc:duckdb:{file}")
    db.query("create table t (a int)")
    sql = "insert into t values (1); insert into t values ('x')"
    with pytest.raises(TaskFailed, match=r"(?s)DuckDB: Conversion Error.*in statement 2 of 2"):
        db.queries(sql)
    with pytest.raises(TaskFailed, match="DuckDB: Conversion Error"):
        db.query("insert into t values (1)", afterSQL="insert into t values ('x')")
    assert db.rows("select count(*) c from t") == [{"c": 0}]
    with pytest.raises(TaskFailed):
        db.queries(sql, transaction=False)
    db.query("insert into t values (2)", afterSQL="insert into t values (3)")
    assert db.rows("from t order by a") == [{"a": 1}, {"a": 2}, {"a": 3}]


@pytest.mark.parametrize(
    ("sql", "properties", "said"),
    [
        ("selec 1", {}, "DuckDB: Parser Error"),
        ("from nothing", {}, "Table with name nothing does not exist"),
        ("select :a", {"parameters": {"b": 1}}, "DuckDB: "),
        ("select 1", {"url": "jdbc:sqlite:x"}, "`jdbc:duckdb:` expected"),
        ("select 1", {"timeZoneId": "Mars"}, "Unknown time-zone ID: Mars"),
        ("select 1", {"afterSQL": "select 1; select 2"}, "only a single SQL statement"),
        ("x", {"url": "jdbc:duckdb::memory:", "outputDbFile": True}, "Parser Error"),
        ("select 1", {"url": "jdbc:duckdb::memory:", "outputDbFile": True}, "needs a database"),
        ("select 1", {"communityExtensions": ["a;b"]}, "is no name of a DuckDB extension"),
    ],
)  # fmt: skip
def test_what_the_user_got_wrong(db, sql, properties, said):
    with pytest.raises(TaskFailed, match=said):
        db.query(sql, **properties)


def test_an_extension_that_is_not_there_is_a_warning(tmp_path):
    ctx = ReachingContext(tmp_path, given=Given(offline=True))
    made = Database("duckdb", tmp_path).run(
        "Query", "select 1 a", ctx, communityExtensions=["no_such_one"], fetchOne=True
    )
    assert made["row"] == {"a": 1}
    assert ctx.logs[0][0] == "WARN"
    assert "`no_such_one` is not there" in ctx.logs[0][1]


def test_motherduck_is_refused_offline(tmp_path):
    ctx = ReachingContext(tmp_path, given=Given(offline=True))
    with pytest.raises(TaskFailed, match="`--offline` allows none"):
        Database("duckdb", tmp_path).run("Query", "select 1", ctx, url="jdbc:duckdb:md:x")


def test_a_query_ends_when_the_attempt_is_to_end(tmp_path):
    ctx = Ending(tmp_path)
    slow = "select count(*) from range(100000000) a(i), range(100000) b(j) where i * j % 7 = 3"
    with pytest.raises(Ending.Over):
        Database("duckdb", tmp_path).run("Query", slow, ctx)


def test_nothing_is_left_beside_the_flow(tmp_path):
    db = Database("duckdb", tmp_path)
    db.query("select 1", outputDbFile=True)
    assert {path.name for path in tmp_path.iterdir()} <= {"state"}
    assert place(db.context(), db.query("select 1", outputDbFile=True)["databaseUri"]).is_file()
    assert not Path("duckdb.db").exists()
