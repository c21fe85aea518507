"""`encrypt` and `decrypt`: AES-GCM, a base64 key, the nonce before the text, base64 around both.

The cipher is the library cryptography's, an extra that is imported when a flow first asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import text_argument

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_TAG = 16


def encrypt(key: object, plaintext: object) -> object:
    """The text encrypted; empty text and null stay as they are."""
    if plaintext in (None, ""):
        return plaintext
    import secrets
    from base64 import b64encode

    text = text_argument(plaintext, "encrypt", "plaintext")
    limits.check_length(len(text))
    cipher = _cipher(key, "encrypt")
    nonce = secrets.token_bytes(_NONCE)
    sealed = cipher.encrypt(nonce, text.encode("utf-8", "replace"), None)
    return b64encode(nonce + sealed).decode("ascii")


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
    if len(data) < _NONCE + _TAG:
        raise RenderError("The 'decrypt' function got a text that is too short.")
    cipher = _cipher(key, "decrypt")
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(data[:_NONCE], data[_NONCE:], None).decode("utf-8", "replace")
    except InvalidTag:
        raise RenderError("The 'decrypt' function got another key or a changed text.") from None


def _cipher(key: object, function: str) -> AESGCM:
    from base64 import b64decode

    try:
        raw = b64decode(text_argument(key, function, "key"), validate=True)
    except ValueError:
        raise RenderError(f"The '{function}' function expects a base64 key.") from None
    if len(raw) not in (16, 24, 32):
        raise RenderError(f"The '{function}' function expects a key of 16, 24 or 32 bytes.")
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise RenderError(
            f"the function `{function}` needs the Python package `cryptography`, which is not"
            " installed",
            hint="pip install 'kestrel-flow[crypto]'",
        ) from None
    return AESGCM(raw)
