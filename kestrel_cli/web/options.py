"""How to ask: the property `options` of HTTP tasks and the argument `options` of the function
`http`, older spellings included, and what they come to.
"""

from typing import Any, Final, Literal, Protocol

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.record import record
from kestrel_cli.model.task import Dynamic, LogLevel
from kestrel_cli.web.proxy import Proxy, basic

CONNECT: Final = 30.0
READ_IDLE: Final = 300.0
MAX_CONTENT: Final = 10 * 1024 * 1024
_MOST_CONTENT: Final = 2**31 - 1
# What Kestra has and Kestrel has not, and what to do instead.
_NO_DIGEST: Final = (
    "auth of type DIGEST, which Kestrel does not do: use BASIC or BEARER, "
    "or `curl --digest` in a Shell task"
)
_NO_SOCKS: Final = (
    "a proxy of type SOCKS, which Kestrel does not do: use an HTTP proxy, "
    "or `curl --socks5-hostname` in a Shell task"
)

AuthType = Literal["BASIC", "BEARER", "DIGEST"]
LoggingType = Literal["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
ProxyType = Literal["DIRECT", "HTTP", "SOCKS"]
# What the older `logLevel` stands for.
_LOGS: Final[dict[str, tuple[LoggingType, ...]]] = {
    "TRACE": ("REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"),
    "DEBUG": ("REQUEST_HEADERS", "RESPONSE_HEADERS"),
    "INFO": ("RESPONSE_HEADERS",),
}


class TimeoutOptions(Model):
    """How long to wait: for a connection, and between two parts of an answer."""

    connectTimeout: Dynamic[Duration] | None = None
    readIdleTimeout: Dynamic[Duration] | None = None


class ProxyOptions(Model):
    """A proxy to go through."""

    type: Dynamic[ProxyType] = "DIRECT"
    address: Dynamic[str] | None = None
    port: Dynamic[int] | None = None
    username: Dynamic[str] | None = None
    password: Dynamic[str] | None = None


class AuthOptions(Model):
    """Who asks: BASIC has a name and a password, BEARER a token."""

    type: Dynamic[AuthType]
    username: Dynamic[str] | None = None
    password: Dynamic[str] | None = None
    token: Dynamic[str] | None = None


class SslOptions(Model):
    """Whom to trust."""

    insecureTrustAllCertificates: Dynamic[bool] | None = None


class HttpOptions(Model):
    """How to ask. The properties below `logs` are Kestra's older spellings; those that only steer
    its own client have no effect.
    """

    timeout: TimeoutOptions | None = None
    proxy: ProxyOptions | None = None
    auth: AuthOptions | None = None
    ssl: SslOptions | None = None
    followRedirects: Dynamic[bool] = True
    allowFailed: Dynamic[bool] = False
    allowedResponseCodes: Dynamic[list[int]] | None = None
    defaultCharset: Dynamic[str] = "UTF-8"
    enabledTcpExtendedKeepAlive: Dynamic[bool] | None = None
    logs: list[LoggingType] | None = None

    connectTimeout: Dynamic[Duration] | None = None
    readTimeout: Dynamic[Duration] | None = None
    proxyType: Dynamic[ProxyType] | None = None
    proxyAddress: Dynamic[str] | None = None
    proxyPort: Dynamic[int] | None = None
    proxyUsername: Dynamic[str] | None = None
    proxyPassword: Dynamic[str] | None = None
    basicAuthUser: Dynamic[str] | None = None
    basicAuthPassword: Dynamic[str] | None = None
    logLevel: LogLevel | None = None
    readIdleTimeout: Dynamic[Duration] | None = None
    connectionPoolIdleTimeout: Dynamic[Duration] | None = None
    maxContentLength: Dynamic[int] | None = None


class Reader(Protocol):
    """Turns what options hold into values: the context of a task renders it first. Each method may
    raise RenderError or TaskFailed.
    """

    def text(self, value: object) -> str:
        """Text; the empty one for None."""

    def items(self, value: object) -> list[Any]:
        """A list."""

    def integer(self, value: object) -> int:
        """A whole number."""

    def boolean(self, value: object) -> bool:
        """True or false."""

    def duration(self, value: object) -> Duration:
        """A duration."""

    def hide(self, secret: str) -> None:
        """Hear of a password or token."""


@record
class Settings:
    """Options that were read: `connect` and `read` are seconds, `authorization` is a header.
    `allowed` lists the only statuses that count as success, when it is not empty; `most` is how
    much of a body is kept in memory.
    """

    connect: float
    read: float
    proxy: Proxy | None
    authorization: str | None
    insecure: bool
    follow: bool
    allow_failed: bool
    allowed: frozenset[int]
    charset: str
    logs: frozenset[str]
    most: int

    def accepts(self, status: int) -> bool:
        """Whether an answer with that status is a success."""
        return status in self.allowed if self.allowed else status < 400 or self.allow_failed


def lacking(options: HttpOptions | None) -> list[str]:
    """What these options plainly ask for and Kestrel does not do, with what to do instead."""
    if options is None:
        return []
    kind = options.proxyType if options.proxy is None else options.proxy.type
    digest = options.auth is not None and options.auth.type == "DIGEST"
    return [_NO_DIGEST] * digest + [_NO_SOCKS] * (kind == "SOCKS")


def settings_of(reader: Reader, options: HttpOptions) -> Settings:
    """What the options come to; passwords and tokens are hidden from then on. Raises TaskFailed."""
    timeout = options.timeout or TimeoutOptions()
    ssl = options.ssl or SslOptions()
    codes = reader.items(options.allowedResponseCodes) if options.allowedResponseCodes else []
    return Settings(
        connect=_seconds(reader, (timeout.connectTimeout, options.connectTimeout), CONNECT),
        read=_seconds(reader, (timeout.readIdleTimeout, options.readTimeout), READ_IDLE),
        proxy=_proxy(reader, options),
        authorization=_authorization(reader, options),
        insecure=reader.boolean(ssl.insecureTrustAllCertificates or False),
        follow=reader.boolean(options.followRedirects),
        allow_failed=reader.boolean(options.allowFailed),
        allowed=frozenset(reader.integer(code) for code in codes),
        charset=_charset(reader.text(options.defaultCharset)),
        logs=frozenset(options.logs or _LOGS.get(options.logLevel or "", ())),
        most=_most(reader, options.maxContentLength),
    )


def _seconds(reader: Reader, said: tuple[object, ...], default: float) -> float:
    value = next((one for one in said if one is not None), None)
    if value is None:
        return default
    seconds = reader.duration(value).seconds
    if seconds <= 0:
        raise TaskFailed(f"a timeout of an HTTP request must be longer than 0, got {value}")
    return float(seconds)


def _most(reader: Reader, value: object) -> int:
    if value is None:
        return MAX_CONTENT
    most = reader.integer(value)
    if not 0 < most <= _MOST_CONTENT:
        raise TaskFailed(f"maxContentLength must be from 1 to {_MOST_CONTENT} bytes, got {most}")
    return most


def _charset(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise TaskFailed(f"defaultCharset: `{name[:100]}` is no character set") from None
    return name


def _proxy(reader: Reader, options: HttpOptions) -> Proxy | None:
    said = options.proxy or ProxyOptions(
        type=options.proxyType or "DIRECT",
        address=options.proxyAddress,
        port=options.proxyPort,
        username=options.proxyUsername,
        password=options.proxyPassword,
    )
    host = reader.text(said.address)
    kind = reader.text(said.type).upper()
    if not host:
        return None
    if kind == "SOCKS":
        raise TaskFailed(f"the options ask for {_NO_SOCKS}")
    if kind != "HTTP":
        raise TaskFailed(f"the type of a proxy is HTTP, not {kind}: set `proxy.type`")
    if said.port is None:
        raise TaskFailed(f"the proxy {host} needs a `port`")
    port = reader.integer(said.port)
    if not 0 < port < 65_536:
        raise TaskFailed(f"the port of the proxy {host} must be from 1 to 65535, got {port}")
    password = _hidden(reader, said.password)
    if said.username is None:
        return Proxy(host, port)
    return Proxy(host, port, basic(reader.text(said.username), password))


def _authorization(reader: Reader, options: HttpOptions) -> str | None:
    said = options.auth
    if said is None:
        if options.basicAuthUser is None and options.basicAuthPassword is None:
            return None
        return basic(reader.text(options.basicAuthUser), _hidden(reader, options.basicAuthPassword))
    match reader.text(said.type).upper():
        case "BEARER":
            return f"Bearer {_hidden(reader, said.token)}"
        case "BASIC":
            return basic(reader.text(said.username), _hidden(reader, said.password))
        case "DIGEST":
            raise TaskFailed(f"the options ask for {_NO_DIGEST}")
        case other:
            raise TaskFailed(f"the type of auth is BASIC or BEARER, not `{other[:100]}`")


def _hidden(reader: Reader, value: object) -> str:
    secret = reader.text(value)
    if secret:
        reader.hide(secret)
    return secret
