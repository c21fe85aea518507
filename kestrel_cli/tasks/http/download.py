"""io.kestra.plugin.core.http.Download"""

import re
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import ClassVar, Final
from urllib.parse import unquote, urlsplit

from kestrel_cli.tasks.base import (
    Dynamic,
    Outcome,
    RenderError,
    RunContext,
    TaskFailed,
    parts_of,
    size_words,
)
from kestrel_cli.tasks.files.extensions import short_extension
from kestrel_cli.tasks.http.http_task import HttpTask, answered, listed_headers
from kestrel_cli.web.message import Response

_MOST: Final = 1 << 30  # bytes, unless the user says something else


class Download(HttpTask):
    """Fetch a file over HTTP into internal storage: `uri`, `code`, `length`, `headers`.

    Its name there is `saveAs`, or the one that the server gives it, or a unique one with the
    extension of the address. An empty answer is a failure unless `failOnEmptyResponse` is false; so
    is one of more than 1 GB, unpacked, or than `--max-download` allows.
    """

    saveAs: Dynamic[str] | None = None
    failOnEmptyResponse: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "code": "the status code of the answer",
        "length": "the size of the file in bytes",
        "headers": "the headers of the answer, each a list of texts",
    }

    def run(self, ctx: RunContext) -> Outcome:
        fail_on_empty = ctx.boolean(self.failOnEmptyResponse)
        save_as = ctx.text(self.saveAs)
        if save_as:
            parts_of(save_as, "write")
        with answered(ctx, self) as exchange:
            response = exchange.response
            source = exchange.request.address.uri
            name = save_as or _name_of(response) or short_extension(unquote(urlsplit(source).path))
            with ctx.files.create(name) as file:
                for chunk in _chunks(response, int(ctx.about.settings.get("max-download", _MOST))):
                    file.stream.write(chunk)
                if not response.given and fail_on_empty and not exchange.settings.allow_failed:
                    raise TaskFailed("No response from server")
        if not response.given and not fail_on_empty:
            ctx.log("WARN", f"File '{source}' is empty")
        ctx.log("DEBUG", f"File '{source}' downloaded with size '{response.given}'")
        return Outcome(
            {
                "uri": file.uri,
                "code": response.status,
                "length": response.given,
                "headers": listed_headers(response),
            }
        )


def _chunks(response: Response, most: int) -> Iterator[bytes]:
    """The body as it comes, unpacked. Raises TaskFailed when it is larger than it may be."""
    said = response.header("content-length") or ""
    if re.fullmatch(r"[0-9]{1,18}", said) and response.has_body and int(said) > most:
        raise TaskFailed(_too_large(most))  # it is larger still when it is unpacked
    while chunk := response.read():
        if response.given > most:
            raise TaskFailed(_too_large(most))
        yield chunk


def _too_large(most: int) -> str:
    return (
        f"the file is larger than the limit of {size_words(most)}: "
        "`--max-download SIZE`, or `max-download` in kestrel.toml, allows more"
    )


def _name_of(response: Response) -> str:
    """The file name that the server gives, without a folder; nothing when it is of no use."""
    message = Message()
    message["Content-Disposition"] = response.header("content-disposition") or ""
    found = message.get_filename()
    if not found:
        return ""
    name = collapse_rfc2231_value(found).replace("\\", "/").rpartition("/")[2].strip()
    with suppress(UnicodeError):  # sent as UTF-8, which headers are not, as most servers do
        name = name.encode("latin-1").decode("utf-8")
    with suppress(RenderError):
        if "/".join(parts_of(name)) == name and not name.startswith("."):
            return name
    return ""
