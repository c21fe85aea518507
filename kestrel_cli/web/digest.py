"""HTTP Digest authentication (RFC 7616): the answer to a server's challenge."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from typing import Final

from kestrel_cli.web.address import Failure

_HASHES: Final = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
_PAIR: Final = re.compile(r"""([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))""")


def digest_answer(
    challenges: Iterable[str],
    user: str,
    password: str,
    method: str,
    target: str,
    nonce: Callable[[], str] = lambda: secrets.token_hex(16),
) -> str | None:
    """The value of `Authorization` for the strongest challenge that is understood; None when there
    is no Digest challenge. Raises Failure when there are only others of its kind.
    """
    offers = [_pairs(one) for one in challenges if one.lstrip().lower().startswith("digest ")]
    if not offers:
        return None
    for name in ("SHA-512-256", "SHA-256", "MD5"):
        for offer in offers:
            if offer.get("algorithm", "MD5").upper().removesuffix("-SESS") == name:
                return _answer(offer, name, (user, password), method, target, nonce())
    raise Failure("the server asks for a kind of Digest authentication that is not known")


def _pairs(challenge: str) -> dict[str, str]:
    body = challenge.lstrip()[len("digest ") :]
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
        for name, quoted, plain in _PAIR.findall(body)
    }


def _answer(
    offer: dict[str, str],
    name: str,
    account: tuple[str, str],
    method: str,
    target: str,
    own: str,
) -> str:
    user, password = account

    def hashed(*parts: str) -> str:
        return hashlib.new(_HASHES[name], ":".join(parts).encode("utf-8")).hexdigest()

    realm, nonce = offer.get("realm", ""), offer.get("nonce", "")
    qop = _quality(offer)
    secret = hashed(user, realm, password)
    if offer.get("algorithm", "").upper().endswith("-SESS"):
        secret = hashed(secret, nonce, own)
    about = hashed(method, target)
    middle = (nonce, "00000001", own, qop) if qop else (nonce,)
    said = {
        "username": user,
        "realm": realm,
        "nonce": nonce,
        "uri": target,
        "response": hashed(secret, *middle, about),
    }
    if "opaque" in offer:
        said["opaque"] = offer["opaque"]
    quoted = ", ".join(f"{key}={_quoted(value)}" for key, value in said.items())
    plain = f", algorithm={offer['algorithm']}" if "algorithm" in offer else ""
    if qop:
        plain += f', qop={qop}, nc=00000001, cnonce="{own}"'
    return f"Digest {quoted}{plain}"


def _quality(offer: dict[str, str]) -> str | None:
    if "qop" not in offer:
        return None
    if "auth" not in [one.strip().lower() for one in offer["qop"].split(",")]:
        raise Failure("the server asks for a kind of Digest authentication that is not known")
    return "auth"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
