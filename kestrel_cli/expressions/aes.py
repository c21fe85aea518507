"""AES in Galois/counter mode (FIPS 197, NIST SP 800-38D), for `encrypt` and `decrypt`.

Plain Python, because no cryptography library is a dependency. It is slow and not constant in time:
good enough for values inside one's own flows, nothing to build a service on.
"""

from __future__ import annotations

import hmac
from functools import cache

_BLOCK = 16
# The field polynomial of GHASH, bits reversed as the standard writes them.
_GHASH_R = 0xE1 << 120


def _times_x(value: int) -> int:
    doubled = value << 1
    return (doubled ^ 0x11B) & 0xFF if doubled & 0x100 else doubled


@cache
def _s_box() -> bytes:
    """The substitution table, computed: inverse in the field, then the affine map."""
    powers, value = [1], 1
    for _ in range(254):
        value ^= _times_x(value)
        powers.append(value)
    logs = {power: at for at, power in enumerate(powers)}
    box = bytearray(256)
    for byte in range(256):
        inverse = powers[-logs[byte] % 255] if byte else 0
        mixed = inverse
        for shift in range(1, 5):
            mixed ^= (inverse << shift | inverse >> (8 - shift)) & 0xFF
        box[byte] = mixed ^ 0x63
    return bytes(box)


class Aes:
    """One key, in GCM with 12-byte nonces and 16-byte tags."""

    def __init__(self, key: bytes) -> None:
        self._round_keys = _expanded(key)
        self._hash_key = int.from_bytes(self._block(bytes(_BLOCK)))

    def seal(self, nonce: bytes, data: bytes) -> bytes:
        """The encrypted data followed by its tag."""
        sealed = self._counted(nonce, data)
        return sealed + self._tag(nonce, sealed)

    def open(self, nonce: bytes, sealed: bytes) -> bytes | None:
        """The data of `seal`; None when key, nonce or data are not the same."""
        body, tag = sealed[:-_BLOCK], sealed[-_BLOCK:]
        if not hmac.compare_digest(tag, self._tag(nonce, body)):
            return None
        return self._counted(nonce, body)

    def _counted(self, nonce: bytes, data: bytes) -> bytes:
        blocks = range((len(data) + _BLOCK - 1) // _BLOCK)
        stream = b"".join(self._block(nonce + (at + 2).to_bytes(4)) for at in blocks)
        size = len(data)
        return (int.from_bytes(data) ^ int.from_bytes(stream[:size])).to_bytes(size)

    def _tag(self, nonce: bytes, sealed: bytes) -> bytes:
        padded = sealed + bytes(-len(sealed) % _BLOCK)
        lengths = (len(sealed) * 8).to_bytes(_BLOCK)
        total = 0
        for at in range(0, len(padded), _BLOCK):
            total = self._multiplied(total ^ int.from_bytes(padded[at : at + _BLOCK]))
        total = self._multiplied(total ^ int.from_bytes(lengths))
        mask = int.from_bytes(self._block(nonce + (1).to_bytes(4)))
        return (total ^ mask).to_bytes(_BLOCK)

    def _multiplied(self, value: int) -> int:
        """`value` times the hash key in GHASH's field."""
        result, factor = 0, self._hash_key
        for bit in range(127, -1, -1):
            if value >> bit & 1:
                result ^= factor
            factor = factor >> 1 ^ (_GHASH_R if factor & 1 else 0)
        return result

    def _block(self, block: bytes) -> bytes:
        """One block through the cipher."""
        box = _s_box()
        state = _xor(block, self._round_keys[0])
        for round_key in self._round_keys[1:-1]:
            state = _xor(_mixed(_shifted(state, box)), round_key)
        return _xor(_shifted(state, box), self._round_keys[-1])


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(_BLOCK)


def _shifted(state: bytes, box: bytes) -> bytes:
    """Every byte replaced by the table's, row n moved n places to the left."""
    return bytes(box[state[(at + 4 * (at % 4)) % _BLOCK]] for at in range(_BLOCK))


def _mixed(state: bytes) -> bytes:
    out = bytearray(_BLOCK)
    for column in range(0, _BLOCK, 4):
        part = state[column : column + 4]
        everything = part[0] ^ part[1] ^ part[2] ^ part[3]
        for row in range(4):
            out[column + row] = part[row] ^ everything ^ _times_x(part[row] ^ part[(row + 1) % 4])
    return bytes(out)


def _expanded(key: bytes) -> list[bytes]:
    """The round keys."""
    box = _s_box()
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    size = len(words)
    constant = 1
    for at in range(size, 4 * (size + 7)):
        word = words[-1]
        if at % size == 0:
            word = bytes(box[byte] for byte in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _times_x(constant)
        elif size > 6 and at % size == 4:
            word = bytes(box[byte] for byte in word)
        words.append(bytes(a ^ b for a, b in zip(words[at - size], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]
