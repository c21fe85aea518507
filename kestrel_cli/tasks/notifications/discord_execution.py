"""io.kestra.plugin.discord.DiscordExecution"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Model, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.notifications.execution_facts import ExecutionFacts, facts_of
from kestrel_cli.tasks.notifications.webhook import Webhook, json_text, set_texts


class Embed(Model):
    """A box below the message. `color` is red, green and blue, each up to 255."""

    title: Dynamic[str] | None = None
    websiteUrl: Dynamic[str] | None = None
    description: Dynamic[str] | None = None
    thumbnail: Dynamic[str] | None = None
    authorName: Dynamic[str] | None = None
    color: list[int] | None = None
    footer: Dynamic[str] | None = None


class DiscordExecution(Webhook):
    """Tell Discord of an execution: the running one, or the one that a flow trigger was fired by. A
    `payload` is sent as it is instead.
    """

    executionId: Dynamic[str] = "{{ execution.id }}"
    customMessage: Dynamic[str] | None = None
    customFields: Dynamic[dict[str, Any]] | None = None
    username: Dynamic[str] | None = None
    avatarUrl: Dynamic[str] | None = None
    content: Dynamic[str] | None = None
    embedList: list[Embed] | None = None
    templateRenderMap: Dynamic[dict[str, Any]] | None = None

    service: ClassVar[str] = "Discord"

    def run(self, ctx: RunContext) -> Outcome:
        if self.payload is not None and (payload := ctx.text(self.payload)).strip():
            return self.notify(ctx, payload)
        facts = facts_of(ctx, self.executionId, self.customMessage, self.customFields)
        own = [self._embed(ctx, embed) for embed in self.embedList or []]
        first = {**(own[0] if own else {}), **_told(facts)}
        document: dict[str, Any] = {"tts": False, "embeds": [first, *own[1:]]}
        content = self.content if self.content is not None else self.customMessage
        said = {"username": self.username, "avatar_url": self.avatarUrl, "content": content}
        return self.notify(ctx, json_text({**document, **set_texts(ctx, said)}))

    def _embed(self, ctx: RunContext, embed: Embed) -> dict[str, Any]:
        said = {"title": embed.title, "description": embed.description, "url": embed.websiteUrl}
        made = set_texts(ctx, said)
        if embed.thumbnail is not None:
            made["thumbnail"] = {"url": ctx.text(embed.thumbnail)}
        if embed.authorName is not None:
            author = {"name": embed.authorName, "url": embed.websiteUrl, "icon_url": self.avatarUrl}
            made["author"] = {
                key: ctx.text(text) for key, text in author.items() if text is not None
            }
        if embed.color is not None:
            made["color"] = _color(embed.color)
        if embed.footer is not None:
            made["footer"] = {"text": ctx.text(embed.footer)}
        return made


def _told(facts: ExecutionFacts) -> dict[str, Any]:
    return {
        "description": "\n".join(f"{name}: {value}" for name, value in facts.entries),
        "footer": {"text": facts.verdict},
    }


def _color(parts: list[int]) -> int:
    if len(parts) != 3 or not all(0 <= part <= 255 for part in parts):
        raise TaskFailed(f"the color of an embed is three numbers from 0 to 255, not {parts}")
    red, green, blue = parts
    return red << 16 | green << 8 | blue
