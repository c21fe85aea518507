"""io.kestra.plugin.zulip.ZulipIncomingWebhook"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class ZulipIncomingWebhook(Webhook):
    """Send a message to Zulip through an incoming webhook."""

    service: ClassVar[str] = "Zulip"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
