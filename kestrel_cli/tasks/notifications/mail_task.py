"""What the mail tasks share: their properties, and a mail as a task sends it."""

import json
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Model, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.notifications.mailing import (
    PORTS,
    Mail,
    Part,
    Server,
    Strategy,
    deliver,
    message_of,
)
from kestrel_cli.tasks.properties.words import word
from kestrel_cli.web.address import Failure
from kestrel_cli.web.dialer import Dialer

_MOST: Final = 50 << 20  # bytes of all files of a mail
_CHUNK: Final = 1 << 20


class Attachment(Model):
    """A file in storage that goes with the mail."""

    uri: Dynamic[str]
    name: Dynamic[str]
    contentType: Dynamic[str] = "application/octet-stream"


class MailTask(RunnableTask):
    """The properties of every mail task."""

    host: Dynamic[str] | None = None
    port: Dynamic[int] | None = None
    username: Dynamic[str] | None = None
    password: Dynamic[str] | None = None
    accessToken: Dynamic[str] | None = None
    transportStrategy: Dynamic[Strategy] = "SMTPS"
    sessionTimeout: Dynamic[int] = 10_000
    verifyServerIdentity: Dynamic[bool] = True
    trustedHosts: Dynamic[list[str]] | None = None
    from_: Dynamic[str] | None = None
    to: Dynamic[str] | None = None
    cc: Dynamic[str] | None = None
    subject: Dynamic[str] | None = None
    attachments: Dynamic[list[Attachment]] | str | None = None
    embeddedImages: Dynamic[list[Attachment]] | str | None = None

    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def send(self, ctx: RunContext, text: str, html: str | None) -> None:
        """Send a mail with this content. Raises TaskFailed."""
        if ctx.about.offline:
            raise TaskFailed("the mail is refused: `--offline` allows none")
        ctx.log("DEBUG", f"Sending an email to {ctx.text(self.to)}")
        server = self._server(ctx)
        message = message_of(
            Mail(
                ctx.text(self.from_),
                ctx.text(self.to),
                ctx.text(self.cc),
                ctx.text(self.subject),
                text,
                html,
                _parts(ctx, self.attachments),
                _parts(ctx, self.embeddedImages),
            )
        )
        dialer = Dialer(server.timeout)
        try:
            with ctx.ending(dialer.cut):
                deliver(dialer, server, message)
        except Failure as failure:
            ctx.check()
            raise TaskFailed(f"Unable to send the email: {failure}") from None

    def _server(self, ctx: RunContext) -> Server:
        host = ctx.text(self.host).strip()
        if not host:
            raise TaskFailed("there is no mail server: set `host`")
        strategy = word(ctx, "transportStrategy", self.transportStrategy, *PORTS)
        port = PORTS[strategy] if self.port is None else ctx.integer(self.port)
        if not 0 < port < 65_536:
            raise TaskFailed(f"`port` must be from 1 to 65535, got {port}")
        timeout = ctx.integer(self.sessionTimeout)
        if timeout <= 0:
            raise TaskFailed(f"`sessionTimeout` must be more than 0 milliseconds, got {timeout}")
        hosts = ctx.items(self.trustedHosts) if self.trustedHosts else []
        return Server(
            host,
            port,
            strategy,
            timeout / 1000,
            None if self.username is None else ctx.text(self.username),
            self._password(ctx, strategy),
            ctx.boolean(self.verifyServerIdentity),
            [ctx.text(one) for one in hosts],
        )

    def _password(self, ctx: RunContext, strategy: str) -> str:
        oauth = strategy == "SMTP_OAUTH2"
        password = ctx.text(self.accessToken) if oauth else ""
        password = password or ctx.text(self.password)
        if oauth and not password:
            raise TaskFailed(
                "When using SMTP_OAUTH2, either 'accessToken' or 'password' must be provided"
            )
        if password:
            ctx.hide(password)
        return password


def _parts(ctx: RunContext, said: object) -> list[Part]:
    """The files of a list, or of a text that renders to one as JSON, maybe as JSON in JSON."""
    parts: list[Part] = []
    for one in _listed(ctx, said):
        with ctx.files.open(one["uri"]) as file:
            data = file.read(_MOST + 1)
        parts.append(Part(one["name"], data, one["contentType"]))
        if sum(len(part.data) for part in parts) > _MOST:
            raise TaskFailed(f"the files of a mail may have {_MOST >> 20} MB in all")
    return parts


def _listed(ctx: RunContext, said: object) -> list[dict[str, str]]:
    if said is None:
        return []
    if isinstance(said, list):
        return [
            {
                "uri": ctx.text(one.uri),
                "name": ctx.text(one.name),
                "contentType": ctx.text(one.contentType),
            }
            for one in said
        ]
    text = ctx.text(said)
    return [_described(item) for item in _json_list(text)] if text.strip() else []


def _json_list(text: str) -> list[Any]:
    found: Any = text
    for _ in range(2):
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except (ValueError, RecursionError):
                break
    if not isinstance(found, list):
        raise TaskFailed(f"expected a list of files as JSON, got: {text[:200]}")
    return found


def _described(item: Any) -> dict[str, str]:
    if not isinstance(item, dict) or not isinstance(item.get("uri"), str):
        raise TaskFailed(f"a file of a mail needs a `uri` and a `name`, got: {str(item)[:200]}")
    kind = item.get("contentType") or "application/octet-stream"
    return {"uri": item["uri"], "name": str(item.get("name") or "file"), "contentType": str(kind)}
