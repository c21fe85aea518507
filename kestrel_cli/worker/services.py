"""What expressions of a run may ask the world for."""

from collections.abc import Callable, Mapping
from typing import Any

from kestrel_cli.expressions.scope import BareServices
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.moment import iso_instant


class RunServices(BareServices):
    """The services of one execution. `errors` gives its ERROR log lines so far."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        errors: Callable[[], list[LogLine]],
        described: Callable[[LogLine], dict[str, Any]],
        masker: Masker | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(environ)
        self.masker: Masker = masker or Masker()
        self._warn = warn
        self._errors = errors
        self._described = described

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> str:
        """`KESTREL_SECRET_<KEY>` as it is, else `SECRET_<KEY>` in base64 (spec/cli.md 5b, Secrets);
        hidden from now on.
        """
        found = self._secret(key, namespace, subkey)
        hide(self.masker, found, f"the secret `{key}`", self._warn)
        return found

    def _secret(self, key: str, namespace: str | None, subkey: str | None) -> str:
        plain = self._environ.get(f"KESTREL_SECRET_{key.upper()}")
        if plain is None:
            return super().secret(key, namespace, subkey)
        from kestrel_cli.expressions.scope import part_of_secret

        return plain if subkey is None else part_of_secret(plain, key, subkey)

    def error_logs(self) -> list[dict[str, object]]:
        """The ERROR entries of the execution, oldest first."""
        return [self._described(line) for line in self._errors()]


def hide(masker: Masker, secret: str, what: str, warn: Callable[[str], None]) -> None:
    """Hide a secret in everything that is shown; warn once of one that is too short or too common
    for
    that.
    """
    if not masker.add(secret) and what not in masker.refused:
        masker.refused.append(what)
        warn(f"{what} is too short or too common to be hidden in what is shown")


def prefixed_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What `envs` shows: variables named ENV_X (or KESTRA_X, older) as `x`; ENV_ wins (spec/cli.md
    5b).
    """
    found: dict[str, str] = {}
    for prefix in ("KESTRA_", "ENV_"):
        for name, value in environ.items():
            if name.startswith(prefix) and len(name) > len(prefix):
                found[name.removeprefix(prefix).lower()] = value
    return found


def log_entry(line: LogLine, names: Mapping[str, str | None]) -> dict[str, Any]:
    """A log line in Kestra's shape, without what is not known."""
    entry = {**names, "attemptNumber": line.attempt, "timestamp": iso_instant(line.at)}
    entry |= {"level": line.level, "message": line.message}
    return {key: value for key, value in entry.items() if value is not None}
