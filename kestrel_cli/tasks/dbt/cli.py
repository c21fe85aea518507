"""io.kestra.plugin.dbt.cli.DbtCLI"""

import json
from typing import Any, ClassVar, Final, Literal

from kestrel_cli.tasks.base import Dynamic, Model, Outcome, State
from kestrel_cli.tasks.dbt.lines import DbtLines
from kestrel_cli.tasks.dbt.project import MANIFEST, PROFILES, DbtTask, read_map
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.scripts.commands import Commands, tool
from kestrel_cli.tasks.scripts.languages import Language
from kestrel_cli.tasks.scripts.task import Setting

_FORMATS: Final = {"JSON": "json", "TEXT": "text", "DEBUG": "debug"}


class KvManifest(Model):
    """A key of the key-value store that holds a manifest."""

    key: Dynamic[str]
    namespace: Dynamic[str]


class DbtCLI(DbtTask, Commands):
    """Run dbt's commands, such as `dbt deps` and `dbt build`, in the project of `projectDir`.

    `profiles` are written to `profiles.yml`. Lines that begin with `dbt` get `--project-dir` and
    `--log-format` unless they say them. The task ends WARNING when dbt warns. `storeManifest` puts
    the manifest into the key-value store, and `loadManifest` writes it from there to `target`.
    """

    logFormat: Dynamic[Literal["JSON", "TEXT", "DEBUG", "NONE"]] = "JSON"
    storeManifest: KvManifest | None = None
    loadManifest: KvManifest | None = None

    language: ClassVar[Language] = tool("ghcr.io/kestra-io/dbt", "dbt")

    def arrange(self, setting: Setting) -> None:
        self.write_profiles(setting, PROFILES)
        if self.loadManifest is not None:
            self._load(setting, self.loadManifest)

    def commands_of(self, setting: Setting) -> list[str]:
        ctx = setting.work.ctx
        project = ctx.text(self.projectDir)
        options = {"--project-dir": project, "--log-format": _FORMATS.get(ctx.text(self.logFormat))}
        return [_with_options(command, options) for command in super().commands_of(setting)]

    def kept(self, setting: Setting) -> dict[str, str]:
        found, wanted, ctx = super().kept(setting), self.storeManifest, setting.work.ctx
        if wanted is not None and MANIFEST in found:
            manifest = read_map(ctx, found[MANIFEST])
            ctx.kv.set(ctx.text(wanted.key), manifest, ctx.text(wanted.namespace))
        return found

    def outcome(self, feed: Feed, outputs: dict[str, object]) -> Outcome:
        warned = isinstance(feed, DbtLines) and feed.warned
        return Outcome(outputs, State.WARNING if warned else State.SUCCESS)

    def _load(self, setting: Setting, wanted: KvManifest) -> None:
        ctx = setting.work.ctx
        found = ctx.kv.get(ctx.text(wanted.key), ctx.text(wanted.namespace))
        if not found or found[0] in (None, ""):
            ctx.log("WARN", "`loadManifest` finds no manifest in the key-value store")
            return
        place = self.project(setting) / "target" / MANIFEST
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_text(found[0]), "utf-8")


def _with_options(command: str, options: dict[str, str | None]) -> str:
    if not command.startswith("dbt"):
        return command
    command = command.rstrip()
    for option, value in options.items():
        if value and option not in command:
            command += f" {option} {value}"
    return command


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
