"""io.kestra.plugin.meta.whatsapp.WhatsAppIncomingWebhook"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class WhatsAppIncomingWebhook(Webhook):
    """Send a message to a WhatsApp webhook."""

    service: ClassVar[str] = "WhatsApp"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
