"""io.kestra.plugin.googleworkspace.chat.GoogleChatIncomingWebhook"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class GoogleChatIncomingWebhook(Webhook):
    """Send a message to a Google Chat space through an incoming webhook."""

    service: ClassVar[str] = "Google Chat"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
