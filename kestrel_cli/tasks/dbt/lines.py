"""What dbt says while it runs: lines of JSON, each with its level and its words."""

import json
from typing import Any, Final

from kestrel_cli.tasks.base import LogLevel, RunContext
from kestrel_cli.tasks.processes.feed import Feed

_LEVELS: Final[dict[str, LogLevel]] = {"debug": "DEBUG", "info": "INFO", "warn": "WARN"}


class DbtLines(Feed):
    """Logs the words of dbt at the level that dbt gives them; other lines as they are.

    `warned`: whether dbt warned of something. The counts that dbt tells at the end are counters
    `log.stats....`.
    """

    def __init__(self, ctx: RunContext) -> None:
        super().__init__(ctx)
        self.warned = False

    def entry(self, level: LogLevel, text: str) -> tuple[LogLevel, str]:
        said = _map(text)
        info = said.get("info", said)
        if not isinstance(info, dict) or "msg" not in info or "level" not in info:
            return level, text
        self._count(said.get("data"))
        own = _LEVELS.get(str(info["level"]), "ERROR")
        self.warned |= own == "WARN"
        return own, str(info["msg"])

    def _count(self, data: object) -> None:
        stats = data.get("stats") if isinstance(data, dict) else None
        for name, count in stats.items() if isinstance(stats, dict) else ():
            if isinstance(count, int):
                self._ctx.count(f"log.stats.{name}", count)


def _map(text: str) -> dict[str, Any]:
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
