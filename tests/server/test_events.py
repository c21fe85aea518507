"""Events of a stream, however it is cut into pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.server.events import ServerEvent, events

TEXT = "id: start\ndata: {}\n\n: a comment\nid: progress\ndata: one\ndata: two\n\nretry: 5\n\n"
EVENTS = [ServerEvent("start", "{}"), ServerEvent("progress", "one\ntwo")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@given(st.lists(st.integers(0, len(TEXT) * 2), max_size=8))
def test_pieces_of_any_size_give_the_same_events(end, cuts):
    data = TEXT.replace("\n", end).encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[a:b] for a, b in pairwise(places)]
    assert list(events(pieces)) == EVENTS


def test_an_event_that_was_cut_is_not_told():
    assert list(events([b'id: end\ndata: {"a": 1}\n'])) == []
    assert list(events([b"id: a\ndata: 1\n\nid: b\nda"])) == [ServerEvent("a", "1")]
