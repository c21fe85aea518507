"""io.kestra.plugin.core.http.SseRequest"""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RenderError, RunContext, TaskFailed
from kestrel_cli.tasks.http.events import SentEvent, events_of
from kestrel_cli.tasks.http.http_task import Exchange, HttpTask, answered
from kestrel_cli.web.address import Failure


class SseRequest(HttpTask):
    """Read server-sent events until the server ends the stream: `uri`, `size` and `events`.

    With `concatJqExpression` that jq program picks a text, number or boolean of every event, and
    `result` joins them in place of `events`. An event in which it finds none is a failure, unless
    `failedOnMissingJq` is false.
    """

    concatJqExpression: Dynamic[str] | None = None
    failedOnMissingJq: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address that was asked",
        "size": "how many events came",
        "events": "the events: `data`, `id`, `name`, `comment`, `retry`",
        "result": "with `concatJqExpression`: the texts it picks, joined",
    }
    measures: ClassVar[dict[str, str]] = {"size": "counter: events"}
    accept: ClassVar[str | None] = "text/event-stream"

    def run(self, ctx: RunContext) -> Outcome:
        program = None if self.concatJqExpression is None else ctx.text(self.concatJqExpression)
        strict = ctx.boolean(self.failedOnMissingJq)
        with answered(ctx, self) as exchange:
            events = _events(exchange)
        ctx.count("size", len(events))
        outputs: dict[str, object] = {"uri": exchange.request.address.uri, "size": len(events)}
        picked = []
        if program is not None:
            picked = [_picked(ctx, program, event, strict=strict) for event in events]
        texts = [text for text in picked if text is not None]
        return Outcome(outputs | ({"result": "".join(texts)} if texts else {"events": events}))


def _events(exchange: Exchange) -> list[dict[str, Any]]:
    return [_as_output(event) for event in events_of(_chunks(exchange))]


def _chunks(exchange: Exchange) -> Iterator[bytes]:
    most = exchange.settings.most
    while chunk := exchange.response.read():
        if exchange.response.given > most:
            raise Failure(f"the events are larger than the limit of {most} bytes")
        yield chunk


def _as_output(event: SentEvent) -> dict[str, Any]:
    """The event as Kestra keeps it: its data as JSON where it is some, nothing that is not said."""
    data: Any = event.data
    if event.data is not None:
        try:
            data = json.loads(event.data)
        except (ValueError, RecursionError):
            data = event.data
    retry = None if event.retry is None else str(event.retry)
    said = {"data": data, "id": event.id, "name": event.name}
    said |= {"comment": event.comment, "retry": retry}
    return {key: value for key, value in said.items() if value is not None}


def _picked(ctx: RunContext, program: str, event: dict[str, Any], *, strict: bool) -> str | None:
    """What the jq program makes of an event; None for nothing."""
    from kestrel_cli.tasks.base import jq

    try:
        results = jq.run(program, event)
        return _as_text(results[-1]) if results else None
    except (RenderError, TaskFailed) as error:
        shown = json.dumps(event, ensure_ascii=False, separators=(",", ":"))[:1000]
        message = f"Failed to resolve JQ expression '{program}' and value '{shown}'"
        if strict:
            raise TaskFailed(f"{message}: {error}") from error
        ctx.log("DEBUG", f"{message}: {error}. Skipping this event.")
        return None


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    got = "nothing" if value is None else "a map or a list"
    raise TaskFailed(f"expected a text, a number or a boolean, got {got}")
