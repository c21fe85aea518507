import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.databases import Database, Ending, Rendering
from tests.support.reach import ReachingContext
from tests.support.servers import PASSWORD
from tests.support.stored import stored
from tests.support.tables import ion, rows_at
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

TYPES = """
create or replace table kinds (
  id serial, ok tinyint(1), tiny tinyint, n int, big bigint, flag bit(1), bits bit(6), f float,
  d double, num decimal(10,2), day date, moment datetime(6), clock time,
  stamp timestamp(6) null, y year, j json, b blob, vb varbinary(4), t text, e enum('x','y'),
  s set('p','q'), never datetime, nothing text
);
insert into kinds values (
  1, 1, 5, -7, -9223372036854775808, b'1', b'000101', 1.5, 2147483645.1234, 5.36, '2030-12-25',
  '2050-12-31 22:59:57.150150', '04:05:30', '2004-10-19 10:23:54.999999', 2025, '{"k": 1}',
  x'DEADBEEF', x'00ff', 'é', 'y', 'p,q', '0000-00-00 00:00:00', null
);
"""


@pytest.fixture(params=["mysql", "mariadb"])
def db(tmp_path, mariadb_server, request):
    return Database(
        request.param, tmp_path, username="root", password=PASSWORD,
        url=f"jdbc:{request.param}://127.0.0.1:{mariadb_server.port}/shop?socketTimeout=30000",
    )  # fmt: skip


@pytest.fixture
def table(db):
    """The name of a table `(a int, b text)` that is gone after the test."""
    db.query("create or replace table things (a int primary key, b text)")
    yield "things"
    db.query("drop table things")


def test_every_type_has_a_value(db):
    ctx = db.context()
    db.queries("set sql_mode = '';" + TYPES)
    (row,) = db.run("Query", "select * from kinds", ctx, fetch=True)["rows"]
    assert row == {
        "id": "1", "ok": True, "tiny": 5, "n": -7, "big": -9223372036854775808, "flag": True,
        "bits": "BQ==", "f": 1.5, "d": 2147483645.1234, "num": 5.36, "day": "2030-12-25",
        "moment": "2050-12-31T22:59:57.15015", "clock": "04:05:30",
        "stamp": "2004-10-19T10:23:54.999999Z", "y": "2025-01-01", "j": '{"k": 1}',
        "b": "3q2+7w==", "vb": "AP8=", "t": "é", "e": "y", "s": "p,q",
        "never": "0000-00-00 00:00:00", "nothing": None,
    }  # fmt: skip
    json.dumps(row)
    assert ctx.hidden == [PASSWORD]
    outputs = db.run("Query", "select * from kinds", ctx, store=True)
    (row,) = rows_at(ctx, outputs["uri"])
    assert row["num"] == Decimal("5.36")
    assert row["day"] == date(2030, 12, 25)
    assert row["stamp"] == datetime(2004, 10, 19, 10, 23, 54, 999_999, UTC)
    assert row["b"] == b"\xde\xad\xbe\xef"


def test_rows_come_in_batches(db):
    ctx = db.context()
    outputs = db.run("Query", "select seq a from seq_1_to_25", ctx, store=True, fetchSize=10)
    assert [row["a"] for row in rows_at(ctx, outputs["uri"])] == [str(n) for n in range(1, 26)]
    assert db.query("select seq a from seq_1_to_25", fetchOne=True)["size"] == 1
    assert db.query("select 1") == {}


def test_queries_run_in_one_transaction(db, table):
    made = db.queries(
        "insert into things values (1, 'x'); select * from things; select count(*) c from things",
        fetchType="FETCH",
    )
    assert [one["rows"] for one in made["outputs"]] == [[{"a": 1, "b": "x"}], [{"c": 1}]]
    broken = "insert into things values (2, 'y'); select * from nope"
    with pytest.raises(TaskFailed) as caught:
        db.queries(broken)
    assert str(caught.value) == (
        "MySQL: Table 'shop.nope' doesn't exist (error 1146)\nin statement 2 of 2"
    )
    with pytest.raises(TaskFailed):
        db.query("insert into things values (2, 'y')", afterSQL="select * from nope")
    assert len(db.rows("select * from things")) == 1
    with pytest.raises(TaskFailed):
        db.queries(broken, transaction=False)
    assert len(db.rows("select * from things")) == 2


def test_a_procedure_is_one_statement_and_its_first_result_counts(db):
    made = db.queries(
        "drop procedure if exists p;"
        "create procedure p(n int) begin if n > 0 then select n a; end if; select 'two' b; end;"
        "call p(7); select 8 c",
        fetchType="FETCH",
    )
    assert [one["rows"] for one in made["outputs"]] == [[{"a": 7}], [{"c": 8}]]


def test_several_statements_need_the_urls_consent(db):
    with pytest.raises(TaskFailed, match="Query task support only a single SQL statement"):
        db.query("select 1 a; select 2 a")
    url = f"{db.properties['url']}&allowMultiQueries=true&useSSL=false"
    assert db.rows("select 1 a; select 2 a", url=url) == [{"a": 2}]


def test_parameters_are_bound(db):
    values = {"n": 3, "s": "it's :n %s", "d": "2031-11-02", "l": [1], "z": None, "b": b"\x01\xff"}
    sql = "select :n + 1 a, ':n %' b, :s c, cast(:d as date) d, :l e, :z f, hex(:b) g, :n % 2 h"
    (row,) = db.rows(sql, parameters=values)
    assert row == {
        "a": 4, "b": ":n %", "c": "it's :n %s", "d": "2031-11-02", "e": "[1]", "f": None,
        "g": "01FF", "h": 1,
    }  # fmt: skip
    assert db.rows("select 'a%s' a") == [{"a": "a%s"}]
    assert db.rows("select '100%' a", parameters={"unused": 1}) == [{"a": "100%"}]


def test_a_local_file_is_loaded(tmp_path, db, table):
    ctx = Rendering(tmp_path)
    uri = stored(ctx, "1,x\n2,y\n", "in.csv")
    sql = "load data local infile '{{ inputFile }}' into table things fields terminated by ','"
    db.run("Query", sql, ctx, inputFile=uri)
    assert db.rows("select * from things order by a") == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_the_server_gets_no_other_file(tmp_path, db, table):
    ctx = Rendering(tmp_path)
    (tmp_path / "private").write_text("1,secret\n")
    sql = f"load data local infile '{tmp_path / 'private'}' into table things"
    with pytest.raises(TaskFailed, match="a file that is not `inputFile`"):
        db.run("Query", sql, ctx, inputFile=stored(ctx, "", "in.csv"))
    with pytest.raises(TaskFailed):
        db.query(sql)
    assert db.rows("select * from things") == []


def test_rows_are_inserted_in_chunks(tmp_path, db, table):
    ctx = ReachingContext(tmp_path)
    uri = stored(ctx, ion(*({"a": at, "b": None if at % 2 else f"{at}%"} for at in range(25))), "x")
    made = db.run("Batch", "insert into things values (?, ?)", ctx, from_=uri, chunk=10)
    assert made == {"rowCount": 25, "updatedCount": 25}
    assert db.rows("select b from things where a = 2") == [{"b": "2%"}]
    lists = stored(ctx, ion([50, "x"], [51, "y"]), "y")
    assert db.run("Batch", None, ctx, from_=lists, table="things")["updatedCount"] == 2
    with pytest.raises(TaskFailed, match="Duplicate entry"):
        db.run("Batch", None, ctx, from_=lists, table="things")


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"password": "wrong"}, "Access denied for user 'root'"),
        ({"url": "jdbc:mysql://127.0.0.1:1/x"}, "no connection to MySQL at 127.0.0.1:1"),
        ({"url": "jdbc:postgresql://127.0.0.1/x"}, "`jdbc:mysql:` or `jdbc:mariadb:` expected"),
        ({"timeZoneId": "Mars"}, "Unknown time-zone ID"),
    ],
)
def test_what_the_user_got_wrong(db, properties, said):
    with pytest.raises(TaskFailed, match=said):
        db.query("select 1", **properties)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("disabled", ""),
        ("preferred", ""),
        ("required", "SSL is required but the server"),
        ("verify_ca", "SSL is required but the server"),
        ("odd", "unknown sslMode `odd`"),
    ],
)
def test_connections_are_encrypted_as_asked_for(db, mode, said):
    """The server of these tests has no certificate."""
    url = f"{db.properties['url']}&sslMode={mode}"
    if not said:
        assert db.rows("select 1 a", url=url) == [{"a": 1}]
        return
    with pytest.raises(TaskFailed, match=said):
        db.query("select 1", url=url)


def test_a_server_elsewhere_is_refused_offline(tmp_path, db):
    ctx = ReachingContext(tmp_path, given=Given(offline=True))
    with pytest.raises(TaskFailed, match=r"the connection to db\.example\.org is refused"):
        db.run("Query", "select 1", ctx, url="jdbc:mysql://db.example.org/x")


def test_a_query_ends_when_the_attempt_is_to_end(tmp_path, db):
    with pytest.raises(Ending.Over):
        db.run("Query", "select sleep(60)", Ending(tmp_path), fetch=True)
    sleeps = "select count(*) n from information_schema.processlist where info like '%sleep(60)'"
    wait_until(lambda: not db.rows(sleeps)[0]["n"], "the end of the query")
