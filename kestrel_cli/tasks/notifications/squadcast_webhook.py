"""io.kestra.plugin.squadcast.SquadcastIncomingWebhook"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class SquadcastIncomingWebhook(Webhook):
    """Send an incident to Squadcast through an incoming webhook."""

    service: ClassVar[str] = "Squadcast"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
