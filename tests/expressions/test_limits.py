"""Expressions that try to use up the machine end in an error, soon and in little memory.

The first table needs no clock: counts and sizes end these. The second one is ended by the watchdog,
which is set to a fraction of its time here.
"""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import pytest

from kestrel_cli import matching
from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import watch
from kestrel_cli.expressions.scope import BareServices
from kestrel_cli.expressions.template import MapScope, render_text
from tests.support.cli import ROOT

EVIL = "a" * 60 + "!"
BIG = "a" * 9_000_000
CONTEXT: dict[str, Any] = {
    "a": 1,
    "lines": "a\n" * 10_000,
    "big": BIG,
    "deep": "[" * 100_000,
    "maps": [{"a": n} for n in range(20_000)],
    "digits": "9" * 100_000,
    "block": "".join(" " * n + "a:\n" for n in range(300)),
    "self": "{{ render(self) }}",
    "grow": "{{ '{{ grow }}' }}{{ 'a' }}",
    "evil": EVIL,
}
DOUBLED = "{% set s = 'aaaaaaaaaa' %}{% for i in 1..60 %}{% set s = ACTION %}{% endfor %}{{ s }}"
NESTED = "{% set s = ['a'] %}{% for i in 1..60 %}{% set s = [s, s] %}{% endfor %}"


def often(text: str, times: int, end: str = "", middle: str = "") -> str:
    return text * times + middle + end * times


# What is counted or measured: the same words whatever the machine.
COUNTED = {
    "1..1000000000000": "cannot produce more than",
    "range(1, 1000000000000)": "cannot produce more than",
    "range(1, -1000000000000, -1)": "cannot produce more than",
    "range(1, 1e12)": "Unexpected token",
    "'a' | indent(1000000000)": "longer than the limit",
    "'a' | nindent(1000000000)": "longer than the limit",
    "lines | indent(100000)": "longer than the limit",
    "lines | indent(1000, prefix='aaaaaaaaaaaaaaaaa')": "longer than the limit",
    "'%1000000000d' | format(1)": "longer than the limit",
    "'%1000000000s' | format(1)": "longer than the limit",
    "'%.1000000000f' | format(1.5)": "longer than the limit",
    "'%01000000000d' | format(1)": "longer than the limit",
    "big | split('')": "more than the limit of 1000000 elements",
    "big | replace({'a': 'aaaaaaaa'})": "longer than the limit",
    "big | replace({'a': 'aaaaaaaa'}, regexp=true)": "longer than the limit",
    "big | regexReplace('', 'aaaaaaaaaaaaaa')": "longer than the limit",
    "range(1, 100000) | join(lines)": "longer than the limit",
    "big ~ big": "longer than the limit",
    "[big, big]": "longer than the limit",
    "nanoId(1000000000)": "",
    "'1e999999999' | number('BIGDECIMAL')": "longer than the limit",
    "'1e999999999' | number('BIGDECIMAL') | numberFormat('0')": "too large",
    "1 | numberFormat('" + "0" * 100_000 + "')": "pattern",
    "'2024-01-01' | dateAdd(1000000000000, 'DAYS')": "",
    "digits | number": "too many digits",
    "fromJson(digits)": "",
    "yaml(digits)": "",
    "fromIon(digits)": "too many digits",
    "fromJson(deep)": "nested too deeply",
    "yaml(deep)": "nested deeper than the limit",
    "fromIon(deep)": "nested deeper than the limit",
    "deep | jq('.')": "nested too deeply",
    "yaml(block)": "nested deeper than the limit",
    "render(self)": "",
    "renderOnce(self)": "",
    "render(grow)": "",
    often("(", 1000, ")", "1"): "nested too deeply",
    " + ".join(["1"] * 10_000): "too complex",
    "'a'" + " | upper" * 2000: "too complex",
    often("not ", 5000, "", "true"): "nested too deeply",
    often("-", 5000, "", "1"): "nested too deeply",
    often("[", 1000, "]"): "nested too deeply",
    often("{'a': ", 1000, "}", "1"): "nested too deeply",
    often("1 ? 1 : ", 1000, "", "1"): "nested too deeply",
    often("max(", 800, ")", "1"): "nested too deeply",
    "a" + "[0]" * 5000: "too complex",
    often('"#{', 500, '}"', "1"): "too complex",
    "[" + "1," * 100_000 + "1]": "too complex",
    "[1] | jq('\"a\" * 1e9')": "",
    "[1] | jq('reduce range(60) as $i (\"aaaaaaaaaa\"; . + .)')": "",
    "[1] | jq('reduce range(60) as $i ([1]; . + .)')": "",
    "[1] | jq('[] | .[100000000] = 1')": "",
    "[1] | jq('" + often("(", 2000, ")", "1") + "')": "",
    "[1] | jq('env')": "not available",
    "[1] | jq('$ENV.PATH')": "not available",
    "[1] | jq('input')": "",
    "[1] | jq('halt')": "",
    "[1] | jq('halt_error')": "",
    "[1] | jq('include \"a\"; .')": "",
    "[1] | jq('import \"a\" as a; .')": "",
}
WHOLE = {
    DOUBLED.replace("ACTION", "s ~ s"): "longer than the limit",
    DOUBLED.replace("ACTION", "s + s"): "longer than the limit",
    DOUBLED.replace("'aaaaaaaaaa'", "[1]").replace("ACTION", "s | merge(s)"): "more than the limit",
    DOUBLED.replace("'aaaaaaaaaa'", "99").replace("ACTION", "s * s"): "limit of 4096 bits",
    DOUBLED.replace("ACTION", "s | toJson ~ s"): "longer than the limit",
    "{% for a in 1..9999 %}{% for b in 1..9999 %}{% endfor %}{% endfor %}": "loop steps",
    "{% for a in 1..9999 %}{{ big }}.{% endfor %}": "longer than the limit",
    "{% macro m(a) %}{{ m(a) }}{% endmacro %}{{ m(1) }}": "calls itself too often",
    "{% block b %}{{ block('b') }}{% endblock %}": "calls itself too often",
    often("{% if true %}", 1000, "{% endif %}"): "too complex",
    often("{% for a in [1] %}", 90, "{% endfor %}"): "too complex",
    "{{ a + 1 }}" * 20_000: "too complex",
    often("{% if a == 1 %}", 1, "{% endif %}", "{% elseif a == 2 %}" * 2900): "too complex",
    "{% set x = 1 %}" * 20_000: "too complex",
    "{{ " * 100_000: "nested too deeply",
    "{% if " * 100_000: "nested too deeply",
    "{#" * 100_000: "Unclosed comment",
    "a{" * 6_000_000: "longer than the limit",
}
# What works all the same.
FINE = {
    "{{ a }}" * 20_000: "1" * 20_000,
    "{{ a + 1 }}" * 1_000: "2" * 1_000,
    "{# a #}" * 20_000: "",
    "{{ " + " ~ ".join(["1"] * 5_000) + " }}": "1" * 5_000,
    "{{" + " " * 1_000_000 + "a }}": "1",
    "{{ '" + BIG + "' | length }}": "9000000",
    "{{ 'a' | abbreviate(1000000000) }}": "a",
    "{{ [1] | slice(0, 1) }}": "[1]",
}
PATTERNS = [
    "(a+)+$", "(a*)*$", "(a|a)*$", "([a-zA-Z]+)*$", "(a|a?)+$", "(.*a){25}$", "((a+)+)+b",
    "(a|aa)+$", "^(a+a+)+$", "([ab]*)*$",
]  # fmt: skip
HOPELESS = ["(a|aa)+$", "(a|a)*$", "(?:(a|aa)+)+$"]  # those that the engine cannot shorten
USES = [
    "evil | regexMatch(re)",
    "evil | regexReplace(re, '')",
    "evil | regexExtract(re)",
    "evil | split(re)",
    "evil | replace({(re): ''}, regexp=true)",
    "[evil] | jq('.[] | test(\"' ~ re ~ '\")')",
    "[evil] | jq('.[] | gsub(\"' ~ re ~ '\"; \"\")')",
]
ENDLESS = [
    "{{ [1] | jq('[range(1e12)] | length') }}",
    "{{ [1] | jq('def f: f; f') }}",
    "{{ [1] | jq('repeat(1)') }}",
    "{{ [1] | jq('reduce range(200000) as $i (1; [.])') }}",
    "{{ [1] | jq('[recurse([.])]') }}",
    *(f"{{% set re = '{pattern}' %}}{{{{ {USES[0]} }}}}" for pattern in HOPELESS),
    *(f"{{% set re = '{HOPELESS[0]}' %}}{{{{ {use} }}}}" for use in USES[1:]),
    NESTED + "{% set t = s | replace({'a': 'b'}) %}{{ s == t }}",
    NESTED + "{{ s | jq('[..] | length') }}",
    NESTED + "{{ render(s) }}",
    "{% macro m(a) %}{% if a < 60 %}{{ m(a + 1) ~ m(a + 1) }}{% endif %}{% endmacro %}{{ m(1) }}",
    "{% for a in 1..9999 %}{% for b in 1..9999 %}{{ b }},{% endfor %}{% endfor %}",
    "{% for i in 1..100000 %}{{ i isIn range(1, 100000) }}{% endfor %}",
    "{{ [1] | jq('first(range(1e12) | select(. < 0))') }}",
    "{{ [1] | jq('[limit(1e12; repeat(1))] | length') }}",
    "{{ [1] | jq('last(range(1e12))') }}",
    "{{ [1] | jq('until(false; .)') }}",
    "{{ [1] | jq('def f: [f]; f') }}",
    "{{ [1] | jq('reduce range(60) as $i ([1]; [., .]) | [..] | length') }}",
    "{{ [1] | jq('[range(1000000)] | combinations') }}",
    "{{ [1] | jq('[range(3000)] | [.[] as $a | .[] as $b | 1] | length') }}",
]


def outcome(template: str) -> str:
    """The words of the error, or what came, marked as no error."""
    scope = MapScope(CONTEXT, BareServices({}))
    with watch.watching():
        try:
            return f"no error: {render_text(template, scope)[:100]!r}"
        except RenderError as error:
            return str(error)


def short(template: str) -> str:
    return template[:60] + (f"...{len(template)}" if len(template) > 60 else "")


CASES = {f"{{{{ {expression} }}}}": words for expression, words in COUNTED.items()} | WHOLE


@pytest.mark.parametrize("template", CASES, ids=short)
def test_what_is_too_much_is_refused(template: str) -> None:
    said = outcome(template)
    assert not said.startswith("no error"), said
    assert CASES[template] in said


@pytest.mark.parametrize("template", FINE, ids=short)
def test_what_is_merely_large_works(template: str) -> None:
    assert render_text(template, MapScope(CONTEXT, BareServices({}))) == FINE[template]


# The watch may strike while Python runs a finalizer, which only tells of it; it strikes again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not hasattr(signal, "ITIMER_PROF"), reason="needs a timer")
@pytest.mark.parametrize("template", ENDLESS, ids=short)
def test_what_never_ends_is_ended(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SECONDS", 0.05)
    monkeypatch.setattr(watch, "_TICK", 0.05)
    assert not outcome(template).startswith("no error")  # the watch ended it, or a count did


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_regular_expressions_end(pattern: str, use: str) -> None:
    """Without the watch of a rendering: on other threads, and where no timer is."""
    scope = MapScope(CONTEXT, BareServices({}))
    with pytest.MonkeyPatch.context() as patch, suppress(RenderError):
        patch.setattr(matching, "SECONDS", 0.05)
        patch.setattr(matching, "SECONDS_FOR_ALL", 0.05)
        began = time.process_time()
        render_text(f"{{% set re = '{pattern}' %}}{{{{ {use} }}}}", scope)
    assert time.process_time() - began < 1


def test_no_attack_takes_much_memory() -> None:
    """All of them in a process of its own that may have little."""
    program = (
        "import resource\n"
        "from tests.expressions import test_limits as t\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))\n"
        "t.watch.SECONDS = t.watch._TICK = 0.05\n"
        "for template in (*t.CASES, *t.ENDLESS):\n"
        "    if t.outcome(template).startswith('no error'): raise SystemExit(t.short(template))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_watch_is_off_between_renderings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SECONDS", 0.02)
    monkeypatch.setattr(watch, "_TICK", 0.01)
    with watch.watching():
        sum(range(4_000_000))  # not a rendering
        assert outcome("{{ a + 1 }}") == "no error: '2'"
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0.0


def in_time(template: str) -> str:
    with watch.watching():
        return outcome(template)


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SECONDS", 0.1)
    monkeypatch.setattr(watch, "_TICK", 0.02)


class Answers(BareServices):
    """Whose answers take a while, half of it at work."""

    def http(self, request: dict[str, object]) -> object:
        busy_until = time.thread_time() + 0.15
        while time.thread_time() < busy_until:
            pass
        time.sleep(0.15)
        return request["method"]


@pytest.mark.usefixtures("_soon")
def test_waiting_for_an_answer_is_not_counted() -> None:
    scope = MapScope(CONTEXT, Answers({}))
    with watch.watching():
        assert render_text("{{ http('http://x') }}{{ http('http://x') }}", scope) == "GETGET"


@pytest.mark.usefixtures("_soon")
def test_what_comes_after_an_answer_is_counted() -> None:
    scope = MapScope(CONTEXT, Answers({}))
    with watch.watching(), pytest.raises(RenderError, match="computed for more than"):
        render_text("{{ http('http://x') }}" + NESTED + "{{ s | json }}", scope)


@pytest.mark.usefixtures("_soon")
def test_a_watch_within_a_watch_changes_nothing() -> None:
    with watch.watching():
        assert "computed for more than" in in_time(NESTED + "{{ s | json }}")
        assert "computed for more than" in outcome(NESTED + "{{ s | json }}")
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0.0


def test_a_process_that_was_suspended_goes_on() -> None:
    """A rendering that takes little is stopped in its middle for longer than any may take."""
    program = (
        "import os, signal, threading, time\n"
        "from tests.expressions import test_limits as t\n"
        "t.watch.SECONDS, t.watch._TICK = 0.5, 0.05\n"
        "threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGSTOP)).start()\n"
        "print(t.outcome(t.NESTED.replace('60', '16') + '{{ s | json | length }}'), flush=True)\n"
        "time.sleep(0.3)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    time.sleep(2.5)
    child.send_signal(signal.SIGCONT)
    said, _ = child.communicate(timeout=60)
    assert said.startswith(b"no error")


def test_a_value_of_many_parts_ends_soon_by_the_clock() -> None:
    """Memory asked for and given back is the system's work, not the program's own."""
    began = time.perf_counter()
    assert not outcome(NESTED.replace("60", "40") + "{{ s | json }}").startswith("no error")
    assert time.perf_counter() - began < 10
