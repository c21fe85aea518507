"""io.kestra.plugin.pagerduty.PagerDutyAlert"""

from typing import ClassVar

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class PagerDutyAlert(Webhook):
    """Send an event to PagerDuty: `payload` is one of its Events API."""

    service: ClassVar[str] = "PagerDuty"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)
