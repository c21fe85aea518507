"""io.kestra.plugin.googleworkspace.chat.GoogleChatExecution"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.notifications.execution_facts import facts_of
from kestrel_cli.tasks.notifications.webhook import Webhook, json_text


class GoogleChatExecution(Webhook):
    """Tell a Google Chat space of an execution: the running one, or the one that a flow trigger was
    fired by. `text` takes the place of the message.
    """

    executionId: Dynamic[str] = "{{ execution.id }}"
    customMessage: Dynamic[str] | None = None
    customFields: Dynamic[dict[str, Any]] | None = None
    text: Dynamic[str] | None = None
    templateRenderMap: Dynamic[dict[str, Any]] | None = None

    service: ClassVar[str] = "Google Chat"

    def run(self, ctx: RunContext) -> Outcome:
        facts = facts_of(ctx, self.executionId, self.customMessage, self.customFields)
        lines = [] if facts.message is None else [facts.message]
        lines += [f"*{facts.title}*", f"> {facts.verdict}"]
        lines += [f"{name}: {value}" for name, value in facts.entries]
        text = "\n".join(lines) if self.text is None else ctx.text(self.text)
        return self.notify(ctx, json_text({"text": text}))
