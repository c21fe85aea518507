"""A secret that was read is in nothing that is written: whatever was made of it, wherever it
goes.
"""

import html
import io
import json
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ruamel.yaml import YAML

from kestrel_cli.expressions.filters import FILTERS
from tests.cli.flows_here import CORE, written
from tests.support.cli import Result, run_here

# What is awkward in JSON, URLs, HTML, shells and terminals, between what nobody else would write.
ONE = f"{secrets.token_hex(5)}\"/\\'&<é Z%+{secrets.token_urlsafe(9)}Qq"
LINES = "\n".join([f"-----BEGIN {secrets.token_hex(6)}", *(secrets.token_hex(14) for _ in "abc")])
NUMBER = str(10**13 + secrets.randbelow(10**13))
DECIMAL = f"{10**6 + secrets.randbelow(10**6)}.{1 + secrets.randbelow(10**6)}5"
INPUT = f"in{secrets.token_hex(7)}~{secrets.token_hex(4)}"
DATE = f"{1900 + secrets.randbelow(100)}-07-{10 + secrets.randbelow(18)}T11:22:33Z"
VALUES = {"one": ONE, "lines": LINES, "number": NUMBER, "decimal": DECIMAL, "input": INPUT}
ENV: dict[str, str | None] = {
    "KESTREL_SECRET_ONE": ONE,
    "KESTREL_SECRET_LINES": LINES,
    "KESTREL_SECRET_NUMBER": NUMBER,
    "KESTREL_SECRET_DECIMAL": DECIMAL,
    "KESTREL_SECRET_DATE": DATE,
    "SECRET_KEY": b64encode(json.dumps({"password": ONE, "list": [LINES]}).encode()).decode(),
}

# An expression for each filter. `s` is the secret, `l` one of several lines.
FILTERED = {
    "abbreviate": ["s | abbreviate(14)"],
    "abs": ["secret('NUMBER') | number | abs", "(secret('DECIMAL') | number) | abs"],
    "base64decode": ["s | base64encode | base64decode"],
    "base64encode": [
        "s | base64encode",
        "('x' ~ s) | base64encode",
        "('xy' ~ s ~ 'z') | base64encode",
        "l | base64encode",
        "s | base64encode | base64encode",
        "s | upper | base64encode",
    ],
    "capitalize": ["('q' ~ s) | capitalize", "s | lower | capitalize"],
    "chunk": ["[s, l, s] | chunk(2)"],
    "className": ["s | className"],
    "date": ["secret('DATE') | date('yyyyMMdd')"],
    "dateAdd": ["secret('DATE') | dateAdd(1, 'DAYS')"],
    "default": ["s | default('x')", "nothing | default(s)"],
    "distinct": ["[s, s] | distinct"],
    "endsWith": ["s | endsWith('x')"],
    "escapeChar": [
        "s | escapeChar('single')",
        "s | escapeChar('double')",
        "s | escapeChar('shell')",
    ],
    "first": ["[s] | first"],
    "flatten": ["[[s], [l]] | flatten"],
    "format": ["'%s and %s' | format(s, l)", "s | replace({'%': ''}) | format(1)"],
    "indent": ["l | indent(3)", "s | indent(1, prefix='>')"],
    "join": ["[s, l] | join(' ')", "s | split('') | join('-')"],
    "jq": [
        "{'a': s} | jq('.a')",
        "s | toJson | jq('ascii_upcase')",
        "{'a': l} | jq('.a | @base64')",
    ],
    "json": ["{'k': s} | json", "[[s] | json] | json"],
    "keys": ["{(s): 1} | keys"],
    "last": ["[1, s] | last"],
    "length": ["s | length"],
    "lower": ["s | lower"],
    "md5": ["s | md5"],
    "merge": ["[s] | merge([l])"],
    "nindent": ["l | nindent(2)"],
    "nl2br": ["l | nl2br"],
    "number": ["secret('NUMBER') | number", "secret('DECIMAL') | number('BIGDECIMAL')"],
    "numberFormat": ["secret('NUMBER') | number | numberFormat('#,##0.00')"],
    "regexExtract": ["s | regexExtract('.*')", "s | regexExtract('[a-f0-9]{10}')"],
    "regexMatch": ["s | regexMatch('.*')"],
    "regexReplace": ["s | regexReplace('(.)', '$1_')"],
    "replace": ["s | replace({'Z': 'zz'})", "l | replace({'BEGIN': 'END'})"],
    "reverse": ["s | split('') | reverse | join", "[l, s] | reverse"],
    "rsort": ["[s, l] | rsort"],
    "sha1": ["s | sha1"],
    "sha256": ["s | sha256"],
    "sha512": ["s | sha512"],
    "slice": ["s | slice(0, 11)", "[s, l] | slice(0, 1)"],
    "slugify": ["s | slugify"],
    "sort": ["[s, l] | sort"],
    "split": ["s | split(' ')", "l | split('\\n')"],
    "startsWith": ["s | startsWith('x')"],
    "string": ["s | string", "{'a': s} | string"],
    "substringAfter": ["s | substringAfter(' ')"],
    "substringAfterLast": ["s | substringAfterLast('%')"],
    "substringBefore": ["s | substringBefore(' ')"],
    "substringBeforeLast": ["s | substringBeforeLast(' ')"],
    "timestamp": ["secret('DATE') | timestamp"],
    "timestampMicro": ["secret('DATE') | timestampMicro"],
    "timestampMilli": ["secret('DATE') | timestampMilli"],
    "timestampNano": ["secret('DATE') | timestampNano"],
    "title": ["s | title"],
    "toIon": ["{'k': s} | toIon"],
    "toJson": ["{'k': s} | toJson", "{'k': {'k': s} | toJson} | toJson | base64encode"],
    "trim": ["('  ' ~ s ~ ' ') | trim"],
    "upper": ["s | upper", "l | upper"],
    "urldecode": ["s | urlencode | urldecode"],
    "urlencode": ["s | urlencode", "s | urlencode | urlencode"],
    "values": ["{'a': s} | values"],
    "yaml": ["{'k': s, 'l': l} | yaml"],
}
OTHERWISE = [
    "s",
    "l",
    "s ~ l",
    "'before ' ~ s ~ ' behind'",
    "s ~ s",
    "[s, {'k': [l]}]",
    "s is defined ? s : 1",
    "nothing ?? s",
    "secret('NUMBER') * 1",
    "secret('KEY', subkey='password')",
    "fromJson(secret('KEY'))",
    "fromJson(secret('KEY')).list",
    "yaml(secret('KEY'))",
    "fromIon({'k': s} | toIon)",
    "render('{{ \\'' ~ (s | replace({'\\'': ''})) ~ '\\' | upper }}')",
    "renderOnce(vars.indirect)",
    "render(vars.indirect)",
    "inputs.pass",
    "inputs.pass | upper",
    "inputs.copy",
    "printContext()",
    "encrypt('MDEyMzQ1Njc4OWFiY2RlZg==', s)",
    "decrypt('MDEyMzQ1Njc4OWFiY2RlZg==', encrypt('MDEyMzQ1Njc4OWFiY2RlZg==', s))",
    "max(secret('NUMBER') | number, 1)",
]
TAGGED = [
    "{% filter upper %}{{ s }}{% endfilter %}",
    "{% filter base64encode %}a{{ s }}{% endfilter %}",
    "{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(s) | title }}",
    "{% for x in [s, l] %}{{ loop.index }}{{ x }}{% endfor %}",
    "{% set t = s | lower %}{{ t }}{{ t | title }}",
    "{% if s == l %}a{% else %}{{ s }}{% endif %}",
    "{% block b %}{{ s }}{% endblock %}{{ block('b') | urlencode }}",
]
BROKEN = [
    "{{ nothing[s] }}",
    "{{ {'a': 1}[s] }}",
    "{{ s | number }}",
    "{{ s * 2 }}",
    "{{ fromJson('{' ~ s) }}",
    "{{ s | date('yyyy') }}",
    "{{ s | jq('.a') }}",
    "{{ {'k': s}.q }}",
    "{{ {(s): 1}.q }}",
    "{{ 1 | date(s) }}",
    "{{ render('{{ ' ~ s ~ ' }}') }}",
    "{{ render('{{ ' ~ l ~ ' }}') }}",
    "{{ s | regexMatch('(' ~ s) }}",
    "{{ 'x' | jq(s) }}",
    "{% for x in s %}{% endfor %}",
    "{{ read(s) }}",
    "{{ kv(s) }}",
    "{{ secret(s) }}",
    "{{ 1 is defined ? s | yaml | number : 1 }}",
]
SETS = "{% set s = secret('ONE') %}{% set l = secret('LINES') %}"


def task(name: str, kind: str, **properties: Any) -> dict[str, Any]:
    return {"id": name, "type": f"{CORE}.{kind}", **properties}


REFUSED = task(
    "last",
    "flow.Parallel",
    tasks=[
        task("say", "log.Log", message="{{ secret('ONE') }}"),
        task("none", "log.Log", message="x", runIf="{{ nothing[secret('ONE')] }}"),
        task(
            "loop", "flow.ForEach", values="{{ secret('ONE') }}", tasks=[task("a", "debug.Return")]
        ),
        task(
            "if", "flow.If", condition="{{ secret('ONE') * 2 }}", then=[task("b", "debug.Return")]
        ),
        task(
            "pick",
            "flow.Switch",
            value="{{ secret('ONE') }}",
            cases={"x": [task("c", "debug.Return")]},
        ),
    ],
)


def templates() -> Iterator[str]:
    for expression in [one for group in FILTERED.values() for one in group] + OTHERWISE:
        yield f"{SETS}{{{{ {expression} }}}}"
    for text in TAGGED:
        yield SETS + text


def leaky() -> dict[str, Any]:
    """The flow that pushes secrets through everything there is."""
    every = list(templates())
    tasks = [
        task("say", "log.Log", message=every),
        task("warn", "log.Log", message="{{ secret('ONE') }}", level="WARN"),
        *(task(f"make{n}", "debug.Return", format=text) for n, text in enumerate(every)),
        task(
            "hold",
            "output.OutputValues",
            values={
                "map": {"{{ secret('ONE') }}": ["{{ secret('LINES') }}"]},
                "typed": "{{ secret('NUMBER') }}",
                "json": "{{ {'k': secret('ONE')} | toJson | base64encode }}",
            },
        ),
        task("again", "log.Log", message="{{ outputs.hold }} {{ outputs.make0.value | title }}"),
        task(
            "each",
            "flow.ForEach",
            values="{{ [secret('ONE'), secret('LINES') | upper, {'k': secret('ONE')}] }}",
            tasks=[
                task("in", "debug.Return", format="{{ taskrun.value }}"),
                task("deep", "log.Log", message="{{ outputs.in[taskrun.value].value | lower }}"),
            ],
        ),
        task(
            "pick",
            "flow.Switch",
            value="{{ secret('ONE') }}",
            defaults=[task("d", "log.Log", message="x")],
        ),
        task(
            "when",
            "flow.If",
            condition="{{ secret('ONE') }}",
            then=[task("t", "log.Log", message="y")],
        ),
        task("unless", "log.Log", message="z", runIf="{{ secret('ONE') == 'x' }}"),
        task(
            "says", "execution.Fail", errorMessage="it was {{ secret('LINES') }}", allowFailure=True
        ),
        task(
            "claims",
            "execution.Assert",
            conditions=["{{ secret('ONE') == 'x' }}"],
            errorMessage="not {{ secret('ONE') | upper }}",
            allowFailure=True,
        ),
        task("level", "log.Log", message="x", level="{{ secret('ONE') }}", allowFailure=True),
        task("late", "log.Log", message="x", timeout="{{ secret('ONE') }}", allowFailure=True),
        task("nap", "flow.Sleep", duration="{{ secret('ONE') }}", allowFailure=True),
        *(
            task(f"broken{n}", "log.Log", message=SETS + text, allowFailure=True)
            for n, text in enumerate(BROKEN)
        ),
        task("told", "log.Log", message="{{ errorLogs() }} {{ errorLogs() | toJson | upper }}"),
    ]
    return {
        "id": "leaky",
        "namespace": "bank.vault",
        "labels": {"about": "{{ secret('ONE') }}"},
        "inputs": [
            {"id": "pass", "type": "SECRET"},
            {"id": "copy", "type": "STRING", "defaults": "{{ inputs.pass }}"},
        ],
        "variables": {"indirect": "{{ secret('ONE') | urlencode }}", "plain": "v"},
        "outputs": [
            {"id": "one", "type": "STRING", "value": "{{ secret('ONE') }}"},
            {"id": "json", "type": "JSON", "value": "{{ {'k': secret('ONE')} | toJson }}"},
            {"id": "number", "type": "FLOAT", "value": "{{ secret('DECIMAL') }}"},
            {"id": "float", "type": "FLOAT", "value": "{{ secret('DECIMAL') }}"},
            {
                "id": "list",
                "type": "ARRAY",
                "itemType": "STRING",
                "value": "{{ [secret('LINES')] | toJson }}",
            },
        ],
        "tasks": tasks,
    }


def forbidden() -> Iterator[tuple[str, bytes]]:
    """Every form that must not be seen, with a name for it; never the secret itself."""
    for name, value in VALUES.items():
        pieces = {value, *(line.strip() for line in value.splitlines())}
        for number, piece in enumerate(sorted(pieces, key=len)):
            for encoding, text in encoded(piece):
                yield f"{name}{number} {encoding}", text.encode()
    for start in range(len(ONE) - 9):  # no ten characters of it in a row
        yield f"part {start}", ONE[start : start + 10].encode()
    yield "date", DATE.encode()
    yield "date without marks", DATE[:10].replace("-", "").encode()


def encoded(text: str) -> Iterator[tuple[str, str]]:
    data = text.encode()
    yield "plain", text
    yield "upper", text.upper()
    yield "lower", text.lower()
    yield "reversed", text[::-1]
    yield "json", json.dumps(text)[1:-1]
    yield "json in utf-8", json.dumps(text, ensure_ascii=False)[1:-1]
    yield "json in json", json.dumps(json.dumps(text)[1:-1])[1:-1]
    yield "html", html.escape(text)
    yield "url", quote(data, safe="")
    yield "form", quote_plus(data)
    yield "url in url", quote_plus(quote_plus(data))
    yield "shell", text.replace("'", "'\\''")
    yield "yaml", text.replace("'", "''")
    yield "hex", data.hex()
    yield "base32", data.hex().upper()
    for shift in range(3):
        for kind, encode in (("base64", b64encode), ("base64 of urls", urlsafe_b64encode)):
            whole = encode(b"\0" * shift + data).decode()
            yield f"{kind} + {shift}", whole[4 if shift else 0 : -4]


FORBIDDEN = tuple(forbidden())


def seen(where: dict[str, bytes]) -> list[str]:
    """What is where it must not be; without the secret itself, even when a test fails."""
    found = []
    for place, data in where.items():
        text = data.replace(b"\n" + b" " * 33, b"\n")
        found += [f"{name} in {place}" for name, form in FORBIDDEN if form in data or form in text]
    return found


def everything(folder: Path, result: Result) -> dict[str, bytes]:
    """Every byte that a run has written."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "flow.yaml"]
    return {
        "stdout": result.out.encode(),
        "stderr": result.err.encode(),
        **{str(path.relative_to(folder)): path.read_bytes() for path in files},
    }


@cache
def leaky_text() -> str:
    text = io.StringIO()
    YAML().dump(leaky(), text)
    return text.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "flow.yaml").write_text(leaky_text(), "utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where reports of crashes go
    monkeypatch.setattr("sys.argv", ["kestrel", "run", "flow.yaml", "-i", f"pass={INPUT}"])
    return tmp_path


def run_leaky(folder: Path, *options: str) -> Result:
    return run_here(["run", "flow.yaml", "-i", f"pass={INPUT}", *options], folder, ENV)


MODES = [
    [],
    ["-o", "json"],
    ["-o", "tree"],
    ["-o", "yaml"],
    ["-o", "ndjson"],
    ["--json-file", "run.json", "-q"],
    ["-qq", "--json-file", "run.json", "-o", "tree"],
    ["--debug", "--log-level", "trace", "--seed", "1"],
    ["--color", "always", "--width", "40", "--ascii"],
]


@pytest.mark.parametrize("options", MODES, ids=" ".join)
def test_no_output_mode_shows_a_secret(options: list[str], folder: Path) -> None:
    result = run_leaky(folder, *options)
    assert result.code == 0, "the flow runs to its end"
    places = everything(folder, result)
    assert any(name.endswith("journal.ndjson") for name in places)
    assert b"******" in b"".join(places.values())
    assert seen(places) == []


def test_the_flow_goes_through_every_filter_and_fails_only_where_it_should(folder: Path) -> None:
    assert set(FILTERED) == set(FILTERS) | {"default"}
    document = json.loads(run_leaky(folder, "-o", "json", "-qq").out)
    failed = {
        run["taskId"] for run in document["taskRunList"] if run["state"]["current"] != "SUCCESS"
    }
    wanted = {f"broken{n}" for n in range(len(BROKEN))}
    wanted |= {"says", "claims", "level", "late", "nap"}
    assert failed - {"unless"} == wanted
    assert set(document["outputs"]) == {"one", "json", "number", "float", "list"}


def test_what_the_flow_itself_does_with_a_secret_is_not_masked(folder: Path) -> None:
    document = json.loads(run_leaky(folder, "-o", "json", "-qq").out)
    lengths = [
        run["outputs"]["value"]
        for run in document["taskRunList"]
        if run["taskId"] == f"make{list(templates()).index(SETS + '{{ s | length }}')}"
    ]
    assert lengths == [str(len(ONE))]


@pytest.mark.parametrize("options", MODES[:6], ids=" ".join)
def test_what_is_refused_before_it_runs_shows_no_secret(options: list[str], folder: Path) -> None:
    flow = {"id": "refused", "namespace": "bank.vault", "tasks": [REFUSED]}
    flow["outputs"] = [{"id": "one", "type": "INT", "value": "{{ secret('ONE') }}"}]
    with (folder / "flow.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(flow, file)
    result = run_here(["run", "flow.yaml", *options], folder, ENV)
    assert result.code == 1
    assert b"******" in b"".join(everything(folder, result).values())
    assert seen(everything(folder, result)) == []


@pytest.mark.parametrize("options", [[], ["--debug"], ["-o", "ndjson"]], ids=" ".join)
def test_a_crash_shows_no_secret(
    options: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError(f"while {ONE} was {INPUT!r}: {ONE!r}") from KeyError(LINES)

    monkeypatch.setattr("kestrel_cli.app.engine.perform.conclude", crash)
    result = run_leaky(folder, *options)
    assert result.code == 70
    assert "ZeroDivisionError" in result.err
    assert seen(everything(folder, result)) == []


def test_a_crash_before_anything_is_known_does_not_write_inputs_down(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("kestrel_cli.cli.run.load", crash)
    result = run_leaky(folder)
    assert result.code == 70
    places = everything(folder, result)
    (report,) = (data for name, data in places.items() if name.startswith("kestrel-crash"))
    assert b"'-i', 'pass=...'" in report
    assert seen(places) == []


def test_a_task_that_breaks_shows_no_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(self: object, ctx: Any) -> None:
        raise OSError(f"cannot reach {ctx.text('{{ secret(`ONE`) }}'.replace('`', chr(39)))!r}")

    monkeypatch.setattr("kestrel_cli.tasks.flow.sleep.Sleep.run", crash)
    result = run_leaky(folder, "--log-level", "trace")
    assert "OSError: cannot reach" in result.out
    assert seen(everything(folder, result)) == []


def test_a_secret_input_that_does_not_fit_is_not_told(tmp_path: Path) -> None:
    flow = {
        "id": "refuses",
        "namespace": "bank.vault",
        "inputs": [
            {"id": "pass", "type": "SECRET", "validator": "[0-9]+"},
            {"id": "age", "type": "INT", "defaults": "{{ secret('ONE') }}"},
        ],
        "tasks": [task("say", "log.Log", message="x")],
    }
    with (tmp_path / "flow.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(flow, file)
    result = run_here(["run", "flow.yaml", "-i", f"pass={INPUT}"], tmp_path, ENV)
    assert result.code == 3
    assert "pass" in result.err
    assert "age" in result.err
    assert seen(everything(tmp_path, result)) == []


@pytest.mark.parametrize("options", [[], ["-o", "json"]], ids=" ".join)
@pytest.mark.parametrize("place", [[], ["--flow", "flow.yaml", "-i", f"pass={INPUT}"]], ids=len)
def test_eval_shows_no_secret(options: list[str], place: list[str], folder: Path) -> None:
    with (folder / "flow.yaml").open("w", encoding="utf-8") as file:  # none of its tasks is asked
        YAML().dump({**leaky(), "tasks": [task("say", "log.Log", message="x")]}, file)
    for expression in (*FILTERED["base64encode"], *FILTERED["toJson"], *BROKEN, "s", "[l, s]"):
        text = SETS + (expression if "%}" in expression else f"{{{{ {expression.strip('{} ')} }}}}")
        result = run_here(["eval", text, *place, *options], folder, ENV)
        assert seen({"stdout": result.out.encode(), "stderr": result.err.encode()}) == [], (
            expression
        )


# -- what cannot be hidden -------------------------------------------------------------------------

SHORT = f"""
id: short
namespace: bank.vault
inputs:
  - id: pin
    type: SECRET
tasks:
  - id: say
    type: {CORE}.log.Log
    message: >-
      {{{{ secret('A') }}}} {{{{ secret('A') }}}} {{{{ secret('B') }}}} {{{{ inputs.pin }}}}
  - id: again
    type: {CORE}.log.Log
    message: a true docker abc {{{{ secret('A') }}}}
"""


@pytest.mark.parametrize("value", ["a", "true", "docker", "Docker", "  a ", "abc"])
def test_a_short_or_common_secret_is_shown_with_one_warning(value: str, tmp_path: Path) -> None:
    written(tmp_path, SHORT)
    env: dict[str, str | None] = {"KESTREL_SECRET_A": value, "KESTREL_SECRET_B": ONE}
    result = run_here(["run", "flow.yaml", "-i", "pin=17"], tmp_path, env)
    assert result.code == 0
    warnings = [line for line in result.err.splitlines() if "too short or too common" in line]
    assert [line.partition(" is too")[0] for line in warnings] == [
        "warning: the input `pin`",
        "warning: the secret `A`",
    ]
    assert "a true docker abc" in result.out
    assert f"{value} {value} ****** 17" in result.out


def test_a_secret_in_base64_is_hidden_in_both_forms(tmp_path: Path) -> None:
    written(tmp_path, SHORT)
    plain = b64decode(ENV["SECRET_KEY"] or "").decode()
    env = {"SECRET_A": ENV["SECRET_KEY"], "KESTREL_SECRET_B": "xyzzy-plugh"}
    result = run_here(["run", "flow.yaml", "-i", "pin=123456"], tmp_path, env)
    assert result.err == ""
    assert plain not in result.out
    assert (ENV["SECRET_KEY"] or "") not in result.out
    assert seen(everything(tmp_path, result)) == []
