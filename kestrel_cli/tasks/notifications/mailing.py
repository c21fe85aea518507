"""Mail: messages put together, and handed to an SMTP server."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, unquote
from typing import Final, Literal

from kestrel_cli.tasks.base import TaskFailed, record
from kestrel_cli.web.address import Failure
from kestrel_cli.web.dialer import Dialer

Strategy = Literal["SMTP", "SMTPS", "SMTP_TLS", "SMTP_OAUTH2"]
_QUOTED: Final = r'"(?:\\.|[^"\\])*"'
_LETTER: Final = r"[^\s@<>:,;\"\x00-\x20\x7f]"
_SPEC: Final = f"{_LETTER}+@{_LETTER}+"
_PART: Final = re.compile(rf'\s*((?:{_QUOTED}|[^",;\s])(?:{_QUOTED}|[^",;])*)')
_ADDRESS: Final = re.compile(
    rf'(?P<bare>{_SPEC})|(?P<shown>{_QUOTED}\s*|[^"<>@:]*)<(?P<spec>{_SPEC})>'
)
_GO_ON: Final = 220
PORTS: Final[dict[str, int]] = {"SMTP": 25, "SMTPS": 465, "SMTP_TLS": 587, "SMTP_OAUTH2": 587}


@record
class Server:
    """Where mail is handed over. `trusted` hosts need no certificate that can be verified, and when
    there are some, no other host is trusted.
    """

    host: str
    port: int
    strategy: str
    timeout: float
    user: str | None = None
    password: str = ""
    verify_name: bool = True
    trusted: Sequence[str] = ()


@record
class Part:
    """A file of a mail; `type` is its media type."""

    name: str
    data: bytes
    type: str = "application/octet-stream"


@record
class Mail:
    """A mail. Addresses are texts such as `A <a@b.c>; d@e.f`."""

    sender: str
    to: str
    cc: str = ""
    subject: str = ""
    text: str = ""
    html: str | None = None
    attachments: Sequence[Part] = ()
    images: Sequence[Part] = ()


def message_of(mail: Mail) -> EmailMessage:
    """The mail in its form for the wire. Raises TaskFailed for what can't be in one."""
    message = EmailMessage()
    try:
        message["From"] = _addresses("from", mail.sender)
        message["To"] = _addresses("to", mail.to)
        if mail.cc.strip():
            message["Cc"] = _addresses("cc", mail.cc)
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain or "kestrel")
        message["Return-Receipt-To"] = str(message["From"])
        message.set_content(mail.text)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html")
            for image in mail.images:
                _add_image(message, image)
        loose = mail.images if mail.html is None else ()
        for part in [*mail.attachments, *loose]:
            kind, subtype = _media_type(part)
            message.add_attachment(part.data, kind, subtype, filename=part.name)
    except (ValueError, UnicodeError) as error:
        raise TaskFailed(f"the mail can't be made: {error}") from None
    return message


def _addresses(name: str, text: str) -> list[Address]:
    found = []
    for part in _PART.findall(text):
        address = _ADDRESS.fullmatch(part.strip())
        if address is None or not part.strip().isprintable():
            raise TaskFailed(f"`{name}` holds no valid mail address: {part.strip()[:100]!r}")
        user, _, domain = (address["bare"] or address["spec"]).rpartition("@")
        found.append(Address(unquote((address["shown"] or "").strip()), user, domain))
    if not found:
        raise TaskFailed(f"`{name}` must name at least one mail address")
    return found


def _add_image(message: EmailMessage, image: Part) -> None:
    """A picture that the HTML shows by `cid:NAME`."""
    kind, subtype = _media_type(image)
    html = message.get_body(("html",))
    assert html is not None  # it was added just before
    html.add_related(image.data, kind, subtype, cid=f"<{image.name}>", filename=image.name)


def _media_type(part: Part) -> tuple[str, str]:
    kind, slash, subtype = part.type.partition(";")[0].strip().partition("/")
    if not (kind and slash and subtype):
        raise TaskFailed(f"`{part.type}` of the file {part.name!r} is no content type")
    return kind, subtype


def deliver(dialer: Dialer, server: Server, message: EmailMessage) -> None:
    """Hand a mail over. Raises Failure."""
    with dialer.speaking(server.host), _answers(server), _session(dialer, server) as smtp:
        refused = smtp.send_message(message)
    if refused:
        listed = ", ".join(f"{who} ({code})" for who, (code, _) in refused.items())
        raise Failure(f"{server.host} does not take the mail for {listed}")


@contextmanager
def _answers(server: Server) -> Iterator[None]:
    """What an SMTP server says against a mail, as a Failure."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        listed = "; ".join(f"{who}: {_said(*what)}" for who, what in error.recipients.items())
        raise Failure(f"{server.host} does not take the mail for {listed}") from None
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_code, error.smtp_error)
        raise Failure(f"{server.host} refuses the mail: {said}") from None
    except smtplib.SMTPException as error:
        raise Failure(f"{server.host}: {error}") from None


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words}"


@contextmanager
def _session(dialer: Dialer, server: Server) -> Iterator["_Smtp"]:
    smtp = _Smtp(dialer, server)
    try:
        smtp.connect(server.host, server.port)
        smtp.ehlo()
        if server.strategy in ("SMTP_TLS", "SMTP_OAUTH2") or (
            server.strategy == "SMTP" and smtp.has_extn("starttls")
        ):
            _start_tls(smtp, server)
        _log_in(smtp, server)
        yield smtp
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _start_tls(smtp: "_Smtp", server: Server) -> None:
    if not smtp.has_extn("starttls"):
        raise Failure(f"{server.host} offers no STARTTLS, which {server.strategy} needs")
    context = _context(smtp.dialer, server)
    code, said = smtp.docmd("STARTTLS")
    if code != _GO_ON:
        raise smtplib.SMTPResponseException(code, said)
    smtp.secured(context)
    smtp.ehlo()


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    if server.strategy == "SMTP_OAUTH2":
        text = f"user={server.user or ''}\1auth=Bearer {server.password}\1\1"
        smtp.auth("XOAUTH2", lambda challenge=None: "" if challenge else text)
    elif server.user is not None:
        smtp.login(server.user, server.password)


def _context(dialer: Dialer, server: Server) -> ssl.SSLContext:
    if server.trusted and server.host not in server.trusted:
        raise Failure(f"{server.host} is not among the `trustedHosts`")
    # Plain SMTP would do without TLS: nothing is lost when the certificate is not verified.
    context = dialer.context(insecure=bool(server.trusted) or server.strategy == "SMTP")
    context.check_hostname = context.check_hostname and server.verify_name
    return context


class _Smtp(smtplib.SMTP):
    """SMTP on a connection that another thread may cut."""

    def __init__(self, dialer: Dialer, server: Server) -> None:
        self.dialer = dialer
        self._server = server
        name = socket.gethostname()  # smtplib would look its domain up, which may take long
        super().__init__(
            timeout=server.timeout, local_hostname=name if "." in name else "[127.0.0.1]"
        )

    def secured(self, context: ssl.SSLContext) -> None:
        """Go on with TLS. What the server said before it is forgotten."""
        plain, self.sock, self.file = self.sock, None, None
        assert plain is not None  # it has just answered
        self.sock = self.dialer.secure(plain, self._server.host, context)
        self.ehlo_resp, self.esmtp_features, self.does_esmtp = None, {}, False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        context = _context(self.dialer, self._server) if self._server.strategy == "SMTPS" else None
        connected = self.dialer.dial(host, port)
        if context is not None:
            connected = self.dialer.secure(connected, host, context)
        connected.settimeout(timeout)
        return connected
