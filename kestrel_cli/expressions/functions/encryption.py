"""`encrypt` and `decrypt`: AES-GCM, a base64 key, the nonce before the text, base64 around both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import text_argument

if TYPE_CHECKING:
    from kestrel_cli.expressions.aes import Aes

_NONCE = 12
_TAG = 16
# The cipher is plain Python: about a second for this much.
_MAX_BYTES = 200_000


def encrypt(key: object, plaintext: object) -> object:
    """The text encrypted; empty text and null stay as they are."""
    if plaintext in (None, ""):
        return plaintext
    import secrets
    from base64 import b64encode

    data = text_argument(plaintext, "encrypt", "plaintext").encode("utf-8", "replace")
    _check_size(len(data))
    nonce = secrets.token_bytes(_NONCE)
    return b64encode(nonce + _cipher(key, "encrypt").seal(nonce, data)).decode("ascii")


def decrypt(key: object, encrypted: object) -> object:
    """The text decrypted; empty text and null stay as they are. A changed text is an error."""
    if encrypted in (None, ""):
        return encrypted
    from base64 import b64decode

    text = text_argument(encrypted, "decrypt", "encrypted")
    limits.check_length(len(text))
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise RenderError("The 'decrypt' function expects base64 text.") from None
    _check_size(len(data))
    if len(data) < _NONCE + _TAG:
        raise RenderError("The 'decrypt' function got a text that is too short.")
    plain = _cipher(key, "decrypt").open(data[:_NONCE], data[_NONCE:])
    if plain is None:
        raise RenderError("The 'decrypt' function got another key or a changed text.")
    return plain.decode("utf-8", "replace")


def _cipher(key: object, function: str) -> Aes:
    from base64 import b64decode

    from kestrel_cli.expressions.aes import Aes

    try:
        raw = b64decode(text_argument(key, function, "key"), validate=True)
    except ValueError:
        raise RenderError(f"The '{function}' function expects a base64 key.") from None
    if len(raw) not in (16, 24, 32):
        raise RenderError(f"The '{function}' function expects a key of 16, 24 or 32 bytes.")
    return Aes(raw)


def _check_size(size: int) -> None:
    if size > _MAX_BYTES:
        raise RenderError(
            f"the text to encrypt or decrypt is beyond the limit of {_MAX_BYTES} bytes"
        )
