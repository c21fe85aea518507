import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.jq import ProgramError, run
from kestrel_cli.jq.parser import library
from kestrel_cli.jq.prelude import SOURCES

DATA = {"rows": [{"n": "x", "v": 1}, {"n": "y", "v": 2}], "name": "ada", "none": None, "f": 1.5}

# Programs with their results for DATA.
PROGRAMS = [
    # Paths
    (".name", ["ada"]),
    (".rows[0].n, .rows[-1].v", ["x", 2]),
    (".rows[].v", [1, 2]),
    ('.["name"], ."name"', ["ada", "ada"]),
    (".gone.deeper?", [None]),
    (".name[1:], .rows[:1][0].v", ["da", 1]),
    ("[.name.x?]", [[]]),
    ("[..|numbers]", [[1, 2, 1.5]]),
    ("[.rows[]|keys]|add|unique", [["n", "v"]]),
    ("path(.rows[].n)", [["rows", 0, "n"], ["rows", 1, "n"]]),
    ("[paths(type == \"number\")]", [[["rows", 0, "v"], ["rows", 1, "v"], ["f"]]]),
    ('getpath(["rows",1,"n"]), getpath(["a","b"])', ["y", None]),
    # Building
    ("[.rows[]|{n, w: (.v * 2)}]", [[{"n": "x", "w": 2}, {"n": "y", "w": 4}]]),
    ('{(.rows[].n): 1}', [{"x": 1}, {"y": 1}]),
    ('{"a b": 1, @base64 "\\("x")": 2, $__loc__}|keys', [["__loc__", "a b", "eA=="]]),
    ('"\\(.name): \\(.rows|length)"', ["ada: 2"]),
    ('@json "v=\\(.rows[0])"', ['v={"n":"x","v":1}']),
    ("[1,2,3][1:]", [[2, 3]]),
    # Operators
    ("1 + 2 * 3, 7 / 2, 6 / 3, -7 % 3, 10 - 2 - 3", [7, 3.5, 2, -1, 5]),
    ("[(1,2) + (10,20)]", [[11, 12, 21, 22]]),
    ('"a" * 3, "a,b" / ",", [1,2,1] - [1]', ["aaa", ["a", "b"], [2]]),
    ('{"a":{"b":1}} * {"a":{"c":2}}', [{"a": {"b": 1, "c": 2}}]),
    ("1 == 1.0, [1] == [1.0], \"1\" == 1, null == false", [True, True, False, False]),
    ("[null,true,false,0,\"a\",[],{}]|sort", [[None, False, True, 0, "a", [], {}]]),
    (".none // \"d\", (false, 1) // 2, empty // 3", ["d", 1, 3]),
    ("(error(\"x\"))? // 4", [4]),
    ("true and (true, false), false or true", [True, False, True]),
    ("-(1,2)", [-1, -2]),
    ("12345678901234567890123 + 1", [12345678901234567890124]),
    ("9007199254740993, 3.0 * 2, 1e3", [9007199254740993, 6, 1000]),
    # Deciding and repeating
    ("if . then 1 else 2 end, if null then 1 end|tojson", ["1", json.dumps(DATA, separators=(",", ":"))]),  # noqa: E501
    ("[.rows[]|if .v == 1 then \"one\" elif .v == 2 then \"two\" else 0 end]", [["one", "two"]]),
    ("try error(\"x\") catch ., (try error({a:1}) catch .a)", ["x", 1]),
    ("[.[]|try (.n) catch \"no\"]|length", [4]),
    ("(try 1) | try error(\"later\") catch \"caught\"", ["caught"]),
    ("reduce .rows[] as $r (0; . + $r.v)", [3]),
    ("reduce empty as $x (7; 1), reduce (1,2) as $x (0; empty)", [7, None]),
    ("[foreach (1,2,3) as $x (0; . + $x)], [foreach (1,2) as $x (0; . + $x; [$x, .])]", [[1, 3, 6], [[1, 1], [2, 3]]]),  # noqa: E501
    ("label $out | 1, break $out, 2", [1]),
    ("[label $f | range(9) | ., (select(. == 2) | break $f)]", [[0, 1, 2]]),
    ("[limit(3; 5 | repeat(. + 1))], first(range(9)), (1 | until(. > 50; . * 2))", [[5, 6, 7], 0, 64]),  # noqa: E501
    # Naming
    (". as {name: $n, rows: [{v: $v}]} | [$n, $v]", [["ada", 1]]),
    ("[[1,2],{\"a\":3}] | .[] as [$a] ?// {$a} | $a", [1, 3]),
    ("1 as $x | 2 as $y | [$x, $y, $x + $y]", [[1, 2, 3]]),
    ("def f(g; $x): g + $x; f(1, 2; 10)", [11, 12]),
    ("def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 30 | fac", [math.factorial(30)]),
    ("def outer: def inner: 3; inner * 2; outer", [6]),
    ("def apply(f): [.[] | f]; [1,2] | apply(. * 10)", [[10, 20]]),
    # Changing
    (".rows[0].v = 9 | .rows[0].v", [9]),
    ("[.rows[].v |= . + 1 | .rows[].v]", [[2, 3]]),
    (".new.deep[1] = true | .new", [{"deep": [None, True]}]),
    ("[1,2,3,4] | (.[] | select(. % 2 == 0)) |= empty", [[1, 3]]),
    ("[1,2,3] | .[1:] |= map(. * 10)", [[1, 20, 30]]),
    ("{\"a\":1} | .a += 1 | .b //= 5 | .a *= 10", [{"a": 20, "b": 5}]),
    ("{} | .a = (1,2)", [{"a": 1}, {"a": 2}]),
    ("del(.rows[0], .name, .none) | keys", [["f", "rows"]]),
    ("[1,2,3] | del(.[0,2])", [[2]]),
    ("[[1,2],[3]] | .. |= (if type == \"number\" then . + 1 else . end)", [[[2, 3], [4]]]),
    # Builtins
    ("map_values(type)", [{"rows": "array", "name": "string", "none": "null", "f": "number"}]),
    ("with_entries(select(.value != null) | .value |= type) | keys", [["f", "name", "rows"]]),
    ("[{\"name\":\"a\",\"value\":1},{\"k\":\"b\",\"v\":2}] | from_entries", [{"a": 1, "b": 2}]),
    ("[3,1,2] | sort, max, min, add, length", [[1, 2, 3], 3, 1, 6, 3]),
    ("[{\"a\":2},{\"a\":1}] | sort_by(.a), group_by(.a), min_by(.a)", [[{"a": 1}, {"a": 2}], [[{"a": 1}], [{"a": 2}]], {"a": 1}]),  # noqa: E501
    ("[1,[2,[3]]] | flatten, flatten(1)", [[1, 2, 3], [1, 2, [3]]]),
    ("[1,2] | contains([2]), inside([1,2,3]), any(. > 1), all(. > 1)", [True, True, True, False]),
    ("[[1,2],[3]] | transpose, combinations", [[[1, 3], [2, None]], [1, 3], [2, 3]]),
    ("[range(0; 10; 4)], [range(3; 0; -2)]", [[0, 4, 8], [3, 1]]),
    ("[1,2] | tojson | fromjson", [[1, 2]]),
    ("\"12\", \"1.5\" | tonumber", [12, 1.5]),
    ("\"a-b\" | split(\"-\"), ascii_upcase, ltrimstr(\"a\"), test(\"A\"; \"i\")", [["a", "b"], "A-B", "-b", True]),  # noqa: E501
    ("[\"a\",1,null] | join(\"-\")", ["a-1-"]),
    ("\"aXbX\" | sub(\"X\"; \"1\"), gsub(\"(?<l>[a-z])X\"; \"\\(.l)!\")", ["a1bX", "a!b!"]),
    ("\"a1b22\" | [scan(\"[0-9]+\")], [match(\"[0-9]+\"; \"g\").offset], capture(\"(?<d>[0-9])\")", [["1", "22"], [1, 3], {"d": "1"}]),  # noqa: E501
    ("[1,\"a\\\"b\",null,true] | @csv, @tsv", ['1,"a""b",,true', '1\ta"b\t\ttrue']),
    ("\"<&'\\\">\" | @html, @uri, @sh", ["&lt;&amp;&#39;&quot;&gt;", "%3C%26%27%22%3E", "'<&'\\''\">'"]),  # noqa: E501
    ("\"é\" | @base64, (@base64 | @base64d), length, utf8bytelength", ["w6k=", "é", 1, 2]),
    ("1700000000 | todate, (todate | fromdate), strftime(\"%a %j\")", ["2023-11-14T22:13:20Z", 1700000000, "Tue 318"]),  # noqa: E501
    ("\"2 Nov 2031\" | strptime(\"%d %b %Y\") | mktime", [1951344000]),
    ("[1.5, -1.5] | map(floor, ceil, round, fabs)", [[1, 2, 2, 1.5, -2, -1, -2, 1.5]]),
    ("[nan] | sort, (nan < 1), ([nan] == [nan])", [[None], True, True]),
    ("[1,[2,3]] | walk(if type == \"number\" then -. else . end)", [[-1, [-2, -3]]]),
    ("fromstream([1,[2]] | tostream)", [[1, [2]]]),
    ("[2 | recurse(. * .; . < 100)]", [[2, 4, 16]]),
    ("{\"a\":1} | has(\"a\"), (\"a\" | in({\"a\":1})), IN({\"a\":1}, 2)", [True, True, True]),
    ("[.rows[]] | INDEX(.n) | keys", [["x", "y"]]),
    ("$__loc__", [{"file": "<top-level>", "line": 1}]),
    ("# a comment\n.name # another", ["ada"]),
    ("", [DATA]),
]  # fmt: skip


@pytest.mark.parametrize(("program", "results"), PROGRAMS)
def test_programs_give_these_results(program, results):
    got = run(program, DATA)
    assert got == results
    assert repr(got) == repr(results)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (".name.x", 'Cannot index string with "x"'),
        (".rows.x", 'Cannot index array with "x"'),
        (".f[]", "Cannot iterate over number"),
        ("{} + 1", "object ({}) and number (1) cannot be added"),
        ("1 / 0", "divisor is zero"),
        ("error", "not a string"),
        ('error("mine")', "mine"),
        ("error(null)", "null"),
        ("path(1)", "Invalid path expression"),
        ("[.rows[] | path(. + 1)]", "cannot be added"),
        (".rows | implode", "Unicode codepoint"),
        ("nonsense", "nonsense/0 is not defined"),
        ("length(1)", "length/1 is not defined"),
        ("$gone", "not defined"),
        (".[", "syntax error"),
        ("1 2", "unexpected token"),
        ("1 == 1 == 1", "comparison"),
        ('"open', "unterminated"),
        ("{a", "expected"),
        ("if 1 then 2", "expected end"),
        ("@nonsense", "not a valid format"),
        ('"\\x"', "escape"),
        ('test("(")', "matched"),
        ('"a" | test("(")', "regex"),
    ],
)
def test_errors_say_what_is_wrong(program, message):
    with pytest.raises(ProgramError) as caught:
        run(program, DATA)
    assert message in str(caught.value)


@pytest.mark.parametrize("program", ["env", "$ENV", "$ENV.PATH", "input", "inputs", "halt", 'halt_error("x")', 'import "a" as a; 1', 'include "a"; 1', "localtime", 'modulemeta'])  # fmt: skip  # noqa: E501
def test_nothing_reaches_out_of_the_program(program):
    with pytest.raises(ProgramError):
        run(f"try ({program}) catch 1" if ";" not in program else program, None)


@pytest.mark.parametrize(
    "program",
    [
        "def f: f; f",
        "def f: 1 + f; f",
        "[repeat(1)]",
        "[range(1e12)]",
        'reduce range(100) as $i ("a"; . + .)',
        '"x" * 1e9',
        ".[1e9] = 1",
        "reduce range(200) as $i ([]; [.])",
        "reduce range(1000) as $i (10; . * .)",
        '[range(1e6) | "x" * 1e6]',
        "(" * 300 + "1" + ")" * 300,
        '"\\(' * 100 + "1" + ')"' * 100,
        "1" + " + 1" * 5000,
        ".a" * 5000,
        "9" * 5000,
        "." * 200_000,
    ],
)
def test_programs_without_end_or_measure_end_in_an_error(program):
    with pytest.raises(ProgramError):
        run(program, None)


def test_deep_recursion_in_tail_position_costs_no_memory():
    assert run('def down: if . == 0 then "end" else . - 1 | down end; 20000 | down', None) == [
        "end"
    ]
    assert run("[limit(3; range(1e9))]", None) == [[0, 1, 2]]
    assert run("isempty(range(1e9)), any(range(1e9); . > 3)", None) == [False, True]


def test_changing_many_elements_takes_time_in_proportion():
    rows = [{"v": n} for n in range(5000)]
    assert run(".[].v |= . + 1 | map(.v) | add", rows) == [sum(range(1, 5001))]


def test_the_input_is_never_changed():
    before = json.dumps(DATA)
    for program, _results in PROGRAMS:
        run(program, DATA)
    assert json.dumps(DATA) == before


def test_the_clock_is_the_callers():
    assert run("now", None, clock=lambda: 12.5) == [12.5]


def test_every_builtin_written_in_jq_can_be_read():
    for name, arity in SOURCES:
        found = library(name, arity)
        assert found is not None
        assert (found.name, len(found.parameters)) == (name, arity)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
# Programs on which all versions of jq agree.
ORACLE = [
    ".", "[.[]?]", "[..]", "keys?", "length?", "type", "tojson", "[paths]", "to_entries?",
    "[.[]?|type]", "map(.)?", "sort?", "unique?", "group_by(type)?", "arrays | reverse", "add?", "flatten?",  # noqa: E501
    "[.[]?|tostring]", "del(.[0]?)", "first?", "any?", "[.[]?|length?]",
    "tostream", "fromstream(tostream)", "objects | with_entries(.)", ". == .", "[.,null]|sort", "min?,max?",  # noqa: E501
    "(.. | select(type == \"number\")) |= . + 1", "[limit(2;.[]?)]", ".[1:]?", "[.[]?]|index(null)",
    "[splits(\"a\")?]", "@json", "ascii_downcase?", "explode?", "objects | to_entries | from_entries",  # noqa: E501
    "[.[]? as $x | $x]", "reduce .[]? as $x (0; . + 1)", "[foreach .[]? as $x (0; . + 1)]",
    "try error catch .", "[.[]? // 1]", "walk(.)", "del(.. | select(. == null))", "contains(.)?",
    "[.[]?|scalars]", "map_values(.)?", "map_values(empty)?", "path(..)", "[..|numbers]", "tojson|fromjson", "indices(1)?", "inside(.)?", "sort_by(type)?", "@text", "implode?", "min_by(type)?", "unique_by(type)?", "isvalid(.)?",  # noqa: E501
]  # fmt: skip


@given(VALUES, st.sampled_from(ORACLE))
def test_results_agree_with_the_c_program(value, program):
    jq = pytest.importorskip("jq", reason="the C binding is only an oracle")
    try:
        wanted = jq.compile(program).input_value(value).all()
    except ValueError:
        with pytest.raises(ProgramError):
            run(program, value)
        return
    got = run(program, value)
    assert json.dumps(got, sort_keys=True) == json.dumps(wanted, sort_keys=True)


def test_patterns_are_pythons_unless_another_flavour_is_given():
    assert run('[match("(?<a>b)(?<!c)").captures[0].name]', "ab") == [["a"]]
    assert run('try test("(") catch "no"', "x") == ["no"]
    seen = []

    def compiled(pattern):
        seen.append(pattern)
        return re.compile("literally")

    assert run('test("any"; "ix")', "quite literally", pattern=compiled) == [True]
    assert seen == ["(?ix)any"]
