"""io.kestra.plugin.email.MailExecution"""

from html import escape
from typing import Any

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.notifications.execution_facts import ExecutionFacts, facts_of
from kestrel_cli.tasks.notifications.mail_task import MailTask


class MailExecution(MailTask):
    """Mail what happened to an execution: the running one, or the one that a flow trigger was fired
    by.
    """

    executionId: Dynamic[str] = "{{ execution.id }}"
    customMessage: Dynamic[str] | None = None
    customFields: Dynamic[dict[str, Any]] | None = None
    htmlTextContent: Dynamic[str] | None = None  # Kestra reads both and sends its own texts
    plainTextContent: Dynamic[str] | None = None
    templateRenderMap: Dynamic[dict[str, Any]] | None = None

    def run(self, ctx: RunContext) -> Outcome:
        facts = facts_of(ctx, self.executionId, self.customMessage, self.customFields)
        self.send(ctx, _plain(facts), _html(facts))
        return Outcome()


def _plain(facts: ExecutionFacts) -> str:
    lines = [facts.title, ""]
    lines += [] if facts.message is None else [facts.message, ""]
    lines += [facts.verdict, ""]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in facts.entries), ""])


def _html(facts: ExecutionFacts) -> str:
    lines = [f"<h3>{escape(facts.title)}</h3>"]
    lines += [] if facts.message is None else [f"<p>{escape(facts.message)}</p>"]
    lines += [f"<p>{escape(facts.verdict)}</p>"]
    lines += [
        f"<p><strong>{escape(name)}:</strong> {escape(value)}</p>" for name, value in facts.entries
    ]
    body = "\n".join(lines)
    return f"<!doctype html>\n<html>\n<body>\n{body}\n</body>\n</html>\n"
