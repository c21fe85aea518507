"""io.kestra.plugin.microsoft365.teams.TeamsIncomingWebhook"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class TeamsIncomingWebhook(Webhook):
    """Send a message or a card to a Microsoft Teams channel through an incoming webhook."""

    service: ClassVar[str] = "Microsoft Teams"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
