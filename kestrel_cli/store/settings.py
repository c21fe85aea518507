"""The settings of a run that are not its options, whoever said them."""

from typing import Any

from kestrel_cli.model.record import fresh, record


@record
class Config:
    """What was said about a run before its options; None where nothing was.

    Paths are absolute or relative to the working directory. `origins` tells where each setting was
    said, by its name in the file, `files` what was read, `project` the project's file among them.
    """

    state_dir: str | None = None
    flows_dir: str | None = None
    secrets_file: list[str] = fresh(factory=list)
    env_file: list[str] = fresh(factory=list)
    namespace_files: str | None = None
    offline: bool | None = None
    containers: str | None = None
    max_download: str | None = None
    pause: str | None = None
    sequential: bool | None = None
    durable: bool | None = None
    timeout: str | None = None
    compat: int | None = None
    fail_on: str | None = None
    log_level: str | None = None
    log_format: str | None = None
    log_on: str | None = None
    color: str | None = None
    heartbeat: str | None = None
    executions_keep: int | None = None
    kestra_url: str | None = None
    kestra_environment: str | None = None
    plugin_defaults: list[dict[str, Any]] = fresh(factory=list)
    globals: dict[str, Any] = fresh(factory=dict)
    namespaces: dict[str, dict[str, Any]] = fresh(factory=dict)
    contexts: dict[str, dict[str, Any]] = fresh(factory=dict)  # servers, by name; logins and all
    origins: dict[str, str] = fresh(factory=dict)
    files: list[str] = fresh(factory=list)
    project: str | None = None

    @property
    def kestra(self) -> dict[str, str]:
        """What `kestra` is in expressions: as in Kestra, it has only what was said of it."""
        said = {"url": self.kestra_url, "environment": self.kestra_environment}
        return {name: value for name, value in said.items() if value is not None}

    def variables_of(self, namespace: str) -> dict[str, Any]:
        """The variables of a namespace and of those above it, the nearest winning."""
        found: dict[str, Any] = {}
        for end in range(1, namespace.count(".") + 2):
            above = ".".join(namespace.split(".")[:end])
            found |= self.namespaces.get(above, {}).get("variables", {})
        return found
