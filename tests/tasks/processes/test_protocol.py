"""Messages of scripts."""

import pytest

from kestrel_cli.model.task import Metric
from kestrel_cli.tasks.processes.protocol import Message, is_message, read_message


def read(text: str) -> Message:
    line = text.encode()
    assert is_message(line)
    return read_message(line)


@pytest.mark.parametrize(
    "line", [b"", b"::", b"::{}", b" ::{}::", b"::{}:: ", b"x::{}::", b"::[]::", b"{}", b":: {}::"]
)
def test_only_a_whole_line_is_a_message(line):
    assert not is_message(line)


def test_outputs_metrics_and_logs():
    message = read(
        '::{"outputs":{"a":1,"b":null},"metrics":[{"name":"n","type":"counter","value":2,'
        '"tags":{"t":"x","u":3}}],"logs":[{"level":"WARN","message":"m"}],"assets":[],"other":1}::'
    )
    assert message.outputs == {"a": 1, "b": None}
    assert message.metrics == [Metric("counter", "n", 2.0, {"t": "x", "u": "3"})]
    assert message.logs == [("WARN", "m")]


def test_everything_may_be_missing():
    assert read("::{}::") == Message()
    assert read('::{"outputs":null,"metrics":null,"logs":null}::') == Message()


@pytest.mark.parametrize(
    ("kind", "value", "number"),
    [
        ("counter", "2", 2.0),
        ("counter", '"2.5"', 2.5),
        ("gauge", "-5.2", -5.2),
        ("timer", "1000", 1000.0),
        ("timer", '"PT1M0.5S"', 60.5),
        ("timer", '"0.25"', 0.25),
    ],
)
def test_numbers_of_metrics(kind, value, number):
    message = read(f'::{{"metrics":[{{"name":"n","type":"{kind}","value":{value}}}]}}::')
    assert message.metrics == [Metric(kind, "n", number, {})]


@pytest.mark.parametrize("level", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "info"])
def test_levels_of_logs(level):
    message = read(f'::{{"logs":[{{"level":"{level}","message":"m"}}]}}::')
    assert message.logs == [(level.upper(), "m")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("::{a}::", "Expecting property name"),
        ('::{"outputs":{"a":NaN}}::', "`NaN` is no number in JSON"),
        ('::{"outputs":[1]}::', "`outputs` must be a map"),
        ('::{"metrics":{}}::', "`metrics` must be a list"),
        ('::{"metrics":[1]}::', r"`metrics\[\]` must be a map"),
        ('::{"metrics":[{"name":"n","type":"sum","value":1}]}::', "not `sum`"),
        ('::{"metrics":[{"type":"gauge","value":1}]}::', "needs a `name`"),
        ('::{"metrics":[{"name":"n","type":"gauge","value":true}]}::', "needs a number"),
        ('::{"metrics":[{"name":"n","type":"gauge","value":"x"}]}::', "could not convert"),
        ('::{"logs":[{"level":"LOUD","message":"m"}]}::', "is one of TRACE"),
        ('::{"logs":[{"message":"m"}]}::', "is one of TRACE"),
        ('::{"outputs":' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}::", "nests too deep"),
    ],
    ids=range(12),
)
def test_what_is_no_message_is_explained(text, why):
    with pytest.raises(ValueError, match=why):
        read(text)
