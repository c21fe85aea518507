"""Options that several commands share."""

from typing import Annotated

import typer

SecretsFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--secrets-file",
        metavar="FILE",
        help="Secrets: NAME=VALUE lines, YAML or JSON. Repeatable.",
    ),
]
EnvFiles = Annotated[
    list[str] | None,
    typer.Option("--env-file", metavar="FILE", help="More variables: ENV_X, SECRET_X. Repeatable."),
]
KeyValuePairs = Annotated[
    list[str] | None,
    typer.Option(
        "--kv", metavar="K=V", help="A key-value for `kv()`: `k=text`, `k:=json`. Repeatable."
    ),
]
NamespaceFiles = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="The flow's namespace files; else `_files/NAMESPACE`."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Refuse all requests.")]
