"""Reports of coverage, read by readers that know nothing of ours."""

import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from kestrel_cli.model.coverage import CoverageReport, FlowCoverage, Point, Share
from kestrel_cli.reporters.coverage.cobertura import cobertura
from kestrel_cli.reporters.coverage.document import coverage_json
from kestrel_cli.reporters.coverage.formats import FORMATS
from kestrel_cli.reporters.coverage.lcov import lcov
from kestrel_cli.reporters.coverage.page import coverage_page
from kestrel_cli.reporters.coverage.table import coverage_text

TEXT = """id: <b>&"f"</b>
namespace: n
tasks:
  - id: many
    type: If
    condition: "{{ 1 < 2 }}"
    then:
      - id: yes
        message: "<script>alert(1)</script>"
    else:
      - {id: no, message: "{{ x }}"}
  - id: get
    uri: "{{ inputs.u }}"
"""
MAIN = FlowCoverage(
    "flows/a&b.yaml",
    "company.team",
    "main",
    [
        Point("task", 4, "task many", 3, "many", "many"),
        Point("branch", 4, "If many: then", 3, "many", "then"),
        Point("branch", 4, "If many: else", 0, "many", "else"),
        Point("expression", 6, "expression {{ 1 < 2 }} of many", 3, "many", "{{ 1 < 2 }}"),
        Point("task", 8, "task yes", 3, "yes", "yes"),
        Point("task", 11, "task no", 0, "no", "no"),
        Point("branch", 11, "Log no: runIf true", 0, "no", "runIf", known=False),
        Point("expression", 11, "expression {{ x }} of no", 0, "no", "{{ x }}", known=False),
        Point("task", 12, "task get", 2, "get", "get", mocked=2),
        Point("expression", 13, "expression {{ inputs.u }} of get", 0, "get", "{{ inputs.u }}"),
    ],
    {4: 3, 5: 3, 6: 3, 7: 3, 8: 3, 9: 3, 10: 3, 11: 0, 12: 2, 13: 0},
    TEXT,
)
WHOLE = FlowCoverage(
    "flows/w.yaml",
    "company.team",
    "whole",
    [Point("task", 4, "task a", 1, "a", "a")],
    {4: 1, 5: 1},
    "id: whole\nnamespace: company.team\ntasks:\n  - id: a\n    type: x\n",
)
REPORT = CoverageReport([MAIN, WHOLE])


def shown(report, **more):
    return ["".join(text for _, text in line) for line in coverage_text(report, **more)]


# -- percentages


@pytest.mark.parametrize(
    ("reached", "whole", "percent"),
    [
        (0, 0, 100.0),
        (0, 3, 0.0),
        (1, 3, 33.3),
        (2, 3, 66.6),
        (9_999, 10_000, 99.9),
        (999_999, 1_000_000, 99.9),
        (10_000, 10_000, 100.0),
    ],
)
def test_percentages_are_never_rounded_up(reached, whole, percent):
    assert Share(reached, whole).percent == percent


def test_a_hundred_percent_is_all_in_every_format():
    points = [Point("task", n, f"task t{n}", int(n != 1), f"t{n}", f"t{n}") for n in range(1, 2001)]
    points += [Point("branch", 1, "x", int(n != 1), "t1", f"w{n}") for n in range(1, 2001)]
    almost = FlowCoverage("f", "n", "f", points, {n: int(n != 1) for n in range(1, 20_001)}, "")
    report = CoverageReport([almost])
    assert report.percent == 99.9
    assert shown(report, never=False)[1].endswith(" 99")
    root = ET.fromstring(cobertura(report, at=0))
    assert (root.get("line-rate"), root.get("branch-rate")) == ("0.9999", "0.9995")
    assert root.find(".//line").get("condition-coverage") == "99% (1999/2000)"
    assert "99.9 %" in coverage_page(report)
    assert "100 %" not in coverage_page(report)
    assert json.loads(coverage_json(report))["percent"] == 99.9


# -- for people


def test_the_table_and_what_was_never_reached():
    assert shown(REPORT) == [
        "flow                tasks                branches  expressions    %",
        "company.team.main   3/4 (1 only mocked)  1/3       1/3           50",
        "  never:  4 If many: else",
        "         11 task no",
        "         13 expression {{ inputs.u }} of get",
        "company.team.whole  1/1                  -         -            100",
        "total               4/5 (1 only mocked)  1/3       1/3           54",
    ]


def test_a_flow_alone_has_no_total_and_never_can_be_left_out():
    assert shown(CoverageReport([MAIN]), never=False) == [
        "flow               tasks                branches  expressions   %",
        "company.team.main  3/4 (1 only mocked)  1/3       1/3          50",
    ]


def test_long_lists_are_cut():
    points = [Point("task", n, f"task t{n}", 0, f"t{n}", f"t{n}") for n in range(1, 151)]
    lines = shown(CoverageReport([FlowCoverage("f", "n", "f", points, {}, "")]))
    assert (len(lines), lines[-1]) == (103, "         and 50 more")


# -- lcov


def records(text):
    """A reader of tracefiles: by source file the lists of what stands behind each keyword."""
    found, now = {}, {}
    for line in text.splitlines():
        key, colon, rest = line.partition(":")
        if key == "end_of_record":
            assert not colon
            found[now["SF"][0]] = now
            now = {}
        else:
            assert colon
            assert key.isupper()
            now.setdefault(key, []).append(rest)
    assert not now
    return found


def test_lcov():
    main, whole = records(lcov(REPORT)).values()
    assert main["SF"] == ["flows/a&b.yaml"]
    assert main["FN"] == ["4,many", "8,yes", "11,no", "12,get"]
    assert main["FNDA"] == ["3,many", "3,yes", "0,no", "2,get"]
    assert (main["FNF"], main["FNH"]) == (["4"], ["3"])
    assert main["BRDA"] == ["4,0,0,3", "4,0,1,0", "11,0,0,-"]
    assert (main["BRF"], main["BRH"]) == (["3"], ["1"])
    assert [tuple(map(int, one.split(","))) for one in main["DA"]] == list(MAIN.lines.items())
    assert (main["LF"], main["LH"]) == (["10"], ["8"])
    assert whole["DA"] == ["4,1", "5,1"]
    assert "BRDA" not in whole


# -- Cobertura


def test_cobertura():
    at = 1_700_000_000_123_456
    root = ET.fromstring(cobertura(REPORT, at=at, root="a&b"))
    assert root.tag == "coverage"
    assert root.get("timestamp") == "1700000000123"
    assert (root.get("lines-covered"), root.get("lines-valid")) == ("10", "12")
    assert (root.get("branches-covered"), root.get("branches-valid")) == ("1", "3")
    assert (root.get("line-rate"), root.get("branch-rate")) == ("0.8333", "0.3333")
    assert root.findtext("sources/source") == "a&b"
    (package,) = root.findall("packages/package")
    assert package.get("name") == "company.team"
    main, whole = package.findall("classes/class")
    assert (main.get("filename"), main.get("name")) == ("flows/a&b.yaml", "main")
    assert (whole.get("line-rate"), whole.get("branch-rate")) == ("1", "1")
    lines = {int(one.get("number")): one for one in main.findall("lines/line")}
    assert {number: int(one.get("hits")) for number, one in lines.items()} == MAIN.lines
    assert (lines[4].get("branch"), lines[5].get("branch")) == ("true", "false")
    assert lines[4].get("condition-coverage") == "50% (1/2)"
    assert lines[11].get("condition-coverage") == "0% (0/1)"


# -- JSON


def test_json():
    found = json.loads(coverage_json(REPORT))
    assert (found["schemaVersion"], found["percent"]) == (1, 54.5)
    assert found["tasks"] == {"reached": 4, "all": 5, "percent": 80.0, "onlyMocked": 1}
    main, _ = found["flows"]
    assert main["branches"] == {"reached": 1, "all": 3, "percent": 33.3}
    assert main["never"][0] == {"line": 4, "kind": "branch", "what": "If many: else"}
    assert len(main["points"]) == 10
    assert main["points"][8] == {"kind": "task", "line": 12, "hits": 2, "task": "get", "mocked": 2}
    assert main["points"][2] == {
        "kind": "branch",
        "line": 4,
        "hits": 0,
        "task": "many",
        "way": "else",
    }
    assert main["lineHits"]["11"] == 0


# -- HTML


class Page(HTMLParser):
    """Rows of tables: class, and the text of each cell; and every tag."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.open = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "meta":
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append((dict(attrs).get("class"), []))
        elif tag in ("td", "th"):
            self.rows[-1][1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.rows[-1][1][-1] += data


def test_the_page_shows_the_file_as_it_is():
    page = Page(coverage_page(REPORT))
    assert not {"script", "link", "img", "b"} & set(page.tags)
    rows = page.rows[4:]  # after the heads, two flows, the total
    assert [row[1][2] for row in rows[:13]] == TEXT.splitlines()
    assert rows[3] == ("part", ["4", "3x", "  - id: many", "never: If many: else"])
    assert rows[0][0] is None
    assert rows[7] == ("hit", ["8", "3x", "      - id: yes", ""])
    assert rows[10][0] == "miss"
    assert rows[11] == ("hit", ["12", "2x", "  - id: get", "only mocked: task get"])
    assert rows[12][0] == "miss"


def test_the_title_and_names_are_escaped():
    flow = FlowCoverage('a"><script>', "n", "<i>", [], {}, "\x1b[31m\x00\u202e")
    page = coverage_page(CoverageReport([flow]), "<u>")
    assert "script" not in Page(page).tags
    assert not {"\x1b", "\x00", "\u202e"} & set(page)


def test_what_xml_cannot_hold_is_shown_another_way():
    flow = FlowCoverage("a\x00\ufffe\ud800\n.yaml", "n", "i", [], {}, "")
    report = CoverageReport([flow])
    root = ET.fromstring(cobertura(report, at=0).encode())
    assert root.find(".//class").get("filename") == r"a\ufffe\ud800 .yaml"
    assert lcov(report).splitlines()[1] == "SF:a\ufffe\\ud800 .yaml"


def test_every_format_has_a_name_and_a_file_of_its_own():
    texts = {name: one.text(REPORT, 0) for name, one in FORMATS.items()}
    assert all(text.endswith("\n") for text in texts.values())
    assert len(set(texts.values())) == len({one.file for one in FORMATS.values()}) == 4
