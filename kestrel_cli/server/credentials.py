"""Who asks a server, kept so that it is never shown: not by `repr`, in a report of a crash, or in
the text of an error.
"""

from collections.abc import Mapping

from kestrel_cli.web.proxy import basic


class Credentials:
    """A name and password, or a token; or headers that somebody else reads as such."""

    __slots__ = ("_authorization", "_headers", "how")

    def __init__(
        self,
        authorization: str | None = None,
        how: str = "no login",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`how` tells in a message what kind of login this is, and of whom."""
        self._authorization = authorization
        self._headers = dict(headers or {})
        self.how = how

    def __repr__(self) -> str:
        return f"Credentials({self.how})"

    def __bool__(self) -> bool:
        return self._authorization is not None or bool(self._headers)

    @property
    def is_token(self) -> bool:
        """Whether it is a token."""
        return (self._authorization or "").startswith("Bearer ")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What a request to the server has of all this."""
        own = [] if self._authorization is None else [("Authorization", self._authorization)]
        return own + list(self._headers.items())

    @property
    def secrets(self) -> list[str]:
        """The values that are not to be shown anywhere."""
        whole = self._authorization or ""
        return [one for one in (whole.partition(" ")[2], *self._headers.values()) if one]


def credentials_of(
    user: str | None, password: str | None, token: str | None, headers: Mapping[str, str]
) -> Credentials:
    """Of what was said: a token stands above a name and password."""
    if token:
        return Credentials(f"Bearer {token}", "a token", headers)
    if user:
        return Credentials(basic(user, password or ""), f"the user `{user}`", headers)
    return Credentials(None, "the headers of the context" if headers else "no login", headers)
