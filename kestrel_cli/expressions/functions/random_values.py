"""Functions that make ids and random numbers, from the run's own source of randomness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import integer, text_argument

if TYPE_CHECKING:
    from kestrel_cli.expressions.scope import Scope

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NANO_ID: Final = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KSUID_EPOCH: Final = 1_400_000_000
_LOWEST_FREE_PORT: Final = 1024


def uuid(scope: Scope) -> str:
    """A random UUID (version 4)."""
    from uuid import UUID

    return str(UUID(int=scope.services.random.getrandbits(128), version=4))


def short_id(scope: Scope) -> str:
    """A random UUID in base 62: 22 letters and digits at most."""
    from uuid import UUID

    return _base62(UUID(int=scope.services.random.getrandbits(128), version=4).int, 1)


def ksuid(scope: Scope) -> str:
    """27 letters and digits that sort by the time they were made."""
    seconds = int(scope.services.now().timestamp()) - _KSUID_EPOCH
    payload = scope.services.random.getrandbits(128)
    return _base62(((seconds & 0xFFFFFFFF) << 128) | payload, 27)


def nano_id(scope: Scope, length: object = 21, alphabet: object = _NANO_ID) -> str:
    """`length` random characters of `alphabet`."""
    count = integer(length, "nanoId", "length")
    letters = text_argument(alphabet, "nanoId", "alphabet")
    if count <= 0 or not letters:
        raise RenderError("The 'nanoId' function expects a positive length and an alphabet.")
    limits.check_items(count, "the id")
    return "".join(scope.services.random.choices(letters, k=count))


def random_int(scope: Scope, lower: object, upper: object) -> int:
    """A random integer from `lower` up to, not including, `upper`."""
    low, high = integer(lower, "randomInt", "lower"), integer(upper, "randomInt", "upper")
    if low >= high:
        raise RenderError("In 'randomInt' upper is less than or equal to lower")
    return scope.services.random.randrange(low, high)


def random_port(scope: Scope) -> int:
    """A random port number that needs no rights; whether it is free shows when it is used."""
    return scope.services.random.randrange(_LOWEST_FREE_PORT, 65_536)


def _base62(number: int, width: int) -> str:
    digits: list[str] = []
    while number:
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return "".join(reversed(digits)).rjust(width, "0")
