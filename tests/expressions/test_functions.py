import base64
import sys
from datetime import UTC, date, datetime

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.functions import FUNCTIONS, SCOPED_FUNCTIONS
from kestrel_cli.expressions.scope import BareServices

from .fakes import FakeScope, FakeServices


def call(name, *arguments, scope=None, **named):
    if name in SCOPED_FUNCTIONS:
        return FUNCTIONS[name](scope or FakeScope(), *arguments, **named)
    return FUNCTIONS[name](*arguments, **named)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("range", [1, 3], [1, 2, 3]),
        ("range", [0, 7, 3], [0, 3, 6]),
        ("range", [3, 1], []),
        ("range", [3, 1, -1], [3, 2, 1]),
        ("range", ["a", "d", 2], ["a", "c"]),
        ("max", [1, None, 2.5], 2.5),
        ("min", [3, 2], 2),
        ("max", [], None),
        ("fromJson", ['{"a":[1.5,null]}'], {"a": [1.5, None]}),
        ("json", [None], None),
        ("yaml", ["a: [1, x]"], {"a": [1, "x"]}),
        ("fromIon", ["{a:1}\n{a:2}"], {"a": 1}),
        ("fromIon", ["{a:1}\n{a:2}", True], [{"a": 1}, {"a": 2}]),
        ("dayOfWeek", ["2031-11-02"], "SUNDAY"),
        ("dayOfMonth", ["2031-11-02T23:00:00-05:00"], 2),
        ("monthOfYear", [date(2031, 11, 2)], 11),
        ("hourOfDay", ["2031-11-02T23:00:00-05:00"], 23),
        ("hourOfDay", [datetime(2031, 11, 2, 4, tzinfo=UTC)], 4),
        ("isWeekend", ["2031-11-02"], True),
        ("isWeekend", ["2031-11-03"], False),
        ("isDayWeekInMonth", ["2031-11-03", "monday", "first"], True),
        ("isDayWeekInMonth", ["2031-11-30", "SUNDAY", "LAST"], True),
        ("isDayWeekInMonth", ["2031-11-23", "SUNDAY", "LAST"], False),
        ("isDayWeekInMonth", ["2031-11-04", "MONDAY", "FIRST"], False),
        ("isLastWorkingDay", ["2031-11-28"], True),
        ("isLastWorkingDay", ["2031-11-27"], False),
        ("isLastWorkingDay", ["2031-11-30", "SUNDAY"], True),
        ("isLastWorkingDay", ["9999-12-31"], True),
        ("isDateBetween", ["2031-11-02T00:00:00Z", "2031-11-01T23:59:59Z", "2031-11-02T00:00:01Z"], True),  # noqa: E501
        ("isDateBetween", ["2031-11-02T00:00:00Z", "2031-11-02T00:00:00Z", "2032-01-01T00:00:00Z"], False),  # noqa: E501
        ("loopOutputs", [[{"outputs": {"u": 1}}, {}, "x"], "u"], [1, None, None]),
        ("now", ["yyyy-MM-dd"], "2024-03-05"),
        ("now", [None, "Asia/Tokyo"], "2024-03-05T23:07:09.123456+09:00"),
        ("read", ["a.txt"], "content of a.txt"),
        ("fileSize", ["a.txt"], 5),
        ("fileExists", ["missing"], False),
        ("isFileEmpty", ["empty"], True),
        ("errorLogs", [], [{"message": "boom"}]),
        ("http", ["https://example.org"], "answer"),
        ("render", [1], 1),
        ("render", [None], None),
    ],
)  # fmt: skip
def test_functions(name, arguments, result):
    got = call(name, *arguments)
    assert got == result
    assert type(got) is type(result)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("range", [0, 10**9], "cannot produce more than 1000000 elements, but this call would produce 1000000001"),  # noqa: E501
        ("range", [0, 10**30], "cannot produce more"),
        ("range", [0, 1, 0], "different than 0"),
        ("range", [0, "a"], "Number or String"),
        ("max", [1, "2"], "numbers"),
        ("fromJson", [5], "with type string"),
        ("fromJson", ["{bad}"], "Invalid json"),
        ("fromJson", ["NaN"], "Invalid json"),
        ("fromJson", ["[" * 5000], "Invalid json"),
        ("yaml", ["a: ["], "Invalid YAML"),
        ("fromIon", ["{"], "Invalid Ion"),
        ("dayOfWeek", ["someday"], "could not parse 'date'"),
        ("hourOfDay", ["2031-11-02"], "time"),
        ("isDayWeekInMonth", ["2031-11-02", "SOMEDAY", "FIRST"], "day of the week"),
        ("isDayWeekInMonth", ["2031-11-02", "SUNDAY", "FIFTH"], "FOURTH"),
        ("isDateBetween", ["2031-11-02T00:00:00", "x", "y"], "could not parse 'after'"),
        ("isPublicHoliday", ["2031-11-02", "XX"], "no holidays of 'XX'"),
        ("loopOutputs", [{}, "u"], "list"),
        ("randomInt", [5, 5], "less than or equal"),
        ("nanoId", [0], "positive"),
        ("nanoId", [10**9], "limit"),
        ("read", ["../../etc/passwd"], "must not contain '../'"),
        ("fileURI", ["a\\..\\..\\b"], "must not contain '../'"),
        ("http", ["u", "BREW"], "BREW"),
        ("render", ["x", "no"], "type boolean"),
        ("subflow", ["x"], "server"),
        ("env", [None], "argument 'name'"),
    ],
)  # fmt: skip
def test_functions_refuse(name, arguments, message):
    with pytest.raises(RenderError, match=message):
        call(name, *arguments)


def test_rendering_goes_through_lists_and_maps_keys_included():
    scope = FakeScope(a="{{ b }}", b="B", n=1)
    assert call("render", "{{ a }}", scope=scope) == "B"
    assert call("renderOnce", "{{ a }}", scope=scope) == "{{ b }}"
    assert call("render", "{{ a }}", False, scope=scope) == "{{ b }}"
    value = {"{{ a }}": ["{{ b }}", 1, None], "B": "second"}
    assert call("render", value, scope=scope) == {"B": ["B", 1, None]}
    assert call("printContext", scope=scope)["n"] == 1


def test_env_reads_the_envs_variable_and_falls_back():
    scope = FakeScope(envs={"host": "h", "blank": ""})
    assert call("env", "host", scope=scope) == "h"
    assert call("env", "blank", "d", scope=scope) == "d"
    assert call("env", "gone", scope=scope) is None


def test_a_file_uri_needs_the_flows_namespace():
    scope = FakeScope(flow={"namespace": "a.b"})
    assert call("fileURI", "/x.txt", scope=scope) == "kestra:///a/b/_files/x.txt"
    with pytest.raises(RenderError, match="without a flow"):
        call("fileURI", "x.txt")


def test_kv_reports_missing_keys_unless_told_otherwise():
    services = FakeServices()
    scope = FakeScope(services)
    assert call("kv", "k", scope=scope) == {"stored": "k"}
    call("kv", "k", "n", False, scope=scope)
    assert services.asked == [("k", None, True), ("k", "n", False)]


def test_a_secret_is_base64_in_the_environment():
    services = BareServices({"SECRET_TOKEN": base64.b64encode(b'{"a":"x"}').decode() + "\n"})
    assert services.secret("token", None, None) == '{"a":"x"}'
    assert services.secret("token", None, "a") == "x"
    with pytest.raises(RenderError, match="Cannot find secret for key 'other'"):
        services.secret("other", None, None)


def test_bare_services_refuse_what_needs_a_flow():
    services = BareServices({})
    for refuse in (
        lambda: services.kv("k", None, error_on_missing=False),
        lambda: services.read("x", None),
        lambda: services.file_size("x"),
        lambda: services.file_exists("x"),
        services.error_logs,
        lambda: services.http({}),
    ):
        with pytest.raises(RenderError, match="without a flow"):
            refuse()


def test_random_values_come_from_the_runs_source():
    for name, arguments in [
        ("uuid", []),
        ("id", []),
        ("ksuid", []),
        ("nanoId", []),
        ("randomPort", []),
        ("randomInt", [1, 10**9]),
    ]:
        assert call(name, *arguments) == call(name, *arguments), name
    assert len(call("ksuid")) == 27
    assert len(call("nanoId", 5, "ab")) == 5
    assert call("randomInt", 3, 4) == 3
    assert 1024 <= call("randomPort") <= 65535


def test_the_current_iterations_output_is_found_through_all_loops():
    scope = FakeScope(
        parents=[{"taskrun": {"value": "inner"}}, {"taskrun": {"value": "outer"}}],
        taskrun={"value": "me"},
    )
    outputs = {"outer": {"inner": {"me": {"x": 1}}}}
    for _ in range(2):
        assert call("currentEachOutput", outputs, scope=scope) == {"x": 1}
    with pytest.raises(RenderError, match="outer"):
        call("currentEachOutput", {}, scope=scope)
    with pytest.raises(RenderError, match="loop"):
        call("currentEachOutput", outputs)


def test_an_iterations_output_is_found_by_its_number():
    scope = FakeScope(
        outputs={"t": {"a": {"value": 1}, "b": {"value": 2}}},
        taskrun={"iteration": 1},
        task={"id": "t"},
    )
    assert call("iterationOutput", scope=scope) == 1
    assert call("iterationOutput", "t", 1, scope=scope) == 2
    with pytest.raises(RenderError, match="iteration 7"):
        call("iterationOutput", "t", 7, scope=scope)


def test_tasks_are_found_by_state():
    scope = FakeScope(
        tasks={"a": {"state": "FAILED"}, "b": {"state": "SUCCESS"}, "c": {"x": {"state": "FAILED"}}}
    )
    assert call("tasksWithState", "failed", scope=scope) == [
        {"taskId": "a", "state": "FAILED"},
        {"taskId": "c", "state": "FAILED", "value": "x"},
    ]
    assert call("tasksWithState", "FAILED") == []


KEY = base64.b64encode(bytes(range(32))).decode()


def test_encrypted_text_is_decrypted_with_the_same_key_only():
    secret = call("encrypt", KEY, "geheim")
    assert secret != call("encrypt", KEY, "geheim")
    assert call("decrypt", KEY, secret) == "geheim"
    assert call("encrypt", KEY, "") == ""
    for key, text in [
        (base64.b64encode(bytes(32)).decode(), secret),
        (KEY, "AAAA"),
        (KEY, "!"),
        ("x", secret),
    ]:
        with pytest.raises(RenderError):
            call("decrypt", key, text)


@pytest.mark.parametrize(
    ("key", "nonce", "data", "sealed"),
    [
        # The first cases of "The Galois/Counter Mode of Operation" (McGrew, Viega), for 128 and 256 bits.  # noqa: E501
        ("00" * 16, "00" * 12, "", "58e2fccefa7e3061367f1d57a4e7455a"),
        (
            "00" * 16,
            "00" * 12,
            "00" * 16,
            "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
        ),
        ("00" * 32, "00" * 12, "", "530f8afbc74536b9a963b4f1c4cb738b"),
    ],
)
def test_the_cipher_agrees_with_the_published_vectors(key, nonce, data, sealed, monkeypatch):
    key = base64.b64encode(bytes.fromhex(key)).decode()
    text = bytes.fromhex(data).decode()
    encrypted = base64.b64encode(bytes.fromhex(nonce + sealed)).decode()
    assert call("decrypt", key, encrypted) == text
    monkeypatch.setattr("secrets.token_bytes", lambda size: bytes.fromhex(nonce)[:size])
    assert call("encrypt", key, text) == (encrypted if text else "")


@pytest.mark.parametrize("function", ["encrypt", "decrypt"])
def test_a_cipher_that_is_not_installed_is_named(function, monkeypatch):
    text = base64.b64encode(bytes(40)).decode()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(RenderError) as failure:
        call(function, KEY, text)
    assert f"`{function}` needs the Python package `cryptography`" in str(failure.value)
    assert failure.value.hint == "pip install 'kestrel-flow[crypto]'"
    assert call(function, KEY, "") == ""


def test_the_bare_clock_is_aware_and_survives_an_unknown_zone():
    assert BareServices({"TZ": "Europe/Paris"}).now().utcoffset() is not None
    assert BareServices({"TZ": ":No/Such"}).now().tzinfo is UTC


def test_a_holiday_calendar_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(RenderError) as failure:
        call("isPublicHoliday", "2031-11-02", "DE")
    assert failure.value.hint == "pip install 'kestrel-flow[holidays]'"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}\n{"a": 2}\n', {"a": 1}),
        (" [1] and more", [1]),
        ('"a""b"', "a"),
        ("7 8", 7),
        ("null\n]", None),
    ],
)
def test_json_is_read_up_to_the_end_of_its_first_value(text, value):
    assert call("fromJson", text) == value


@pytest.mark.parametrize("text", ["7a", "truex", "1,2", "", "  "])
def test_a_number_or_word_of_json_ends_at_a_blank(text):
    with pytest.raises(RenderError, match="Invalid json"):
        call("fromJson", text)


@pytest.mark.parametrize(
    ("arguments", "result"),
    [([1.9, 3.2], [1, 2, 3]), ([-1.5, 1], [-1, 0, 1]), ([0, 4, 2.9], [0, 2, 4])],
)
def test_a_range_takes_the_whole_part_of_any_number(arguments, result):
    assert call("range", *arguments) == result
