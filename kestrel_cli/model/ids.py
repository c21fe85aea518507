"""22-character base-62 ids, as Kestra prints them."""

from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS: Final = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_FOUR: Final = 62**4
_MASK: Final = (1 << 128) - 1
# Odd multipliers: every step below is a bijection on 128 bits, so ids of one owner never collide.
_STRIDE: Final = 0x9E3779B97F4A7C15F39CC0605CEDC835
_STIR: Final = 0xDA942042E4DD58B5A0761D6478BD642F


def base62(number: int) -> str:
    """A 128-bit number as 22 characters: zeros stay in front, so that all ids are equally long."""
    number, last = divmod(number, _FOUR)  # by four: what is left over is a small number of Python's
    number, fifth = divmod(number, _FOUR)
    number, fourth = divmod(number, _FOUR)
    number, third = divmod(number, _FOUR)
    first, second = divmod(number, _FOUR)
    pairs = _PAIRS
    return (
        f"{pairs[first]}{pairs[second // 3844]}{pairs[second % 3844]}"
        f"{pairs[third // 3844]}{pairs[third % 3844]}{pairs[fourth // 3844]}{pairs[fourth % 3844]}"
        f"{pairs[fifth // 3844]}{pairs[fifth % 3844]}{pairs[last // 3844]}{pairs[last % 3844]}"
    )


def number_of(text: str) -> int:
    """The number a base-62 text stands for; other characters count as zero."""
    number = 0
    for character in text:
        number = number * 62 + max(_ALPHABET.find(character), 0)
    return number & _MASK


def derived_id(owner: int, number: int) -> str:
    """The id of the `number`-th thing of `owner`: no random source, the same on every replay."""
    mixed = (owner + (number + 1) * _STRIDE) & _MASK
    mixed ^= mixed >> 64
    mixed = (mixed * _STIR) & _MASK
    return base62(mixed ^ (mixed >> 61))
