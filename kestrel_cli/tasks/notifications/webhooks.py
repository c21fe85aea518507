"""Webhooks that get the payload as it is, each of another service:

- io.kestra.plugin.discord.DiscordIncomingWebhook
- io.kestra.plugin.googleworkspace.chat.GoogleChatIncomingWebhook
- io.kestra.plugin.pagerduty.PagerDutyAlert
- io.kestra.plugin.squadcast.SquadcastIncomingWebhook
- io.kestra.plugin.microsoft365.teams.TeamsIncomingWebhook
- io.kestra.plugin.meta.whatsapp.WhatsAppIncomingWebhook
- io.kestra.plugin.zenduty.ZendutyAlert
- io.kestra.plugin.zulip.ZulipIncomingWebhook
"""

from typing import ClassVar

from kestrel_cli.tasks.base import Outcome, RunContext
from kestrel_cli.tasks.notifications.webhook import Webhook


class PlainWebhook(Webhook):
    """A webhook without properties of its own."""

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx)


class DiscordIncomingWebhook(PlainWebhook):
    """Send a message to a Discord channel through an incoming webhook."""

    service: ClassVar[str] = "Discord"


class GoogleChatIncomingWebhook(PlainWebhook):
    """Send a message to a Google Chat space through an incoming webhook."""

    service: ClassVar[str] = "Google Chat"


class PagerDutyAlert(PlainWebhook):
    """Send an event to PagerDuty: `payload` is one of its Events API."""

    service: ClassVar[str] = "PagerDuty"


class SquadcastIncomingWebhook(PlainWebhook):
    """Send an incident to Squadcast through an incoming webhook."""

    service: ClassVar[str] = "Squadcast"


class TeamsIncomingWebhook(PlainWebhook):
    """Send a message or a card to a Microsoft Teams channel through an incoming webhook."""

    service: ClassVar[str] = "Microsoft Teams"


class WhatsAppIncomingWebhook(PlainWebhook):
    """Send a message to a WhatsApp webhook."""

    service: ClassVar[str] = "WhatsApp"


class ZendutyAlert(PlainWebhook):
    """Send an alert to Zenduty: `payload` is one of its Events API."""

    service: ClassVar[str] = "Zenduty"


class ZulipIncomingWebhook(PlainWebhook):
    """Send a message to Zulip through an incoming webhook."""

    service: ClassVar[str] = "Zulip"
