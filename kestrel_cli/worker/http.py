"""The function `http`: arguments to a request, redirects, an answer to a value.

Phrases and defaults are Kestra's: JSON is sent and asked for unless said otherwise, and the result
is the body. Five redirects are followed, and all of it takes 10 seconds and 10 MB at most.
"""

import json
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.json_data import read_json, to_plain
from kestrel_cli.expressions.text import printed
from kestrel_cli.web.address import Address, Failure, address_of
from kestrel_cli.web.bodies import Bytes
from kestrel_cli.web.client import asked
from kestrel_cli.web.dialer import Dialer, Resolve
from kestrel_cli.web.message import Headers, Request, checked_headers, text_of
from kestrel_cli.web.options import Settings
from kestrel_cli.web.wire import Line
from kestrel_cli.worker import http_options
from kestrel_cli.worker.http_bounds import bounded

MAX_REDIRECTS: Final = 5
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    reason: str
    content_type: str
    body: bytes


def fetch(request: Mapping[str, Any], resolve: Resolve = socket.getaddrinfo) -> object:
    """The body of the answer: JSON as data, anything else as text, null when there is none. Raises
    RenderError, also for a status of 400 and above. `resolve` looks names up.
    """
    settings = http_options.options_of(request["options"])
    dialer = Dialer(settings.connect, resolve)
    line = Line(dialer, settings.read, settings.insecure, settings.proxy)
    try:
        asking = _request(request, settings)
        work = partial(_answered, line, asking, settings)
        answer = bounded(work, http_options.SECONDS, dialer)
    except Failure as failure:
        raise RenderError(f"Failed to execute HTTP request: {failure}") from None
    if not settings.accepts(answer.status):
        raise RenderError(
            "Failed to execute HTTP Request, server respond with status "
            f"{answer.status} : {answer.reason}"
        )
    return _value(answer)


def _answered(line: Line, request: Request, settings: Settings) -> Answer:
    redirects = MAX_REDIRECTS if settings.follow else 0
    with asked(line, request, settings.authorization, redirects) as response:
        said = response.header("content-type") or ""
        return Answer(response.status, response.reason, said, response.whole(settings.most))


def _request(request: Mapping[str, Any], settings: Settings) -> Request:
    address = _address(request)
    body = _body(request["body"], request["contentType"] or _JSON, settings.charset)
    headers = _headers(request, has_body=body is not None)
    return Request(request["method"], address, headers, None if body is None else Bytes(body))


def _address(request: Mapping[str, Any]) -> Address:
    more = [
        (printed(name), printed(one))
        for name, value in request["query"].items()
        for one in (value if isinstance(value, (list, tuple)) else [value])
    ]
    return address_of(request["uri"], more)


def _headers(request: Mapping[str, Any], *, has_body: bool) -> Headers:
    headers = {"User-Agent": "kestrel"}
    for name, value in request["headers"].items():
        values = value if isinstance(value, (list, tuple)) else [value]
        headers[printed(name)] = ", ".join(printed(one) for one in values)
    taken = {"accept", "content-type", "accept-encoding"}
    headers = {name: value for name, value in headers.items() if name.lower() not in taken}
    headers["Accept"] = request["accept"] or _JSON
    if has_body:
        headers["Content-Type"] = request["contentType"] or _JSON
    return checked_headers(list(headers.items()))


def _body(value: object, content_type: str, charset: str) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    kind = content_type.partition(";")[0].strip().lower()
    if isinstance(value, str):
        text = value
    elif kind == _FORM and isinstance(value, dict):
        text = urlencode([(printed(name), printed(one)) for name, one in value.items()])
    elif kind.endswith("yaml"):
        from kestrel_cli.expressions.yaml import write

        text = write(value)
    elif kind.startswith("text/"):
        text = printed(value)
    else:
        text = json.dumps(to_plain(value), ensure_ascii=False)
    return text.encode(charset, "replace")


def _value(answer: Answer) -> object:
    if not answer.body:
        return None
    kind = answer.content_type.partition(";")[0].strip().lower()
    text = text_of(answer.body, answer.content_type)
    return read_json(text) if kind == _JSON or kind.endswith("+json") else text
