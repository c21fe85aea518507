"""Programs that run containers: Docker's command line, or Podman's."""

import shutil
from collections.abc import Sequence
from typing import Final

from kestrel_cli.tasks.base import RunContext, record
from kestrel_cli.tasks.processes.ask import ask


@record
class Engine:
    """A program, where it is, and the environment in which it finds its service."""

    name: str
    path: str
    environ: dict[str, str]

    def answer(self, arguments: Sequence[str]) -> str | None:
        """What it prints; None when it fails."""
        return ask([self.path, *arguments], self.environ)


_answers: dict[tuple[str, str], bool] = {}  # by path and host: whether the service is there
# What to ask for: Docker's program may be there without its service; Podman has none.
QUESTIONS: Final = {"docker": "{{.Server.Version}}", "podman": "{{.Client.Version}}"}


def engine_for(ctx: RunContext, host: str | None) -> Engine | str:
    """The first engine whose service answers, or why there is none."""
    environ = dict(ctx.about.environ)
    if host:
        environ["DOCKER_HOST"] = host
    found = [(name, shutil.which(name, path=environ.get("PATH"))) for name in QUESTIONS]
    engines = [Engine(name, path, environ) for name, path in found if path is not None]
    if not engines:
        return "neither Docker nor Podman was found"
    for engine in engines:
        key = (engine.path, environ.get("DOCKER_HOST", ""))
        if key not in _answers:
            question = ["version", "--format", QUESTIONS[engine.name]]
            _answers[key] = engine.answer(question) is not None
        if _answers[key]:
            return engine
    return f"{engines[0].name} does not answer (is its service running?)"
