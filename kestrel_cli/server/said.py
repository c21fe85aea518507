"""What one place says of a server: a context of the settings, or variables of the environment."""

from collections.abc import Mapping
from typing import Any, Final

from kestrel_cli.errors import CannotStart
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.record import fresh, record

KEYS: Final = (
    "host", "tenant", "token", "token-env", "username", "password", "password-env", "headers",
    "ca", "insecure", "proxy", "timeout",
)  # fmt: skip


@record
class Said:
    """What was said at `where`; empty where nothing was. Never printed: it holds the login."""

    where: str
    host: str = ""
    tenant: str | None = None
    user: str | None = None
    password: str | None = None
    token: str | None = None
    headers: dict[str, str] = fresh(factory=dict)
    ca: str | None = None
    insecure: bool = False
    proxy: str | None = None
    timeout: float | None = None

    def __bool__(self) -> bool:
        return bool(self.host or self.tenant or self.has_login or self.headers)

    @property
    def has_login(self) -> bool:
        """Whether there is a token, or a name."""
        return bool(self.token or self.user)


def _where(said: Said) -> str:
    return f"Said({said.where!r})"


# `record` shows every field, and some of these are secret.
Said.__repr__ = _where  # type: ignore[method-assign,assignment]


def of_variables(environ: Mapping[str, str], prefix: str) -> Said:
    """What `KESTRACTL_*` (kestractl) or `KESTRA_*` (the SDK of Kestra) say."""

    def get(*names: str) -> str | None:
        return next((value for name in names if (value := environ.get(f"{prefix}_{name}"))), None)

    said = Said(f"{prefix}_{'HOST' if prefix == 'KESTRACTL' else 'HOSTNAME'}")
    said.host = get("HOST" if prefix == "KESTRACTL" else "HOSTNAME") or ""
    said.tenant = get("TENANT")
    said.user = get("USERNAME" if prefix == "KESTRACTL" else "USER")
    said.password = get("PASSWORD")
    said.token = get("TOKEN" if prefix == "KESTRACTL" else "API_TOKEN")
    header = get("HEADER") if prefix == "KESTRACTL" else None
    if header is not None:
        said.headers = dict([_header(header, "KESTRACTL_HEADER")])
    return said


def _header(text: str, where: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise CannotStart(f"{where}: a header is given as `NAME: VALUE`")
    return name.strip(), value.strip()


def of_settings(name: str, table: Mapping[str, Any], environ: Mapping[str, str]) -> Said:
    """A table `[contexts.NAME]` of our settings. `token-env` and `password-env` name the variables
    that hold a secret, so that the file need not. Raises CannotStart.
    """
    where = f"contexts.{name}"
    for key in table:
        if key not in KEYS:
            raise CannotStart(f"{where}: unknown key `{key}`; there are: {', '.join(KEYS)}")

    def text(key: str) -> str | None:
        value = table.get(key)
        if value is not None and (not isinstance(value, str) or not value):
            raise CannotStart(f"{where}: `{key}` must be text")
        return value

    def secret(key: str) -> str | None:
        variable = text(f"{key}-env")
        if variable is None:
            return text(key)
        if key in table:
            raise CannotStart(f"{where}: `{key}` and `{key}-env` contradict each other")
        if not environ.get(variable):
            raise CannotStart(f"{where}: the variable {variable} of `{key}-env` is not set")
        return environ[variable]

    host = text("host")
    if host is None:
        raise CannotStart(f"{where}: `host` is missing: the address of the server")
    return Said(
        where,
        host,
        text("tenant"),
        text("username"),
        secret("password"),
        secret("token"),
        headers_of(table.get("headers"), where),
        text("ca"),
        _flag(table.get("insecure", False), where),
        text("proxy"),
        _seconds(table.get("timeout"), where),
    )


def headers_of(value: Any, where: str) -> dict[str, str]:
    """Headers as a map, or as a list of `NAME: VALUE`. Raises CannotStart."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values()):
        return {str(name): one for name, one in value.items()}
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return dict(_header(one, where) for one in value)
    raise CannotStart(f"{where}: `headers` must be a table of texts")


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise CannotStart(f"{where}: `insecure` must be true or false")
    return value


def _seconds(value: Any, where: str) -> float | None:
    if value is None:
        return None
    try:
        seconds = Duration.parse(value.removesuffix("s") if isinstance(value, str) else value)
    except ValueError:
        raise CannotStart(f"{where}: `timeout` must be a duration: `30s`, `PT1M`") from None
    return seconds.seconds
