"""Builtins written in jq itself, parsed when a program first uses them."""

from __future__ import annotations

from typing import Final

_SOURCES: Final = """
def add(f): reduce f as $x (null; . + $x);
def all(generator; condition): isempty(first(generator | condition | select(not)));
def all(condition): all(.[]; condition);
def any(generator; condition): isempty(first(generator | condition | select(.))) | not;
def any(condition): any(.[]; condition);
def arrays: select(type == "array");
def booleans: select(type == "boolean");
def capture(re): capture(re; null);
def capture(re; flags): match(re; flags) | _named;
def combinations: if length == 0 then []
  else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;
def date: todate;
def dateadd(u; n): . + n;
def datesub(u; n): . - n;
def debug: .;
def debug(message): .;
def del(f): delpaths([path(f)]);
def finites: select(isinfinite or isnan | not);
def first(f): label $out | f | ., break $out;
def first: .[0];
def from_entries: reduce .[] as $x ({}; . + ($x | _entry));
def fromdate: fromdateiso8601;
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def fromstream(f): {x: null, e: false} as $init
  | foreach f as $i ($init;
      if .e then $init else . end
      | if $i | length == 2
        then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1])
        else setpath(["e"]; $i[0] | length == 1) end;
      if .e then .x else empty end);
def gsub(re; str): sub(re; str; "g");
def gsub(re; str; flags): sub(re; str; flags + "g");
def in(xs): . as $x | xs | has($x);
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(idx_expr): INDEX(.[]; idx_expr);
def INDEX(stream; idx_expr): reduce stream as $row ({}; .[$row | idx_expr | tostring] |= $row);
def inside(xs): . as $x | xs | contains($x);
def isempty(g): label $go | (g | false, break $go), true;
def iterables: select(type == "array" or type == "object");
def JOIN($idx; idx_expr): [.[] | [., $idx[idx_expr]]];
def JOIN($idx; stream; idx_expr): stream | [., $idx[idx_expr]];
def JOIN($idx; stream; idx_expr; join_expr): stream | [., $idx[idx_expr]] | join_expr;
def last(f): reduce f as $x (null; $x);
def last: .[-1];
def leaf_paths: paths(scalars);
def limit($n; f): if $n > 0
  then label $out | foreach f as $item (0; . + 1; $item, if . >= $n then break $out else empty end)
  elif $n == 0 then empty else f end;
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def match(re): match(re; null);
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("Out of bounds negative array index")
  else last(limit($n + 1; f)) end;
def nulls: select(. == null);
def numbers: select(type == "number");
def objects: select(type == "object");
def paths: path(..) | select(length > 0);
def paths(node_filter): . as $dot | paths | select(. as $p | $dot | getpath($p) | node_filter);
def pick(pathexps): . as $top | reduce path(pathexps) as $p (null; setpath($p; $top | getpath($p)));
def range($n): range(0; $n);
def recurse(f): def r: ., (f | r); r;
def recurse(f; cond): def r: ., (f | select(cond) | r); r;
def recurse_down: recurse;
def repeat(f): def r: ., (f | r); r;
def scalars: select(type != "array" and type != "object");
def scan(re): scan(re; null);
def scan(re; flags): match(re; "g" + flags)
  | if (.captures | length) > 0 then [.captures[].string] else .string end;
def select(f): if f then . else empty end;
def splits($re): splits($re; null);
def splits($re; flags): split($re; flags) | .[];
def stderr: .;
def strings: select(type == "string");
def sub(re; str): sub(re; str; "");
def sub(re; str; $flags):
  [_edits(re; $flags)[] | if type == "string" then [.] else [str] end] | _woven;
def test(re): test(re; null);
def toarray: if type == "array" then . else [.] end;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def todate(f): strftime(f);
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def tostream: path(def r: (.[]?|r), .; r) as $p
  | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def truncate_stream(stream): . as $n | null | stream | . as $input
  | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;
def until(cond; update): def _until: if cond then . else (update | _until) end; _until;
def values: select(. != null);
def walk(f): def w: if type == "object" then map_values(w)
    elif type == "array" then map(w) else . end | f;
  w;
def while(cond; update): def _while: if cond then ., (update | _while) else empty end; _while;
def with_entries(f): to_entries | map(f) | from_entries;
def ascii: [.] | implode;
def have_decnum: false;
def have_literal_numbers: true;
def abs: if type == "number" and . < 0 then -. else . end;
"""


def _split() -> dict[tuple[str, int], str]:
    """The text of every definition by name and number of parameters."""
    found: dict[tuple[str, int], str] = {}
    definition = ""
    for line in _SOURCES.strip().splitlines():
        if line.startswith("def "):
            definition = ""
        definition += line + "\n"
        head = definition[4:].partition(":")[0]
        name, _, parameters = head.partition("(")
        found[name, parameters.count(";") + 1 if parameters else 0] = definition
    return found


SOURCES: Final = _split()
