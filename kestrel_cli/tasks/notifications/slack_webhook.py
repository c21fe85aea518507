"""io.kestra.plugin.slack.notifications.SlackIncomingWebhook"""

import json
import re
from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.notifications.webhook import Webhook, json_text


class SlackIncomingWebhook(Webhook):
    """Send a message to Slack, or to what understands its messages, through an incoming webhook.

    `payload` is a document of Slack's; without one `messageText` is such a document or plain
    Markdown.
    """

    messageText: Dynamic[str] | None = None

    service: ClassVar[str] = "Slack"

    def run(self, ctx: RunContext) -> Outcome:
        return self.notify(ctx, self._document(ctx))

    def _document(self, ctx: RunContext) -> str:
        if self.payload is not None:
            text = ctx.text(self.payload)
            try:
                return json_text(json.loads(text))
            except (ValueError, RecursionError) as error:
                raise TaskFailed(f"`payload` must render to JSON: {error}") from None
        if self.messageText is None:
            raise TaskFailed("Either 'messageText' or 'payload' must be provided")
        text = ctx.text(self.messageText)
        try:
            return json_text(json.loads(text))
        except (ValueError, RecursionError):
            return json_text({"text": _slack_markup(text)})


def _slack_markup(text: str) -> str:
    """Bold text, italics and links of Markdown in Slack's spelling."""
    text = re.sub(r"\*\*(.*?)\*\*", r"*\1*", text)
    text = re.sub(r"__(.*?)__", r"_\1_", text)
    return re.sub(r"\[([^\]\n]*)\]\(([^)\n]*)\)", r"<\2|\1>", text)
