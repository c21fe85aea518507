from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.java.times import Instant
from tests.support.reach import ReachingContext
from tests.support.stored import content
from tests.support.tables import converted, counted, ion, rows_at

CATALOG = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE catalog>
<catalog>
  <book id="1" lang="en"><title>A &amp; B</title><price>12.50</price></book>
  <book id="007">text<new>true</new></book>
</catalog>
"""


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def rows(ctx, text, **properties):
    return rows_at(ctx, converted(ctx, "xml.XmlToIon", text, **properties)["uri"])


def written(ctx, *values, **properties):
    return content(ctx, converted(ctx, "xml.IonToXml", ion(*values), **properties)["uri"])


def forced(*names):
    from kestrel_cli.tasks.serdes.xml_to_ion import ParserConfiguration

    return ParserConfiguration(forceList=list(names))


def test_a_document_is_one_row(ctx):
    book = {"id": 1, "lang": "en", "title": "A & B", "price": Decimal("12.50")}
    other = {"id": "007", "content": "text", "new": True}
    assert rows(ctx, CATALOG) == [{"catalog": {"book": [book, other]}}]
    assert counted(ctx, "records") == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("/catalog/book", 2),
        ("#/catalog/book", 2),
        ("/catalog/book/0", 1),
        ("/catalog/nothing", 0),
        ("/catalog/book/9", 0),
    ],
)
def test_a_query_finds_rows(ctx, query, found):
    assert len(rows(ctx, CATALOG, query=query)) == found
    assert bool(ctx.logs) is (found == 0)


def test_the_root_can_be_unwrapped(ctx):
    assert len(rows(ctx, CATALOG, unwrapRootCollection=True)) == 2
    assert rows(ctx, "<a><b>1</b></a>", unwrapRootCollection=True) == [{"a": {"b": 1}}]


def test_names_can_be_forced_to_be_lists(ctx):
    text = "<a><b>1</b><c/></a>"
    assert rows(ctx, text, parserConfiguration=forced("b", "c")) == [{"a": {"b": [1], "c": [""]}}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("  x y ", "x y"),
        ("-0", -0.0),
        ("010", "010"),
        ("1e3", Decimal("1e3")),
        ("1.", Decimal(1)),
        ("1-2", "1-2"),
        ("TRUE", True),
        ("null", None),
        ("123456789012345678901", 123456789012345678901),
        ("<![CDATA[ 1 ]]>", " 1 "),
        ("a<i/>b", {"content": ["a", "b"], "i": ""}),
    ],
)
def test_texts_that_spell_something_become_that(ctx, text, value):
    assert rows(ctx, f"<a>{text}</a>") == [{"a": value}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a><b></a>", "the file is no XML: mismatched tag: line 1, column 8"),
        ("", "no element found"),
        ('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "declares the entity `e`"),
        ("<a>" * 200, "nested deeper than 100"),
    ],
)
def test_what_is_not_read(ctx, text, said):
    with pytest.raises(TaskFailed, match=said):
        rows(ctx, text)


def test_rows_become_items(ctx):
    row = {"a b": "<x>", "n": None, "l": [1, {"k": True}], "e": {}, "1": [[1, 2]]}
    assert written(ctx, row, ["x"], rootName="my rows").splitlines() == [
        "<?xml version='1.0' encoding='UTF-8'?>",
        "<my_rows>",
        "  <item>",
        "    <a_b>&lt;x&gt;</a_b>",
        "    <n/>",
        "    <l>1</l>",
        "    <l>",
        "      <k>true</k>",
        "    </l>",
        "    <e/>",
        "    <_1>",
        "      <item>1</item>",
        "      <item>2</item>",
        "    </_1>",
        "  </item>",
        "  <item>",
        "    <item>x</item>",
        "  </item>",
        "</my_rows>",
    ]
    assert counted(ctx, "records") == 2


def test_other_values_and_characters(ctx):
    row = {
        "i": Instant.of(datetime(2031, 11, 2, 3, 4, 5, tzinfo=UTC)), "d": date(2031, 11, 2),
        "b": b"hi", "f": 1e10, "c": "\x01é",
    }  # fmt: skip
    lines = written(ctx, row, charset="US-ASCII").splitlines()
    assert lines[0] == "<?xml version='1.0' encoding='ASCII'?>"
    assert lines[3:8] == [
        "    <i>2031-11-02T03:04:05Z</i>",
        "    <d>2031-11-02</d>",
        "    <b>aGk=</b>",
        "    <f>1.0E10</f>",
        "    <c>&#65533;&#233;</c>",
    ]


def test_no_rows_are_an_empty_root(ctx):
    assert written(ctx).splitlines()[1] == "<items/>"
