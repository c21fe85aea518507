"""What a child writes, in the log: in order, bounded, and with its messages obeyed."""

import pytest

from kestrel_cli.tasks.processes import feed as feeds
from kestrel_cli.tasks.processes.feed import LAST, SINGLE, Feed
from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def test_output_is_info_and_error_output_is_error(ctx):
    feed = Feed(ctx)
    feed.take(0, b"one\ntwo\nthr")
    feed.take(1, b"oh\n")
    feed.take(0, b"ee\nrest")
    feed.finish()
    assert ctx.logs == [
        ("INFO", "one"), ("INFO", "two"), ("ERROR", "oh"), ("INFO", "three"), ("INFO", "rest"),
    ]  # fmt: skip


@pytest.mark.parametrize("stream", [0, 1])
def test_messages_are_obeyed_on_both_streams_and_not_logged(ctx, stream):
    feed = Feed(ctx)
    feed.take(stream, b'::{"outputs":{"a":1,"b":1}}::\n::{"outputs":{"b":2}}::\n')
    feed.take(stream, b'::{"metrics":[{"name":"c","type":"counter","value":2}]}::\n')
    feed.take(stream, b'::{"metrics":[{"name":"t","type":"timer","value":0.5,"tags":{"x":"y"}},')
    feed.take(stream, b'{"name":"g","type":"gauge","value":1}]}::\n')
    feed.finish()
    assert feed.outputs == {"a": 1, "b": 2}
    assert ctx.counters == [("c", 2, {})]
    assert ctx.timers == [("t", 0.5, {"x": "y"})]
    assert ctx.gauges == [("g", 1, {})]
    assert ctx.logs == []


def test_logs_of_messages_keep_their_place(ctx):
    feed = Feed(ctx)
    feed.take(0, b'a\n::{"logs":[{"level":"WARN","message":"b"}]}::\nc\n')
    assert ctx.logs == [("INFO", "a"), ("WARN", "b"), ("INFO", "c")]


def test_a_broken_message_is_a_warning(ctx):
    Feed(ctx).take(0, b"::{nope}::\n")
    ((level, text),) = ctx.logs
    assert level == "WARN"
    assert text.startswith("Invalid outputs '::{nope}::': Expecting property name")


def test_our_own_file_name_is_left_out(ctx):
    feed = Feed(ctx)
    feed.hide(b"/tmp/x/commands: ")
    feed.take(1, b"/bin/sh: 3: /tmp/x/commands: nosuch: not found\n")
    assert ctx.logs == [("ERROR", "/bin/sh: 3: nosuch: not found")]


def test_very_many_lines_share_entries(ctx):
    feed = Feed(ctx)
    lines = [f"line {number}" for number in range(SINGLE + 5_000)]
    for start in range(0, len(lines), 500):
        feed.take(0, "".join(f"{line}\n" for line in lines[start : start + 500]).encode())
    assert "\n".join(text for _, text in ctx.logs).split("\n") == lines
    assert len(ctx.logs) == SINGLE + 10
    assert max(len(text) for _, text in ctx.logs) < 15_360


def test_too_many_lines_are_counted_and_the_last_are_shown(ctx, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_LINES", 1_500)
    feed = Feed(ctx)
    lines = [b"line %d\n" % number for number in range(10_000)]
    for start in range(0, len(lines), 100):
        feed.take(0, b"".join(lines[start : start + 100]))
    feed.take(0, b'::{"outputs":{"late":true}}::\n')
    feed.take(1, b"the reason\n")
    feed.finish()
    assert feed.outputs == {"late": True}
    told = [text for level, text in ctx.logs if level == "WARN"]
    assert told == [
        "there was too much output: 10001 lines, of which the first 1500 and the last "
        f"{LAST} are shown"
    ]
    assert ctx.logs[-1] == ("ERROR", "the reason")
    assert "line 9999" in ctx.logs[-2][1]
    assert "line 9800" not in ctx.logs[-2][1]
    assert sum(len(text) for _, text in ctx.logs) < 100_000


def test_too_many_bytes_are_cut_off_as_well(ctx, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_BYTES", 10_000)
    feed = Feed(ctx)
    feed.take(0, b"x" * 9_999 + b"\ny\nz\n")
    feed.finish()
    assert [text for _, text in ctx.logs][1:] == [
        "y",
        "there was too much output: 3 lines, of which the first 2 and the last 1 are shown",
        "z",
    ]


def test_levels_can_be_others(ctx):
    feed = Feed(ctx, ("DEBUG", "WARN"))
    feed.take(0, b"a\n")
    feed.take(1, b"b\n")
    assert ctx.logs == [("DEBUG", "a"), ("WARN", "b")]
