"""The function `http`: arguments to a request, redirects, an answer to a value.

Phrases and defaults are Kestra's: JSON is sent and asked for unless said otherwise, and the result
is the body. Bounds: spec/reliability.md 6.9.
"""

import json
import re
import socket
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.json_data import read_json, to_plain
from kestrel_cli.expressions.text import printed
from kestrel_cli.worker.http_link import Address, Answer, Failure, Link, Resolve
from kestrel_cli.worker.http_options import Options, options_of

MAX_REDIRECTS: Final = 5
_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_FOR_ONE_HOST: Final = frozenset(("authorization", "cookie", "proxy-authorization"))
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


def fetch(request: Mapping[str, Any], resolve: Resolve = socket.getaddrinfo) -> object:
    """The body of the answer: JSON as data, anything else as text, null when there is none. Raises
    RenderError, also for a status of 400 and above. `resolve` looks names up.
    """
    options = options_of(request["options"])
    try:
        address = address_of(request["uri"], request["query"])
        body = _body(request["body"], request["contentType"] or _JSON)
        headers = _headers(request, options, has_body=body is not None)
        link = Link(options.connect, options.read, resolve)
        answer = link.bounded(
            lambda: _followed(link, request["method"], address, headers, body, options),
            options.total,
        )
    except Failure as failure:
        raise RenderError(f"Failed to execute HTTP request: {failure}") from None
    if not options.accepts(answer.status):
        raise RenderError(
            "Failed to execute HTTP Request, server respond with status "
            f"{answer.status} : {answer.reason}"
        )
    return _value(answer)


def address_of(uri: str, query: Mapping[object, object] | None = None) -> Address:
    """The address of a URI with more query parameters. Raises Failure for what is not HTTP."""
    if _CONTROL.search(uri) or " " in uri:
        raise Failure("the address holds a space or a control character")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise Failure("the address is not valid") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure("the address must begin with `http://` or `https://` and name a host")
    if "@" in parts.netloc:
        raise Failure("a name and password belong into `options.auth`, not into the address")
    more = [
        (printed(name), printed(one))
        for name, value in (query or {}).items()
        for one in (value if isinstance(value, (list, tuple)) else [value])
    ]
    asked = "&".join(part for part in (parts.query, urlencode(more)) if part)
    target = (parts.path or "/") + (f"?{asked}" if asked else "")
    port = port or {"http": 80, "https": 443}[parts.scheme]
    return Address(parts.scheme, parts.hostname, port, quote(target, safe=_SAFE))


def _followed(
    link: Link,
    method: str,
    address: Address,
    headers: dict[str, str],
    body: bytes | None,
    options: Options,
) -> Answer:
    for _ in range(MAX_REDIRECTS + 1):
        answer = link.send(method, address, headers, body)
        where = answer.headers.get("location")
        if not options.follow or where is None or answer.status not in (301, 302, 303, 307, 308):
            return answer
        if answer.status < 307 and method != "HEAD":
            method, body = "GET", None
            headers = {n: v for n, v in headers.items() if n.lower() != "content-type"}
        before = f"{address.scheme}://{address.shown_host}{address.target}"
        after = address_of(urljoin(before, where))
        if after.origin != address.origin:
            headers = {n: v for n, v in headers.items() if n.lower() not in _FOR_ONE_HOST}
        address = after
    raise Failure(f"there are more than {MAX_REDIRECTS} redirects")


def _headers(request: Mapping[str, Any], options: Options, *, has_body: bool) -> dict[str, str]:
    headers: dict[str, str] = {"User-Agent": "kestrel"}
    for name, value in request["headers"].items():
        values = value if isinstance(value, (list, tuple)) else [value]
        headers[printed(name)] = ", ".join(printed(one) for one in values)
    taken = {"accept", "content-type", "content-length", "transfer-encoding", "host"}
    headers = {name: value for name, value in headers.items() if name.lower() not in taken}
    headers["Accept"] = request["accept"] or _JSON
    if has_body:
        headers["Content-Type"] = request["contentType"] or _JSON
    if options.authorization is not None:
        headers["Authorization"] = options.authorization
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or _CONTROL.search(value) or not _latin(value):
            raise Failure("a header holds a control character, or one that headers cannot hold")
    return headers


def _latin(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)


def _body(value: object, content_type: str) -> bytes | None:
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
    return text.encode("utf-8", "replace")


def _value(answer: Answer) -> object:
    if not answer.body:
        return None
    said = answer.headers.get("content-type", "")
    kind = said.partition(";")[0].strip().lower()
    text = _text(answer.body, said)
    return read_json(text) if kind == _JSON or kind.endswith("+json") else text


def _text(body: bytes, content_type: str) -> str:
    named = re.search(r"charset=\"?([\w.:-]+)", content_type, re.IGNORECASE)
    try:
        return body.decode(named[1] if named else "utf-8", "replace")
    except (LookupError, UnicodeError):  # no such character set, or none of text
        return body.decode("utf-8", "replace")
