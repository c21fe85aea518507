import json
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.databases import Database, Ending
from tests.support.reach import ReachingContext
from tests.support.servers import PASSWORD
from tests.support.stored import stored
from tests.support.tables import ion, rows_at
from tests.support.tls import PEM
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

TYPES = """select
  true available, 'four'::char(4) a, 'text' c, null::text d, 32767::smallint play_time,
  9223372036854775807 library_record, 1.5::float8 f8, 123.456::real f4, 2147483645.1234 num,
  date '2030-12-25' as day, time '04:05:30' t, timetz '04:05:06-08' tz,
  timestamp '2004-10-19 10:23:54.999999' ts, timestamptz '2004-10-19 10:23:54.250+04' tstz,
  interval '10 years 4 months 5 days 10 seconds' i, array[100,200,300] quarters,
  array[['meeting','lunch'],['training','presentation']] schedule,
  '{"color":"red","n":[1,null]}'::json j, '[1]'::jsonb jb, '\\xDEADBEEF'::bytea b,
  '12151fd2-7586-11e9-8f9e-2a86e4085a59'::uuid u, pg_sleep(0) v, 'infinity'::timestamp inf,
  '10.0.0.1/8'::inet ip, '[1,2)'::int4range r, array[date '2030-12-25'] days, 12.5::money m,
  'NaN'::numeric nan
"""


@pytest.fixture
def db(tmp_path, postgres_server):
    return Database(
        "postgresql", tmp_path, username="kestrel", password=PASSWORD,
        url=f"jdbc:postgresql://127.0.0.1:{postgres_server.port}/postgres?socketTimeout=30",
    )  # fmt: skip


@pytest.fixture
def table(db):
    """The name of a table `(a int, b text)` that is gone after the test."""
    db.query("create table things (a int primary key, b text)")
    yield "things"
    db.query("drop table things")


def test_every_type_has_a_value(db):
    ctx = db.context()
    (row,) = db.run("Query", TYPES, ctx, fetch=True, timeZoneId="Europe/Paris")["rows"]
    assert row == {
        "available": True, "a": "four", "c": "text", "d": None, "play_time": 32767,
        "library_record": 9223372036854775807, "f8": 1.5, "f4": 123.456, "num": 2147483645.1234,
        "day": "2030-12-25", "t": "04:05:30", "tz": "13:05:06", "ts": "2004-10-19T10:23:54.999999",
        "tstz": "2004-10-19T08:23:54.25+02:00", "i": "P10Y4M5DT0H0M10S",
        "quarters": [100, 200, 300],
        "schedule": [["meeting", "lunch"], ["training", "presentation"]],
        "j": {"color": "red", "n": [1, None]}, "jb": [1], "b": "3q2+7w==",
        "u": "12151fd2-7586-11e9-8f9e-2a86e4085a59", "v": None, "inf": "infinity",
        "ip": "10.0.0.1/8", "r": "[1,2)", "days": ["2030-12-25"], "m": "$12.50",
        "nan": row["nan"],
    }  # fmt: skip
    json.dumps(row)
    assert ctx.hidden == [PASSWORD]


def test_a_stored_row_keeps_its_types(db):
    ctx = db.context()
    outputs = db.run("Query", TYPES, ctx, store=True)
    (row,) = rows_at(ctx, outputs["uri"])
    assert row["num"] == Decimal("2147483645.1234")
    assert row["day"] == date(2030, 12, 25)
    assert row["tstz"] == datetime(2004, 10, 19, 6, 23, 54, 250_000, UTC)
    assert row["b"] == b"\xde\xad\xbe\xef"


@pytest.mark.parametrize("kept", [{"store": True}, {"fetch": True}, {"fetchOne": True}, {}])
@pytest.mark.parametrize(
    ("sql", "count", "changed"),
    [
        ("select i from generate_series(1, 25) i", 25, 0),
        ("with n as (select 1 i) select * from n", 1, 0),
        ("show server_version", 1, 0),
        ("insert into things select i, 'x' from generate_series(1, 13) i returning a", 13, 13),
        ("with n as (insert into things values (9, 'y') returning a) select a from n", 1, 1),
    ],
)
def test_rows_come_in_batches_from_whatever_gives_rows(db, table, sql, count, changed, kept):
    outputs = db.query(sql, fetchSize=10, **kept)
    assert outputs.get("size", 0) == (1 if "fetchOne" in kept else count if kept else 0)
    assert len(db.rows("select * from things")) == changed


def test_queries_run_in_one_transaction(db, table):
    made = db.queries(
        "insert into things values (1, 'x'); select * from things; select count(*) c from things",
        fetchType="FETCH",
    )
    assert [one["rows"] for one in made["outputs"]] == [[{"a": 1, "b": "x"}], [{"c": 1}]]
    broken = "insert into things values (2, 'y'); select * from nope"
    with pytest.raises(TaskFailed) as caught:
        db.queries(broken, fetchType="STORE")
    assert str(caught.value) == (
        'PostgreSQL: relation "nope" does not exist (42P01)\nin statement 2 of 2'
    )
    with pytest.raises(TaskFailed):
        db.query("insert into things values (2, 'y')", afterSQL="select * from nope")
    assert len(db.rows("select * from things")) == 1
    with pytest.raises(TaskFailed):
        db.queries(broken, transaction=False)
    assert len(db.rows("select * from things")) == 2
    db.query("update things set b = 'z' where a = 1", afterSQL="delete from things where a = 2")
    db.query("insert into things values (3, null)", autoCommit=False)
    assert db.rows("select * from things order by a") == [{"a": 1, "b": "z"}, {"a": 3, "b": None}]


def test_a_function_is_one_statement(db):
    db.queries(
        "create or replace function twice(n int) returns int as $$ begin return n * 2; end; $$ "
        "language plpgsql; do $x$ begin perform 1; end $x$"
    )
    assert db.rows("select twice(21) n") == [{"n": 42}]
    with pytest.raises(TaskFailed, match="Query task support only a single SQL statement"):
        db.query("select 1; select 2")


def test_parameters_are_bound(db):
    values = {
        "n": 3, "s": "it's :n", "d": "2031-11-02", "l": [1, 2], "j": {"k": [1]}, "z": None,
        "f": 1.5, "t": True, "b": b"\x01",
    }  # fmt: skip
    sql = (
        "select :n::int + 1 a, ':n' b, :s::text c, :d::date d, :l::int[] e, :j::jsonb f, :z::int g,"
        " :f::float8 h, :t::bool i, :b::bytea k, :n::int l"
    )
    for kept in ({"fetch": True}, {"fetch": True, "fetchSize": 1}):
        (row,) = db.query(sql, parameters=values, **kept)["rows"]
        assert row == {
            "a": 4, "b": ":n", "c": "it's :n", "d": "2031-11-02", "e": [1, 2], "f": {"k": [1]},
            "g": None, "h": 1.5, "i": True, "k": "AQ==", "l": 3,
        }  # fmt: skip


def test_rows_are_inserted_in_chunks(tmp_path, db, table):
    ctx = ReachingContext(tmp_path)
    uri = stored(
        ctx, ion(*({"a": at, "b": None if at % 2 else str(at)} for at in range(25))), "x.ion"
    )
    made = db.run("Batch", "insert into things values (?, ?)", ctx, from_=uri, chunk=10)
    assert made == {"rowCount": 25, "updatedCount": 25}
    assert ctx.counters == [("records", 25, {}), ("updated", 25, {}), ("query", 3, {})]
    assert len(db.rows("select * from things where b is null")) == 12
    more = stored(
        ctx, ion({"a": 50, "b": "x", "other": 1}, {"a": 51, "b": "y", "other": 2}), "y.ion"
    )
    options = {"from_": more, "table": "things", "columns": ["a", "b"]}
    assert db.run("Batch", None, ctx, **options)["updatedCount"] == 2
    with pytest.raises(TaskFailed, match="duplicate key value"):
        db.run("Batch", None, ctx, **options)
    with pytest.raises(TaskFailed, match="row 1 has 3 values, and the statement takes 2"):
        db.run("Batch", "insert into things values (?, ?)", ctx, from_=more)
    with pytest.raises(TaskFailed, match="Batch needs `sql`"):
        db.run("Batch", None, ctx, from_=more)


@pytest.mark.parametrize(
    ("properties", "encrypted"),
    [
        ({"sslMode": "DISABLE"}, False),
        ({}, True),
        ({"sslMode": "REQUIRE"}, True),
        ({"sslMode": "VERIFY_FULL", "sslRootCert": PEM}, True),
        ({"ssl": True, "sslRootCert": PEM}, True),
        ({"sslMode": "VERIFY_CA", "sslRootCert": PEM, "sslCert": PEM, "sslKey": PEM}, True),
    ],
)
def test_connections_are_encrypted_as_asked_for(db, properties, encrypted):
    sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
    assert db.rows(sql, **properties) == [{"ssl": encrypted}]
    assert not list(db.folder.rglob("*.key"))


def test_a_certificate_that_nobody_trusts_is_refused(db):
    with pytest.raises(TaskFailed, match=r"no connection to PostgreSQL.*CERTIFICATE_VERIFY_FAILED"):
        db.query("select 1", sslMode="VERIFY_FULL")


def test_the_url_may_say_more(db, postgres_server):
    url = (
        f"jdbc:postgresql://127.0.0.1:1,127.0.0.1:{postgres_server.port}/postgres"
        f"?user=kestrel&password={PASSWORD}&sslmode=disable&currentSchema=pg_catalog"
        "&ApplicationName=mine&connectTimeout=5"
    )
    sql = (
        "select current_schema s, current_setting('application_name') n, "
        "current_setting('timezone') z"
    )
    made = db.rows(sql, url=url, username=None, password=None)
    assert made == [{"s": "pg_catalog", "n": "mine", "z": "UTC"}]


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"password": "wrong"}, 'password authentication failed for user "kestrel" .28P01.'),
        ({"username": None}, "needs a user"),
        ({"url": "jdbc:postgresql://127.0.0.1:1/x"}, "no connection to PostgreSQL at 127.0.0.1:1"),
        ({"url": "jdbc:mysql://127.0.0.1/x"}, "`jdbc:postgresql:` expected"),
        ({"sslRootCert": "no pem"}, "the root certificate can't be read"),
        (
            {"sslMode": "REQUIRE", "sslCert": "x", "sslKey": "y"},
            "the client certificate can't be used",
        ),
    ],
)
def test_what_the_user_got_wrong(db, properties, said):
    with pytest.raises(TaskFailed, match=said):
        db.query("select 1", **properties)


def test_a_server_elsewhere_is_refused_offline(tmp_path, db):
    ctx = ReachingContext(tmp_path, given=Given(offline=True))
    with pytest.raises(TaskFailed, match=r"the connection to db\.example\.org is refused"):
        db.run("Query", "select 1", ctx, url="jdbc:postgresql://db.example.org/x")
    assert db.run("Query", "select 1 a", ctx, fetchOne=True)["row"] == {"a": 1}


def sleeping(db):
    """How many statements sleep on the server."""
    return db.rows(
        "select count(*) n from pg_stat_activity where query like '%pg_sleep(60)%' "
        "and state = 'active' and pid <> pg_backend_pid()"
    )[0]["n"]


def test_a_query_ends_when_the_attempt_is_to_end(tmp_path, db):
    with pytest.raises(Ending.Over):
        db.run("Query", "select pg_sleep(60)", Ending(tmp_path), fetch=True)
    wait_until(lambda: sleeping(db) == 0, "the end of the query")


class Raising(ReachingContext):
    """Ends the attempt by an exception out of the block, as on the main thread."""

    @contextmanager
    def ending(self, stop):
        import signal

        def ring(*_):
            raise Ending.Over

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def test_a_query_ends_by_an_exception_on_the_main_thread(tmp_path, db):
    with pytest.raises(Ending.Over):
        db.run("Query", "select pg_sleep(60)", Raising(tmp_path), fetch=True)
    wait_until(lambda: sleeping(db) == 0, "the end of the query")
