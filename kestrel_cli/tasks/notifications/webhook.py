"""What tasks share that post a JSON document to an address they were given."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from kestrel_cli.tasks.base import (
    Duration,
    Dynamic,
    Filled,
    Model,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
)
from kestrel_cli.web.address import address_of
from kestrel_cli.web.bodies import Bytes
from kestrel_cli.web.message import Headers, Request, text_of
from kestrel_cli.web.options import HttpOptions, ProxyOptions, TimeoutOptions, lacking, settings_of
from kestrel_cli.web.pairs import pairs
from kestrel_cli.web.sending import (
    REQUEST_METRICS,
    failed_words,
    failures_told,
    sent,
)


class NoticeOptions(Model):
    """How to send. `connectionPoolIdleTimeout` is Kestra's and has no effect."""

    connectTimeout: Dynamic[Duration] | None = None
    readTimeout: Dynamic[Duration] | None = None
    readIdleTimeout: Dynamic[Duration] | None = None
    connectionPoolIdleTimeout: Dynamic[Duration] | None = None
    maxContentLength: Dynamic[int] | None = None
    defaultCharset: Dynamic[str] = "UTF-8"
    headers: Dynamic[dict[str, Any]] | None = None
    proxy: ProxyOptions | None = None

    def as_http(self) -> HttpOptions:
        """These options in the terms of the HTTP tasks."""
        read = self.readTimeout if self.readIdleTimeout is None else self.readIdleTimeout
        return HttpOptions(
            timeout=TimeoutOptions(connectTimeout=self.connectTimeout, readIdleTimeout=read),
            proxy=self.proxy,
            defaultCharset=self.defaultCharset,
            maxContentLength=self.maxContentLength,
        )


class Notice(RunnableTask):
    """The properties of every task that posts one document."""

    options: NoticeOptions | None = None

    measures: ClassVar[dict[str, str]] = REQUEST_METRICS
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True
    service: ClassVar[str]  # whom it is sent to, for the log

    def lacks(self) -> list[str]:
        """What it plainly asks for and Kestrel does not do."""
        return [] if self.options is None else lacking(self.options.as_http())

    def post(self, ctx: RunContext, url: str, text: str, headers: Headers = []) -> str:  # noqa: B006
        """Send a JSON text; the answer's text. The address is hidden: whoever has it can post.
        Raises TaskFailed, also for a status of 400 and above.
        """
        options = self.options or NoticeOptions()
        settings = settings_of(ctx, options.as_http())
        ctx.hide(url)
        ctx.log("DEBUG", f"Send {self.service} webhook: {text}")
        own = [*headers, *pairs(ctx, options.headers)]
        said = {name.lower() for name, _ in own}
        usual = [("Content-Type", f"application/json; charset={settings.charset}")]
        usual += [("User-Agent", "kestrel")]
        own += [(name, value) for name, value in usual if name.lower() not in said]
        body = Bytes(text.encode(settings.charset, "replace"))
        with failures_told(ctx):
            request = Request("POST", address_of(url.strip()), own, body)
            with sent(ctx, request, settings) as response:
                if not settings.accepts(response.status):
                    raise TaskFailed(failed_words(response))
                kind = response.header("content-type") or ""
                answer = text_of(response.whole(settings.most), kind)
        ctx.log("DEBUG", f"Response: {answer[:1000]}")
        return answer


class Webhook(Notice):
    """The properties of every webhook; a payload that is no text is sent as JSON."""

    url: Annotated[Dynamic[str], Filled]
    payload: Dynamic[Any] | None = None

    def notify(self, ctx: RunContext, payload: str | None = None) -> Outcome:
        """Send the payload, or the rendered property."""
        if payload is None:
            if self.payload is None:
                raise TaskFailed("there is nothing to send: set `payload`")
            payload = ctx.text(self.payload)
        self.post(ctx, ctx.text(self.url), payload)
        ctx.log("INFO", "Request succeeded")
        return Outcome()


def json_text(value: object) -> str:
    """A document as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def set_texts(ctx: RunContext, said: Mapping[str, object]) -> dict[str, Any]:
    """The properties that are set, rendered, under the names that the service has for them."""
    return {name: ctx.text(value) for name, value in said.items() if value is not None}
