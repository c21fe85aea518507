"""The property `options` of HTTP tasks, older spellings included, and what it comes to."""

from typing import Final, Literal

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.record import record
from kestrel_cli.model.task import Dynamic, LogLevel, RunContext
from kestrel_cli.web.client import Auth
from kestrel_cli.web.proxy import Proxy

CONNECT: Final = 30.0
READ_IDLE: Final = 300.0
MAX_CONTENT: Final = 10 * 1024 * 1024
_MOST_CONTENT: Final = 2**31 - 1

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
    """Who asks: BASIC and DIGEST have a name and a password, BEARER a token."""

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


@record
class Settings:
    """Rendered options. `allowed` lists the only statuses that count as success, when it is not
    empty; `most` is how much of a body is kept in memory.
    """

    connect: float
    read: float
    proxy: Proxy | None
    auth: Auth | None
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


def settings_of(ctx: RunContext, options: HttpOptions) -> Settings:
    """Render the options; passwords and tokens are hidden from then on. Raises TaskFailed."""
    timeout = options.timeout or TimeoutOptions()
    ssl = options.ssl or SslOptions()
    codes = ctx.items(options.allowedResponseCodes) if options.allowedResponseCodes else []
    return Settings(
        connect=_seconds(ctx, (timeout.connectTimeout, options.connectTimeout), CONNECT),
        read=_seconds(ctx, (timeout.readIdleTimeout, options.readTimeout), READ_IDLE),
        proxy=_proxy(ctx, options),
        auth=_auth(ctx, options),
        insecure=ctx.boolean(ssl.insecureTrustAllCertificates or False),
        follow=ctx.boolean(options.followRedirects),
        allow_failed=ctx.boolean(options.allowFailed),
        allowed=frozenset(ctx.integer(code) for code in codes),
        charset=_charset(ctx.text(options.defaultCharset)),
        logs=frozenset(options.logs or _LOGS.get(options.logLevel or "", ())),
        most=_most(ctx, options.maxContentLength),
    )


def _seconds(ctx: RunContext, said: tuple[object, ...], default: float) -> float:
    value = next((one for one in said if one is not None), None)
    if value is None:
        return default
    seconds = ctx.duration(value).seconds
    if seconds <= 0:
        raise TaskFailed(f"a timeout of an HTTP request must be longer than 0, got {value}")
    return float(seconds)


def _most(ctx: RunContext, value: object) -> int:
    if value is None:
        return MAX_CONTENT
    most = ctx.integer(value)
    if not 0 < most <= _MOST_CONTENT:
        raise TaskFailed(f"maxContentLength must be from 1 to {_MOST_CONTENT} bytes, got {most}")
    return most


def _charset(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise TaskFailed(f"defaultCharset: `{name[:100]}` is no character set") from None
    return name


def _proxy(ctx: RunContext, options: HttpOptions) -> Proxy | None:
    said = options.proxy or ProxyOptions(
        type=options.proxyType or "DIRECT",
        address=options.proxyAddress,
        port=options.proxyPort,
        username=options.proxyUsername,
        password=options.proxyPassword,
    )
    host = ctx.text(said.address)
    kind = ctx.text(said.type).upper()
    if not host:
        return None
    if kind not in ("HTTP", "SOCKS"):
        raise TaskFailed(f"the type of a proxy is HTTP or SOCKS, not {kind}: set `proxy.type`")
    if said.port is None:
        raise TaskFailed(f"the proxy {host} needs a `port`")
    port = ctx.integer(said.port)
    if not 0 < port < 65_536:
        raise TaskFailed(f"the port of the proxy {host} must be from 1 to 65535, got {port}")
    user = None if said.username is None else ctx.text(said.username)
    return Proxy(
        "HTTP" if kind == "HTTP" else "SOCKS", host, port, user, _hidden(ctx, said.password)
    )


def _auth(ctx: RunContext, options: HttpOptions) -> Auth | None:
    said = options.auth
    if said is None:
        if options.basicAuthUser is None and options.basicAuthPassword is None:
            return None
        user = ctx.text(options.basicAuthUser)
        return Auth("BASIC", user, _hidden(ctx, options.basicAuthPassword))
    match ctx.text(said.type).upper():
        case "BEARER":
            return Auth("BEARER", password=_hidden(ctx, said.token))
        case "BASIC":
            return Auth("BASIC", ctx.text(said.username), _hidden(ctx, said.password))
        case "DIGEST":
            return Auth("DIGEST", ctx.text(said.username), _hidden(ctx, said.password))
        case other:
            raise TaskFailed(f"the type of auth is BASIC, BEARER or DIGEST, not `{other[:100]}`")


def _hidden(ctx: RunContext, value: object) -> str:
    secret = ctx.text(value)
    if secret:
        ctx.hide(secret)
    return secret
