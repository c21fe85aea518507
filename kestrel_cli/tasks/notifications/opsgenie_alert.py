"""io.kestra.plugin.opsgenie.OpsgenieAlert"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.notifications.webhook import Webhook


class OpsgenieAlert(Webhook):
    """Send an alert to Opsgenie: `payload` is one of its Alert API.

    `authorizationToken` is the whole header `Authorization`, such as `GenieKey ...`.
    """

    authorizationToken: Dynamic[str] | None = None

    service: ClassVar[str] = "Opsgenie"

    def run(self, ctx: RunContext) -> Outcome:
        if self.payload is None:
            raise TaskFailed("there is nothing to send: set `payload`")
        token = ctx.text(self.authorizationToken)
        if token:
            ctx.hide(token)
        headers = [("Authorization", token)] if token else []
        self.post(ctx, ctx.text(self.url), ctx.text(self.payload), headers)
        ctx.log("INFO", "Request succeeded")
        return Outcome()
