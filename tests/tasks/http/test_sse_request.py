import time

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written

SSE = "io.kestra.plugin.core.http.SseRequest"


@pytest.fixture
def events(base, ctx):
    """Run an SseRequest for a path; returns its outputs."""

    def run(path="/events", **properties):
        return written(SSE, uri=base + path, **properties).run(ctx).outputs

    return run


def test_events_are_kept_with_their_data_as_json_where_it_is(events, base, ctx):
    assert events() == {
        "uri": f"{base}/events",
        "size": 3,
        "events": [{"data": {"count": 1}}, {"data": "plain text"}, {"data": {"count": 2}}],
    }
    assert ("size", 3, {}) in ctx.counters


def test_events_are_asked_for(events, server):
    events()
    assert server.seen[-1][2]["Accept"] == "text/event-stream"
    events(headers={"accept": "x/y"})
    assert "Accept" not in server.seen[-1][2]


def test_a_jq_program_picks_a_text_of_every_event(events, base, ctx):
    outputs = events(concatJqExpression=".data.count", failedOnMissingJq=False)
    assert outputs == {"uri": f"{base}/events", "size": 3, "result": "12"}
    message = "Failed to resolve JQ expression '.data.count' and value '{\"data\":\"plain text\"}'"
    assert any(text.startswith(message) for _, text in ctx.logs)


def test_an_event_without_such_a_text_is_a_failure(events):
    with pytest.raises(
        TaskFailed, match=r"Failed to resolve JQ expression '\.data\.count' and val"
    ):
        events(concatJqExpression=".data.count")
    with pytest.raises(TaskFailed, match="expected a text, a number or a boolean, got a map"):
        events(concatJqExpression=".")


def test_events_are_kept_when_nothing_is_picked(events):
    assert events(concatJqExpression="empty")["events"]


def test_a_code_of_failure_is_the_failure_of_the_task(events):
    with pytest.raises(TaskFailed, match="response code '417'"):
        events("/417")


def test_a_stream_without_end_is_given_up(events):
    begun = time.monotonic()
    with pytest.raises(TaskFailed, match="larger than the limit of 1000000 bytes"):
        events("/endless-events", options={"maxContentLength": 1_000_000})
    assert time.monotonic() - begun < 2
