"""io.kestra.plugin.microsoft365.teams.TeamsExecution"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.notifications.execution_facts import facts_of
from kestrel_cli.tasks.notifications.webhook import Webhook, json_text, set_texts


class TeamsExecution(Webhook):
    """Tell a Microsoft Teams channel of an execution: the running one, or the one that a flow
    trigger was fired by.
    """

    executionId: Dynamic[str] = "{{ execution.id }}"
    customMessage: Dynamic[str] | None = None
    customFields: Dynamic[dict[str, Any]] | None = None
    themeColor: Dynamic[str] = "0076D7"
    activityTitle: Dynamic[str] | None = None
    activitySubtitle: Dynamic[str] | None = None
    templateRenderMap: Dynamic[dict[str, Any]] | None = None

    service: ClassVar[str] = "Microsoft Teams"

    def run(self, ctx: RunContext) -> Outcome:
        facts = facts_of(ctx, self.executionId, self.customMessage, self.customFields)
        said = {
            "activityTitle": self.activityTitle,
            "activitySubtitle": self.activitySubtitle,
            "text": self.customMessage,
        }
        section = set_texts(ctx, said)
        section["facts"] = [{"name": name, "value": value} for name, value in facts.entries]
        section["markdown"] = True
        document = {
            "@type": "MessageCard",
            "@context": "http://schema.org/extensions",
            "themeColor": ctx.text(self.themeColor),
            "summary": f"{facts.title}\n> {facts.verdict}",
            "sections": [section],
        }
        return self.notify(ctx, json_text(document))
