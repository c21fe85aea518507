"""io.kestra.plugin.zenduty.ZendutyAlert"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class ZendutyAlert(Webhook):
    """Send an alert to Zenduty: `payload` is one of its Events API."""

    service: ClassVar[str] = "Zenduty"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
