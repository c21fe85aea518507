"""Server-sent events, read from a stream (the WHATWG's HTML standard, 9.2)."""

import codecs
from collections.abc import Iterable, Iterator

from kestrel_cli.tasks.base import Duration, record

_LONGEST_RETRY = 15  # digits


@record
class SentEvent:
    """One event; `name` is its type, `comment` the last comment before its end."""

    data: str | None = None
    id: str | None = None
    name: str | None = None
    comment: str | None = None
    retry: Duration | None = None


def events_of(chunks: Iterable[bytes]) -> Iterator[SentEvent]:
    """The events that have data, as soon as each is whole. The last one needs no blank line."""
    event = SentEvent()
    for line in _ended(_lines(chunks)):
        if line:
            _take(event, line)
            continue
        if event.data is not None:
            yield event
        event = SentEvent()


def _ended(lines: Iterator[str]) -> Iterator[str]:
    yield from lines
    yield ""


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    kept = ""
    for chunk in chunks:
        kept += decoder.decode(chunk)
        if "\n" not in kept and "\r" not in kept[:-1]:
            continue
        # A `\r` at the end may be the half of a line end.
        *lines, kept = _cut(kept)
        yield from lines
    *lines, kept = _cut(kept + decoder.decode(b"", final=True) + "\n")
    yield from lines


def _cut(text: str) -> list[str]:
    half = text.endswith("\r")
    whole = text[:-1] if half else text
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if half:
        lines[-1] += "\r"
    return lines


def _take(event: SentEvent, line: str) -> None:
    field, _, value = line.partition(":")
    value = value.removeprefix(" ")
    match field:
        case "data":
            event.data = value if event.data is None else f"{event.data}\n{value}"
        case "id":
            event.id = value
        case "event":
            event.name = value
        case "retry" if value.isascii() and value.isdigit() and len(value) <= _LONGEST_RETRY:
            event.retry = Duration(int(value) * 1_000_000)
        case "":
            event.comment = value
        case _:
            pass  # a field of the future
