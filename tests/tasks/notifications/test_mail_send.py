import threading
import time
from contextlib import contextmanager

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Outcome
from kestrel_cli.worker.services import Given
from tests.support.flows import written
from tests.support.reach import ReachingContext
from tests.support.smtp import smtp_server
from tests.support.tls import server_context

MAIL = "io.kestra.plugin.email.MailSend"
SENDER = {"from": "Me <me@b.c>"}


def send(server, ctx, **properties):
    host, port = server.server_address
    said = {"host": host, "port": port, "transportStrategy": "SMTP", "to": "a@b.c", **SENDER}
    return written(MAIL, **{**said, **properties}).run(ctx)


@pytest.fixture
def mail():
    with smtp_server() as made:
        yield made


def test_a_mail_has_both_texts(mail, ctx):
    outcome = send(
        mail,
        ctx,
        to='"B, A" <a@b.c>; d@e.f,',
        cc="g@h.i",
        subject="Grüße <text>",
        htmlTextContent="hi <b>x</b>",
        plainTextContent="<text>",
    )
    assert outcome == Outcome()
    (message,) = mail.messages
    assert (message["From"], message["To"]) == ("Me <me@b.c>", '"B, A" <a@b.c>, d@e.f')
    assert (message["Cc"], message["Subject"]) == ("g@h.i", "Grüße <text>")
    assert message["Return-Receipt-To"] == "Me <me@b.c>"
    assert message.get_body(("html",)).get_content() == "hi <b>x</b>\n"
    assert message.get_body(("plain",)).get_content() == "wörld\n"
    assert mail.recipients == [["a@b.c", "d@e.f", "g@h.i"]]


def test_a_mail_without_plain_text_says_how_to_read_it(mail, ctx):
    send(mail, ctx, htmlTextContent="hi <b>x</b>")
    plain = mail.messages[0].get_body(("plain",)).get_content()
    assert plain == "Please view this email in a modern email client\n"


@pytest.mark.parametrize("name", ["notifications.mail.MailSend", "email.MailSend"])
def test_the_older_name_is_the_same(name, mail, ctx):
    host, port = mail.server_address
    said = {"host": host, "port": port, "transportStrategy": "SMTP", "to": "a@b.c"}
    written(f"io.kestra.plugin.{name}", **said, **SENDER).run(ctx)
    assert len(mail.messages) == 1


def test_files_are_attached_and_shown(mail, ctx):
    rows = ctx.files.put(b"a,b\n", "rows.csv")
    picture = ctx.files.put(b"\x89PNG", "p.png")
    send(
        mail,
        ctx,
        htmlTextContent='see <img src="cid:logo.png">',
        attachments=[{"uri": rows, "name": "rows.csv", "contentType": "text/csv"}],
        embeddedImages=[{"uri": picture, "name": "logo.png", "contentType": "image/png"}],
    )
    (message,) = mail.messages
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("rows.csv", "text/csv")
    assert attached.get_payload(decode=True) == b"a,b\n"
    shown = [part for part in message.walk() if part["Content-ID"] == "<logo.png>"]
    assert [part.get_payload(decode=True) for part in shown] == [b"\x89PNG"]


@pytest.mark.parametrize("wrapped", [False, True])
def test_files_may_come_from_an_expression(wrapped, mail, tmp_path):
    import json

    ctx = ReachingContext(tmp_path)
    uri = ctx.files.put(b"x", "x.bin")
    text = json.dumps([{"uri": uri, "name": "x.bin"}])
    ctx.values["files"] = json.dumps(text) if wrapped else text
    send(mail, ctx, attachments="<files>")
    (attached,) = mail.messages[0].iter_attachments()
    assert attached.get_content_type() == "application/octet-stream"
    assert attached.get_payload(decode=True) == b"x"


@pytest.mark.parametrize("auth", ["AUTH PLAIN", "AUTH LOGIN"])
def test_a_name_and_password_are_given_and_hidden(auth, ctx):
    with smtp_server(account="me:t0ken", auth=auth) as mail:
        send(mail, ctx, username="me", password="<token>")
        assert len(mail.messages) == 1
        assert ctx.hidden == ["t0ken"]
        with pytest.raises(TaskFailed, match="refuses the mail: 535 wrong name or password"):
            send(mail, ctx, username="me", password="other")


def test_a_token_is_given(tmp_path, ctx):
    account = "user=me\1auth=Bearer t0ken\1\1"
    tls = server_context(tmp_path)
    with smtp_server("starttls", tls, account, "AUTH XOAUTH2") as mail:
        oauth = {"transportStrategy": "SMTP_OAUTH2", "trustedHosts": ["127.0.0.1"]}
        send(mail, ctx, username="me", accessToken="<token>", **oauth)
        assert len(mail.messages) == 1
        with pytest.raises(TaskFailed, match="either 'accessToken' or 'password' must be provided"):
            send(mail, ctx, username="me", **oauth)


@pytest.mark.parametrize(("mode", "strategy"), [("tls", "SMTPS"), ("starttls", "SMTP_TLS")])
def test_tls_trusts_who_can_be_trusted(mode, strategy, tmp_path, ctx):
    with smtp_server(mode, server_context(tmp_path)) as mail:
        secure = {"transportStrategy": strategy}
        with pytest.raises(TaskFailed, match="its certificate is not trusted: self-signed"):
            send(mail, ctx, **secure)
        with pytest.raises(TaskFailed, match="is not among the `trustedHosts`"):
            send(mail, ctx, trustedHosts=["other"], **secure)
        assert not mail.messages
        send(mail, ctx, trustedHosts=["127.0.0.1"], **secure)
        assert len(mail.messages) == 1


def test_plain_smtp_uses_tls_where_it_is_offered(tmp_path, ctx):
    with smtp_server("starttls", server_context(tmp_path)) as mail:
        send(mail, ctx)
        assert len(mail.messages) == 1
        assert "STARTTLS" in mail.said


def test_tls_is_never_given_up(mail, ctx):
    with pytest.raises(TaskFailed, match="offers no STARTTLS, which SMTP_TLS needs"):
        send(mail, ctx, transportStrategy="SMTP_TLS")


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"host": ""}, "there is no mail server: set `host`"),
        ({"to": ""}, "`to`"),
        ({"from": "nobody"}, "`from` holds no valid mail address"),
        ({"to": "a@b.c\r\nBcc: x@y.z"}, "`to` holds no valid mail address"),
        ({"to": '"a\r\nb" <a@b.c>'}, "`to` holds no valid mail address"),
        ({"cc": "a@b.c d@e.f"}, "`cc` holds no valid mail address"),
        ({"subject": "a\r\nBcc: x@y.z"}, "the mail can't be made"),
        ({"port": 0}, "`port` must be from 1 to 65535"),
        ({"sessionTimeout": 0}, "more than 0 milliseconds"),
        ({"to": "a@nowhere"}, "does not take the mail for a@nowhere: 550 no such user"),
        ({"to": "a@b.c; a@nowhere"}, "does not take the mail for a@nowhere"),
        ({"subject": "rejected"}, "refuses the mail: 554 spam"),
        ({"attachments": "{}"}, "expected a list of files as JSON"),
        ({"attachments": "[1]"}, "a file of a mail needs a `uri`"),
        ({"host": "169.254.169.254"}, "is a link-local or metadata address"),
    ],
)
def test_what_can_not_be_sent_is_a_failure(properties, why, mail, ctx):
    with pytest.raises(TaskFailed, match=why):
        send(mail, ctx, **properties)


def test_nothing_is_sent_offline(mail, tmp_path):
    with pytest.raises(TaskFailed, match="`--offline` allows none"):
        send(mail, ReachingContext(tmp_path, given=Given(offline=True)))
    assert not mail.said


class Ended(Exception):
    pass


class EndingContext(ReachingContext):
    @contextmanager
    def ending(self, stop):
        timer = threading.Timer(0.2, stop)
        timer.start()
        yield
        timer.cancel()

    def check(self):
        raise Ended


@pytest.mark.parametrize(("mode", "strategy"), [("plain", "SMTP"), ("starttls", "SMTP_TLS")])
def test_the_end_of_the_attempt_cuts_the_connection(mode, strategy, tmp_path):
    trusted = {"trustedHosts": ["127.0.0.1"]} if mode != "plain" else {}
    said = {"subject": "slow", "transportStrategy": strategy, **trusted}
    begun = time.monotonic()
    with smtp_server(mode, server_context(tmp_path)) as mail, pytest.raises(Ended):
        send(mail, EndingContext(tmp_path), **said)
    assert time.monotonic() - begun < 2


def test_a_server_that_does_not_answer_is_given_up(mail, ctx):
    begun = time.monotonic()
    with pytest.raises(TaskFailed, match="Unable to send the email: "):
        send(mail, ctx, subject="slow", sessionTimeout=200)
    assert time.monotonic() - begun < 2
