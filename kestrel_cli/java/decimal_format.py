"""Java's DecimalFormat patterns with English symbols.

Rounding is half-even on the exact binary value, so `2.675` in `0.00` is `2.67`: the double is a
little less than 2.675.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Final

from kestrel_cli.java import limits
from kestrel_cli.java.errors import JavaError

_SPECIAL: Final = "0#.,"
_MAX_DIGITS: Final = 340
_EXACT: Final = Context(prec=6000, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A pattern taken apart. `least_*` counts the zeros, `most_fraction` zeros and hashes."""

    prefix: str
    suffix: str
    negative_prefix: str
    negative_suffix: str
    group: int
    least_whole: int
    most_whole: int
    least_fraction: int
    most_fraction: int
    exponent_digits: int
    power_of_ten: int
    point_always: bool


def format_number(value: int | float | Decimal, pattern: str) -> str:
    """The number in the pattern."""
    parts = pattern_parts(pattern)
    if isinstance(value, float) and value != value:  # only NaN differs from itself
        return "NaN"
    exact = Decimal(value)
    negative = exact.is_signed()
    if exact.is_infinite():
        return _signed(parts, "∞", negative=negative)
    if abs(exact.adjusted()) > limits.MAX_BITS:
        raise JavaError("the number is too large to be formatted")
    size = exact.copy_abs().scaleb(parts.power_of_ten, _EXACT)
    body = _scientific(size, parts) if parts.exponent_digits else _plain(size, parts)
    return _signed(parts, body, negative=negative and (bool(size) or isinstance(value, float)))


def _signed(parts: NumberPattern, body: str, *, negative: bool) -> str:
    if negative:
        return parts.negative_prefix + body + parts.negative_suffix
    return parts.prefix + body + parts.suffix


def _plain(size: Decimal, parts: NumberPattern) -> str:
    rounded = size.quantize(Decimal(1).scaleb(-parts.most_fraction), context=_EXACT)
    whole, _, fraction = format(rounded, "f").partition(".")
    whole = whole.lstrip("0").rjust(parts.least_whole, "0")
    fraction = _trimmed(fraction, parts.least_fraction)
    if not whole and not fraction:
        whole = "0"
    return _grouped(whole, parts.group) + _point(fraction, parts)


def _scientific(size: Decimal, parts: NumberPattern) -> str:
    exponent, least_whole = _exponent(size, parts)
    scaled = size.scaleb(-exponent, _EXACT)
    if parts.most_whole > parts.least_whole and parts.most_whole > 1:
        # With `##0.##E0` the digits left of the point use up places of the fraction.
        places = max(0, parts.least_whole + parts.most_fraction - _whole_digits(scaled))
    else:
        places = parts.most_fraction
    rounded = scaled.quantize(Decimal(1).scaleb(-places), context=_EXACT)
    if rounded and _whole_digits(rounded) > max(_whole_digits(scaled), 1):
        # 9.99 became 10.0: the exponent takes the carry.
        return _scientific(rounded.scaleb(exponent, _EXACT), parts)
    whole, _, fraction = format(rounded, "f").partition(".")
    whole = whole.lstrip("0").rjust(least_whole, "0")
    fraction = _trimmed(fraction, parts.least_fraction)
    power = f"{abs(exponent):0{parts.exponent_digits}d}"
    return f"{whole}{_point(fraction, parts)}E{'-' if exponent < 0 else ''}{power}"


def _exponent(size: Decimal, parts: NumberPattern) -> tuple[int, int]:
    """The power of ten to write, and how many digits stand before the point at least."""
    adjusted = size.adjusted() if size else 0
    if parts.most_whole > parts.least_whole and parts.most_whole > 1:
        # Engineering notation: the exponent is a multiple of the digits before the point.
        step = parts.most_whole
        return adjusted // step * step if size else 0, 1
    if parts.least_whole == 0:
        return (adjusted + 1 if size else 0), 0
    return (adjusted - (parts.least_whole - 1) if size else 0), parts.least_whole


def _whole_digits(size: Decimal) -> int:
    return max(size.adjusted() + 1, 0) if size else 1


def _trimmed(fraction: str, least: int) -> str:
    kept = fraction.rstrip("0")
    return kept if len(kept) >= least else fraction[:least].ljust(least, "0")


def _point(fraction: str, parts: NumberPattern) -> str:
    return "." + fraction if fraction or parts.point_always else ""


def _grouped(whole: str, group: int) -> str:
    if not group or len(whole) <= group:
        return whole
    first = len(whole) % group
    pieces = [whole[at : at + group] for at in range(first, len(whole), group)]
    return ",".join(([whole[:first]] if first else []) + pieces)


@lru_cache(maxsize=128)
def pattern_parts(pattern: str) -> NumberPattern:
    """The pattern taken apart; JavaError when it is none."""
    if len(pattern) > 1000:
        raise JavaError("a number pattern is longer than 1000 characters")
    if not pattern:
        return NumberPattern("", "", "-", "", 3, 1, _MAX_DIGITS, 0, _MAX_DIGITS, 0, 0, False)
    positive, negative = _halves(pattern)
    prefix, body, suffix, power = _affixes(positive, pattern)
    negative_prefix, negative_suffix = "-" + prefix, suffix
    if negative is not None:
        negative_prefix, _, negative_suffix, _ = _affixes(negative, pattern)
        if (negative_prefix, negative_suffix) == (prefix, suffix):
            negative_prefix = "-" + prefix
    return _with_digits(body, pattern, (prefix, suffix, negative_prefix, negative_suffix), power)


def _halves(pattern: str) -> tuple[str, str | None]:
    quoted = False
    for at, char in enumerate(pattern):
        if char == "'":
            quoted = not quoted
        elif char == ";" and not quoted:
            return pattern[:at], pattern[at + 1 :]
    return pattern, None


def _affixes(part: str, pattern: str) -> tuple[str, str, str, int]:
    """Text before the digits, the digits, text after them, and the power of ten `%` or `‰` adds."""
    prefix, at, power = _affix(part, 0)
    start = at
    while at < len(part) and part[at] in _SPECIAL:
        at += 1
    if part[at : at + 1] == "E" and part[at + 1 : at + 2] == "0":
        at += 1
        while part[at : at + 1] == "0":
            at += 1
    digits = part[start:at]
    suffix, end, more = _affix(part, at)
    if end < len(part) or not digits:
        raise JavaError(f'Malformed pattern "{pattern}"')
    return prefix, digits, suffix, power + more


def _affix(part: str, at: int) -> tuple[str, int, int]:
    text: list[str] = []
    power = 0
    while at < len(part) and part[at] not in _SPECIAL:
        char = part[at]
        if char == "'":
            literal, at = _quoted(part, at)
            text.append(literal)
            continue
        if char == "%":
            power += 2
        elif char == "‰":
            power += 3
        text.append("$" if char == "¤" else char)
        at += 1
    return "".join(text), at, power


def _quoted(part: str, at: int) -> tuple[str, int]:
    end = part.find("'", at + 1)
    if end == at + 1:
        return "'", at + 2
    return (part[at + 1 :], len(part)) if end < 0 else (part[at + 1 : end], end + 1)


def _with_digits(
    digits: str, pattern: str, affixes: tuple[str, str, str, str], power: int
) -> NumberPattern:
    mantissa, _, exponent = digits.partition("E")
    whole, point, fraction = mantissa.partition(".")
    group = len(whole) - whole.rindex(",") - 1 if "," in whole else 0
    places = whole.replace(",", "")
    malformed = (
        "." in fraction or "," in fraction or (whole.endswith(",") and not exponent)
        or places.lstrip("#").strip("0") or fraction.rstrip("#").strip("0")
        or (exponent and "," in whole)
    )  # fmt: skip
    if malformed:
        raise JavaError(f'Malformed pattern "{pattern}"')
    least_whole, least_fraction = places.count("0"), fraction.count("0")
    if point and not least_whole and not least_fraction:
        # `#.##` means `0.##` and `.##` means `.0#`: one digit has to stand somewhere.
        least_whole, least_fraction = (1, 0) if places else (0, min(1, len(fraction)))
    return NumberPattern(
        *affixes,
        group=group,
        least_whole=least_whole,
        most_whole=len(places),
        least_fraction=least_fraction,
        most_fraction=len(fraction),
        exponent_digits=len(exponent),
        power_of_ten=power,
        point_always=bool(point) and not fraction,
    )
