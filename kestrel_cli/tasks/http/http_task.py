"""What the HTTP tasks share: their properties, and one request as a task makes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, ClassVar, Final
from urllib.parse import unquote, urlencode

from kestrel_cli.tasks.base import Dynamic, RunContext, RunnableTask, TaskFailed, record
from kestrel_cli.web.address import address_of
from kestrel_cli.web.bodies import Bytes, Field, Multipart
from kestrel_cli.web.message import Body, Request, Response
from kestrel_cli.web.options import HttpOptions, Settings, SslOptions, lacking, settings_of
from kestrel_cli.web.pairs import entries, pairs, words
from kestrel_cli.web.sending import (
    REQUEST_METRICS,
    failed_words,
    failures_told,
    sent,
)

_MULTIPART: Final = "multipart/form-data"
_FORM: Final = "application/x-www-form-urlencoded"


class HttpTask(RunnableTask):
    """The properties of every HTTP task."""

    uri: Dynamic[str]
    method: Dynamic[str] = "GET"
    body: Dynamic[Any] | None = None
    formData: Dynamic[dict[str, Any]] | None = None
    params: Dynamic[dict[str, Any]] | None = None
    contentType: Dynamic[str] | None = None
    headers: Dynamic[dict[str, Any]] | None = None
    options: HttpOptions | None = None
    allowFailed: Dynamic[bool] | None = None
    sslOptions: SslOptions | None = None

    measures: ClassVar[dict[str, str]] = REQUEST_METRICS
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True
    accept: ClassVar[str | None] = None  # the header `Accept`, unless the flow has one

    def lacks(self) -> list[str]:
        """What it plainly asks for and Kestrel does not do."""
        return lacking(self.options)

    def settings(self, ctx: RunContext) -> Settings:
        """The rendered options; the older places beside `options` count too."""
        options = self.options or HttpOptions()
        if self.allowFailed is not None:
            options = options.changed(allowFailed=self.allowFailed)
        if self.sslOptions is not None and options.ssl is None:
            options = options.changed(ssl=self.sslOptions)
        return settings_of(ctx, options)

    def request(self, ctx: RunContext, settings: Settings) -> Request:
        """The rendered request. Raises Failure for an address that is none."""
        address = address_of(ctx.text(self.uri).replace(" ", "%20"), pairs(ctx, self.params))
        headers = pairs(ctx, self.headers)
        body, content_type = self._body(ctx, settings)
        said = {name.lower() for name, _ in headers}
        if content_type and "content-type" not in said:
            headers.append(("Content-Type", content_type))
        if self.accept and "accept" not in said:
            headers.append(("Accept", self.accept))
        if "user-agent" not in said:
            headers.append(("User-Agent", "kestrel"))
        return Request(ctx.text(self.method).strip().upper(), address, headers, body)

    def _body(self, ctx: RunContext, settings: Settings) -> tuple[Body | None, str]:
        content_type = ctx.text(self.contentType)
        if self.formData:
            if content_type.partition(";")[0].strip().lower() == _MULTIPART:
                form = Multipart([_field(ctx, *pair) for pair in entries(ctx, self.formData)])
                return form, form.content_type
            fields = [(name, words(value)) for name, value in entries(ctx, self.formData)]
            return Bytes(urlencode(fields).encode()), _FORM
        if self.body is None:
            return None, content_type
        content_type = content_type or "application/json"
        if "charset=" not in content_type.lower():
            content_type = f"{content_type}; charset={settings.charset}"
        return Bytes(ctx.text(self.body).encode(settings.charset, "replace")), content_type


@record
class Exchange:
    """A request that was answered: the answer's body can be read while the block lasts."""

    settings: Settings
    request: Request
    response: Response


@contextmanager
def answered(ctx: RunContext, task: HttpTask) -> Iterator[Exchange]:
    """Make the task's request; the log and the counters tell of it. Raises TaskFailed, also for an
    answer that is no success.
    """
    settings = task.settings(ctx)
    with failures_told(ctx):
        request = task.request(ctx, settings)
        with sent(ctx, request, settings) as response:
            if not settings.accepts(response.status):
                raise TaskFailed(failed_words(response))
            yield Exchange(settings, request, response)


def listed_headers(response: Response) -> dict[str, list[str]]:
    """The headers as outputs have them: by name, whatever its case; the first spelling stays."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, value in response.headers:
        found.setdefault(name.lower(), (name, []))[1].append(value)
    return dict(found[key] for key in sorted(found))


def _field(ctx: RunContext, name: str, value: Any) -> Field:
    if isinstance(value, dict) and {"name", "content"} <= value.keys():
        return _file_field(ctx, name, words(value["content"]), words(value["name"]))
    if isinstance(value, str) and value.startswith("kestra://"):
        return _file_field(ctx, name, value, PurePosixPath(unquote(value)).name)
    return Field(name, words(value))


def _file_field(ctx: RunContext, name: str, uri: str, file_name: str) -> Field:
    files = ctx.files
    return Field(name, file_name=file_name, size=files.size(uri), open=lambda: files.open(uri))
