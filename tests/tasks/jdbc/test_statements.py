import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.tasks.jdbc.statements import (
    DUCKDB,
    MYSQL,
    POSTGRES,
    SQLITE,
    first_word,
    has_word,
    marks,
    named,
    split,
    tokens,
)

ALL = pytest.mark.parametrize("dialect", [DUCKDB, MYSQL, POSTGRES, SQLITE], ids="dmps")
PIECES = st.lists(
    st.sampled_from(
        ["'", '"', "`", "$$", "$a$", "--", "/*", "*/", "#", "\n", ";", ":x", "::", "[", "]", "\\",
         "BEGIN", "END", "CREATE", "FUNCTION", "CASE", "IF", " ", "a", "1.5", "?", "e'", "é"]
    )
)  # fmt: skip


@ALL
@given(pieces=PIECES)
def test_the_pieces_are_the_text(dialect, pieces):
    sql = " ".join(pieces)
    assert "".join(text for _, text in tokens(sql, dialect)) == sql


@ALL
@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("", []),
        (" ; -- nothing\n;; /* ; */", []),
        ("select 1", ["select 1"]),
        ("select 1;\n select 2 ; ", ["select 1", "select 2"]),
        ("select ';', 'it''s; x'; x", ["select ';', 'it''s; x'", "x"]),
        ('select "a;b"; x', ['select "a;b"', "x"]),
        ("-- a; b\nselect 1; /* c; */ select 2", ["-- a; b\nselect 1", "/* c; */ select 2"]),
        ("select 'open; x", ["select 'open", "x"]),
        ("begin; insert into t values (1); end", ["begin", "insert into t values (1)", "end"]),
        ("select case when a then 1 end; x", ["select case when a then 1 end", "x"]),
    ],
)  # fmt: skip
def test_statements_end_at_their_semicolons(dialect, sql, statements):
    assert split(sql, dialect) == statements


@pytest.mark.parametrize(
    ("dialect", "first"),
    [
        (POSTGRES, "create function f() returns int as $$ begin return 1; end; $$ language sql"),
        (POSTGRES, "do $body$ begin perform 1; end $body$"),
        (POSTGRES, "select e'it\\'s; x', $1, a$b$c"),
        (POSTGRES, "select /* a /* b; */ ; */ 1"),
        (POSTGRES, "create function f() returns int begin atomic select 1; select 2; end"),
        (MYSQL, "select 'it\\'s; x', \"a\\\";b\", `a;b`"),
        (MYSQL, "select 1 -- a; b\n # c; d\n"),
        (MYSQL, "select 1--2"),
        (
            MYSQL,
            "create procedure p() begin if 1 then select 1; end if; case 1 when 1 then select 2; "
            "end case; while 0 do select 3; end while; begin select 4; end; end",
        ),
        (SQLITE, "create trigger t after insert on a begin update b set c = case 1 when 1 then 2 "
                 "end; delete from d; end"),
        (SQLITE, "select [a;b], `c;d`"),
        (DUCKDB, "select $$a;b$$, a['x'], {'k': 1}"),
    ],
)  # fmt: skip
def test_what_a_database_spells_in_its_own_way(dialect, first):
    assert split(f"{first}; select 2", dialect) == [first.strip(), "select 2"]


def test_names_get_placeholders_outside_of_quotes_and_casts():
    sql = "select :a, ':a', a::text, x[1:a], :b, :a -- :a\n"
    made = named(sql, POSTGRES, {"a"}, "<{}>".format)
    assert made == "select <a>, ':a', a::text, x[1:a], :b, <a> -- :a\n"


def test_question_marks_are_counted_outside_of_quotes():
    assert marks("values (?, '?', ?)", POSTGRES, "${}".format) == ("values ($1, '?', $2)", 2)


@pytest.mark.parametrize(
    ("sql", "word"), [("/* x */ -- y\n Select 1", "SELECT"), ("(select 1)", "SELECT"), ("", "")]
)
def test_the_first_word(sql, word):
    assert first_word(sql, SQLITE) == word


def test_words_in_quotes_and_comments_do_not_count():
    assert has_word("insert into t values (1) returning id", SQLITE, "RETURNING")
    assert not has_word("insert into t values ('returning') -- returning", SQLITE, "RETURNING")
