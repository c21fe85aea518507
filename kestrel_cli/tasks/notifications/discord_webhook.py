"""io.kestra.plugin.discord.DiscordIncomingWebhook"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class DiscordIncomingWebhook(Webhook):
    """Send a message to a Discord channel through an incoming webhook."""

    service: ClassVar[str] = "Discord"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
