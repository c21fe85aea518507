import pytest

from kestrel_cli.model.duration import Duration
from kestrel_cli.tasks.http.events import SentEvent, events_of

STREAM = (
    b"\xef\xbb\xbf: hi\r\n\r\nid: 1\revent: x\rdata: a\r\rdata:b\ndata: c\n: kept\nretry: 1500\n\n"
    b"\n\nretry: soon\nunknown: 1\ndata\n\nid: 2\n\ndata: \xc3\xa4 last"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_stream_is_the_same_events_however_it_arrives(size):
    chunks = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert list(events_of(chunks)) == [
        SentEvent("a", id="1", name="x"),
        SentEvent("b\nc", comment="kept", retry=Duration.parse("PT1.5S")),
        SentEvent(""),
        SentEvent("ä last"),
    ]


def test_an_event_is_there_before_the_stream_ends():
    def stream():
        yield b"data: 1\n\ndata"
        raise AssertionError("nobody asked for more")

    assert next(events_of(stream())) == SentEvent("1")


def test_no_stream_is_no_event():
    assert list(events_of([])) == []
