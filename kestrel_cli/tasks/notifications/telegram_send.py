"""io.kestra.plugin.telegram.TelegramSend"""

import json
from typing import ClassVar
from urllib.parse import quote

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.notifications.webhook import Notice, json_text

_API = "https://api.telegram.org"


class TelegramSend(Notice):
    """Send a text to a Telegram channel or user as a bot."""

    token: Dynamic[str]
    channel: Dynamic[str]
    payload: Dynamic[str] | None = None
    parseMode: Dynamic[str] | None = None
    endpointOverride: Dynamic[str] | None = None

    service: ClassVar[str] = "Telegram"

    def run(self, ctx: RunContext) -> Outcome:
        if self.payload is None:
            raise TaskFailed("there is nothing to send: set `payload`")
        token = ctx.text(self.token).strip()
        ctx.hide(token)
        document = {"chat_id": ctx.text(self.channel), "text": ctx.text(self.payload)}
        if self.parseMode is not None:
            document["parse_mode"] = ctx.text(self.parseMode)
        base = (ctx.text(self.endpointOverride) or _API).rstrip("/")
        url = f"{base}/bot{quote(token, safe=':')}/sendMessage"
        answer = self.post(ctx, url, json_text(document))
        if not _is_ok(answer):
            raise TaskFailed(f"Unable to send Telegram message: {answer[:1000]}")
        return Outcome()


def _is_ok(answer: str) -> bool:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("ok") is True
