"""The `options` of the function `http`: those of Kestra's HTTP client that mean something here."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.text import printed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.record import record

SECONDS: Final = 10.0
_KNOWN: Final = frozenset(
    (
        "timeout", "connectTimeout", "readTimeout", "followRedirects", "allowFailed",
        "allowedResponseCodes", "auth", "basicAuthUser", "basicAuthPassword",
    )
)  # fmt: skip


@record
class Options:
    """Seconds to connect, between two parts of an answer, and in all; what to follow and accept."""

    connect: float
    read: float
    total: float
    follow: bool
    allow_failed: bool
    allowed: frozenset[int] | None
    authorization: str | None

    def accepts(self, status: int) -> bool:
        """Whether an answer with that status is a result."""
        if self.allowed is not None:
            return status in self.allowed
        return status < 400 or self.allow_failed


def options_of(given: Mapping[Any, Any]) -> Options:
    """Read the options. Raises RenderError for one that is not known or has no sense."""
    for name in given:
        if name not in _KNOWN:
            raise RenderError(f"The 'http' function does not know the option '{printed(name)}'.")
    timeout = given.get("timeout") or {}
    if not isinstance(timeout, Mapping):
        timeout = {"readIdleTimeout": timeout}
    codes = given.get("allowedResponseCodes")
    if codes is not None and not isinstance(codes, (list, tuple)):
        raise RenderError(
            "The 'http' function expects a list in the option 'allowedResponseCodes'."
        )
    return Options(
        connect=_seconds(timeout.get("connectTimeout", given.get("connectTimeout"))),
        read=_seconds(timeout.get("readIdleTimeout", given.get("readTimeout"))),
        total=SECONDS,
        follow=given.get("followRedirects") is not False,
        allow_failed=given.get("allowFailed") is True,
        allowed=None if codes is None else frozenset(_code(one) for one in codes),
        authorization=_authorization(given),
    )


def _seconds(value: object) -> float:
    """At most the default: an expression does not wait for long."""
    if value is None:
        return SECONDS
    try:
        seconds = Duration.parse(value).seconds
    except ValueError:
        seconds = -1.0
    if seconds <= 0:
        raise RenderError("The 'http' function expects a timeout such as 'PT5S'.")
    return min(SECONDS, float(seconds))


def _code(value: object) -> int:
    if isinstance(value, int):
        return value
    raise RenderError("The 'http' function expects numbers in the option 'allowedResponseCodes'.")


def _authorization(given: Mapping[Any, Any]) -> str | None:
    auth = given.get("auth")
    if auth is None and given.get("basicAuthUser") is not None:
        auth = {
            "type": "BASIC",
            "username": given["basicAuthUser"],
            "password": given.get("basicAuthPassword"),
        }
    if auth is None:
        return None
    if isinstance(auth, Mapping) and auth.get("type") == "BEARER":
        return f"Bearer {printed(auth.get('token'))}"
    if isinstance(auth, Mapping) and auth.get("type") == "BASIC":
        pair = f"{printed(auth.get('username'))}:{printed(auth.get('password'))}"
        return f"Basic {b64encode(pair.encode()).decode()}"
    raise RenderError("The 'http' function expects 'auth' of type 'BASIC' or 'BEARER'.")
