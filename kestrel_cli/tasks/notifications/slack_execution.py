"""io.kestra.plugin.slack.notifications.SlackExecution"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.notifications.execution_facts import ExecutionFacts, facts_of
from kestrel_cli.tasks.notifications.webhook import Webhook, json_text, set_texts

_COLORS = {"SUCCESS": "good", "WARNING": "warning"}


class SlackExecution(Webhook):
    """Tell Slack of an execution: the running one, or the one that a flow trigger was fired by."""

    executionId: Dynamic[str] = "{{ execution.id }}"
    customMessage: Dynamic[str] | None = None
    customFields: Dynamic[dict[str, Any]] | None = None
    messageText: Dynamic[str] | None = None  # Kestra reads it and sends its own message
    channel: Dynamic[str] | None = None
    username: Dynamic[str] | None = None
    iconUrl: Dynamic[str] | None = None
    iconEmoji: Dynamic[str] | None = None
    templateRenderMap: Dynamic[dict[str, Any]] | None = None

    service: ClassVar[str] = "Slack"

    def run(self, ctx: RunContext) -> Outcome:
        facts = facts_of(ctx, self.executionId, self.customMessage, self.customFields)
        said = {
            "channel": self.channel,
            "username": self.username,
            "icon_url": self.iconUrl,
            "icon_emoji": self.iconEmoji,
        }
        return self.notify(ctx, json_text({**_message(facts), **set_texts(ctx, said)}))


def _message(facts: ExecutionFacts) -> dict[str, Any]:
    summary = f"*{facts.title}*\n> {facts.verdict}"
    texts = [text for text in (facts.message, summary) if text is not None]
    fields = [{"title": name, "value": value, "short": True} for name, value in facts.entries]
    attachment: dict[str, Any] = {"color": _COLORS.get(facts.state, "danger"), "fields": fields}
    if facts.started is not None:
        attachment["ts"] = int(facts.started)
    return {
        "text": summary,
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in texts],
        "attachments": [attachment],
    }
