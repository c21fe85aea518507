"""io.kestra.plugin.email.MailSend"""

from typing import Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.notifications.mail_task import MailTask

_PLAIN: Final = "Please view this email in a modern email client"


class MailSend(MailTask):
    """Send a mail through an SMTP server.

    The text is HTML, plain or both. `attachments` and `embeddedImages` list files as maps of `uri`,
    `name` and `contentType`; the HTML shows an image by `cid:NAME`.
    """

    htmlTextContent: Dynamic[str] | None = None
    plainTextContent: Dynamic[str] | None = None

    def run(self, ctx: RunContext) -> Outcome:
        html = None if self.htmlTextContent is None else ctx.text(self.htmlTextContent)
        text = _PLAIN if self.plainTextContent is None else ctx.text(self.plainTextContent)
        self.send(ctx, text, html)
        return Outcome()
