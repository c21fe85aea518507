"""Options that name a Kestra server. Logins are never options: other processes can read these."""

import os
from typing import Annotated, NamedTuple

import typer

from kestrel_cli.errors import UsageError

On = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="CONTEXT", help="Do it on a Kestra server: `kestrel help servers`."
    ),
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="The same; its login is in KESTRA_* variables."),
]
Tenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="NAME", help="The tenant there. [default: main]"),
]
Detach = Annotated[
    bool,
    typer.Option("--detach", help="On a server: do not follow the execution; print its id."),
]


class Where(NamedTuple):
    """What options say of a server."""

    on: str | None
    server: str | None
    tenant: str | None

    @property
    def is_elsewhere(self) -> bool:
        """Whether one is named. Raises UsageError for a tenant of none."""
        if self.on is None and self.server is None:
            if self.tenant is not None:
                raise UsageError("`--tenant`: of which server? `--on` or `--server` names one")
            return False
        if self.on is not None and self.server is not None:
            raise UsageError("`--on` and `--server` name two servers: use one of them")
        return True


def refuse_detach(detach: bool) -> None:
    """Raise UsageError for `--detach` without a server."""
    if detach:
        raise UsageError("`--detach`: what runs here ends with its command; `--on` names a server")


def refuse_here_only(action: str, state_dir: str | None) -> None:
    """Raise UsageError for what is done with executions of this machine only."""
    if action in ("prune", "delete"):
        raise UsageError(f"`executions {action}` and a server: nothing is deleted there from here")
    if state_dir is not None and "KESTREL_STATE_DIR" not in os.environ:
        raise UsageError("`--state-dir` and a server: no journal is kept here")
