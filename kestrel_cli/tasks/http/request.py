"""io.kestra.plugin.core.http.Request"""

import unicodedata
from typing import ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.http.http_task import Exchange, HttpTask, answered, listed_headers
from kestrel_cli.web.message import text_of
from kestrel_cli.web.sending import log_body

_MOST_HIDDEN: Final = 100_000  # bytes; hiding more would slow down every line of the log


class Request(HttpTask):
    """Make an HTTP request and keep the answer: `uri`, `code`, `headers`, `body`.

    A body of more than 10 MB is a failure, or of more than `options.maxContentLength` bytes;
    `Download` takes more. With `encryptBody` the body is the output `encryptedBody`, and is
    hidden wherever anything is shown or stored.
    """

    encryptBody: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address that was asked",
        "code": "the status code of the answer",
        "headers": "the headers of the answer, each a list of texts",
        "body": "the body of the answer as text, when it has one",
        "encryptedBody": "with `encryptBody`: the same, hidden wherever it is shown",
    }

    def run(self, ctx: RunContext) -> Outcome:
        hidden = ctx.boolean(self.encryptBody)
        with answered(ctx, self) as exchange:
            response = exchange.response
            outputs: dict[str, object] = {
                "uri": exchange.request.address.uri,
                "code": response.status,
                "headers": listed_headers(response),
            }
            if not response.has_body:
                return Outcome(outputs)
            body = _body(exchange, hidden=hidden)
        if hidden:
            ctx.hide(body)
        log_body(ctx, exchange.settings, body)
        return Outcome({**outputs, "encryptedBody" if hidden else "body": body})


def _body(exchange: Exchange, *, hidden: bool) -> str:
    response = exchange.response
    most = min(exchange.settings.most, _MOST_HIDDEN) if hidden else exchange.settings.most
    body = response.whole(most)
    text = text_of(body, response.header("content-type") or "")
    wrong = next((letter for letter in text if unicodedata.category(letter) == "Cn"), None)
    if wrong is not None:
        raise TaskFailed(
            f"Illegal unicode code point in request body: {ord(wrong)}, the Request task only "
            "support valid Unicode strings as body.\nYou can try using the Download task instead."
        )
    return text
