"""Java's `String.format`: `%[argument$][flags][width][.precision]conversion`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Final

from kestrel_cli.java import limits
from kestrel_cli.java.classes import java_class
from kestrel_cli.java.errors import JavaError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPECIFIER: Final = re.compile(
    r"%(?:(?P<argument>\d+)\$)?(?P<flags>[-#+ 0,(<]*)(?P<width>[1-9]\d*)?(?:\.(?P<precision>\d+))?"
    r"(?P<conversion>[tT]?[a-zA-Z%])",
    re.ASCII,
)
_CONTEXT: Final = Context(prec=3000, rounding=ROUND_HALF_UP, Emax=999_999, Emin=-999_999)


@dataclass(frozen=True, slots=True)
class Specifier:
    """One `%...` of a format."""

    text: str
    flags: str
    width: int
    precision: int | None
    conversion: str


def string_format(
    template: str, arguments: Sequence[object], text_of: Callable[[object], str] = str
) -> str:
    """The template with its specifiers filled in; JavaError names the one that does not fit.

    `text_of` plays the part of `toString`: what `%s` writes for a value.
    """
    out: list[str] = []
    at = length = 0
    following = 0
    last = -1
    while (percent := template.find("%", at)) >= 0:
        found = _SPECIFIER.match(template, percent)
        if found is None:
            raise JavaError(f"UnknownFormatConversionException: Conversion = '{template[percent]}'")
        out.append(template[at:percent])
        at = found.end()
        specifier = _specifier(found)
        if specifier.conversion in ("n", "%"):
            text = "\n" if specifier.conversion == "n" else _padded("%", specifier)
        else:
            index, following = _argument_index(found, following, last)
            last = index
            if not 0 <= index < len(arguments):
                raise JavaError(f"MissingFormatArgumentException: Format specifier '{found[0]}'")
            text = _filled(specifier, arguments[index], text_of)
        length += len(text)
        limits.check_length(length, "the formatted text")
        out.append(text)
    return "".join(out) + template[at:]


def _specifier(found: re.Match[str]) -> Specifier:
    width, precision = found["width"] or "0", found["precision"]
    if len(width) > 9 or len(precision or "") > 9:
        raise limits.text_too_long("the formatted text")
    # Refused before the padding is made, not after.
    limits.check_length(int(width), "the formatted text")
    places = None if precision is None else int(precision)
    return Specifier(found[0], found["flags"], int(width), places, found["conversion"])


def _argument_index(found: re.Match[str], following: int, last: int) -> tuple[int, int]:
    """The index of the argument, and the index an ordinary specifier takes next."""
    if "<" in found["flags"]:
        return last, following
    if found["argument"] is not None:
        if len(found["argument"]) > 6:
            raise JavaError(f"MissingFormatArgumentException: Format specifier '{found[0]}'")
        return int(found["argument"]) - 1, following
    return following, following + 1


def _filled(specifier: Specifier, value: object, text_of: Callable[[object], str]) -> str:
    lower = specifier.conversion.lower()
    if lower == "s":
        value = None if value is None else text_of(value)
    convert = _CONVERSIONS.get(lower)
    if convert is None or (specifier.conversion.isupper() and lower in "dof"):
        raise JavaError(f"UnknownFormatConversionException: Conversion = '{specifier.conversion}'")
    if value is None and lower != "b":
        text = _padded(_cut("null", specifier), specifier)
    else:
        text = convert(specifier, value)
    return text.upper() if specifier.conversion.isupper() else text


def _cut(text: str, specifier: Specifier) -> str:
    return text if specifier.precision is None else text[: specifier.precision]


def _padded(text: str, specifier: Specifier) -> str:
    if "-" in specifier.flags:
        if not specifier.width:
            raise JavaError(f"MissingFormatWidthException: {specifier.text}")
        return text.ljust(specifier.width)
    return text.rjust(specifier.width)


def _string(specifier: Specifier, value: object) -> str:
    return _padded(_cut(str(value), specifier), specifier)


def _boolean(specifier: Specifier, value: object) -> str:
    truth = value if isinstance(value, bool) else value is not None
    return _padded(_cut("true" if truth else "false", specifier), specifier)


def _character(specifier: Specifier, value: object) -> str:
    if isinstance(value, str) and len(value) == 1:
        return _padded(value, specifier)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0x10FFFF:
        return _padded(chr(value), specifier)
    raise _mismatch(specifier, value)


def _hash(specifier: Specifier, value: object) -> str:
    """Java's hash code in hexadecimal, for texts; other values have none that means anything."""
    if not isinstance(value, str):
        raise _mismatch(specifier, value)
    code = 0
    for unit in memoryview(value.encode("utf-16-le", "surrogatepass")).cast("H"):
        code = (31 * code + unit) & 0xFFFFFFFF
    return _padded(f"{code:x}", specifier)


def _decimal(specifier: Specifier, value: object) -> str:
    number = _whole(specifier, value)
    digits = f"{abs(number):,d}" if "," in specifier.flags else str(abs(number))
    return _signed(digits, specifier, negative=number < 0)


def _radix(form: str, prefix: str) -> Callable[[Specifier, object], str]:
    def convert(specifier: Specifier, value: object) -> str:
        number = _whole(specifier, value)
        if number < 0:
            # Negative numbers show their two's complement, as wide as the smallest Java class.
            number += 2**32 if number >= -(2**31) else 2**64
        text = format(number, form)
        if "#" in specifier.flags:
            text = prefix + text
        return (
            text.rjust(specifier.width, "0") if "0" in specifier.flags else _padded(text, specifier)
        )

    return convert


def _whole(specifier: Specifier, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _mismatch(specifier, value)
    if specifier.precision is not None:
        raise JavaError(f"IllegalFormatPrecisionException: {specifier.precision}")
    return limits.check_integer(value)


def _fixed(specifier: Specifier, value: object) -> str:
    number = _real(specifier, value)
    if isinstance(number, float):
        return _special(specifier, number)
    places = _places(specifier)
    rounded = number.copy_abs().quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    digits = format(rounded, ",f" if "," in specifier.flags else "f")
    return _signed(digits, specifier, negative=number.is_signed())


def _scientific(specifier: Specifier, value: object) -> str:
    number = _real(specifier, value)
    if isinstance(number, float):
        return _special(specifier, number)
    places = _places(specifier)
    power = number.adjusted() if number else 0
    scaled = number.copy_abs().scaleb(-power, _CONTEXT)
    rounded = scaled.quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    if rounded >= 10:
        power += 1
        rounded = rounded.scaleb(-1).quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    digits = f"{rounded:f}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return _signed(digits, specifier, negative=number.is_signed())


def _general(specifier: Specifier, value: object) -> str:
    number = _real(specifier, value)
    if isinstance(number, float):
        return _special(specifier, number)
    precision = max(1, _places(specifier))
    size = number.copy_abs()
    if size and not (Decimal("1e-4") <= size < Decimal(10) ** precision):
        shorter = Specifier(specifier.text, specifier.flags, specifier.width, precision - 1, "e")
        return _scientific(shorter, value)
    places = max(0, precision - 1 - (size.adjusted() if size else 0))
    return _fixed(Specifier(specifier.text, specifier.flags, specifier.width, places, "f"), value)


def _places(specifier: Specifier) -> int:
    places = 6 if specifier.precision is None else specifier.precision
    if places > 1000:
        raise JavaError(f"the precision {places} is beyond the limit of 1000")
    return places


def _real(specifier: Specifier, value: object) -> Decimal | float:
    """The value in its shortest decimal form (Java rounds that); infinities and NaN as they are."""
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 1000:
        return value
    if not isinstance(value, float):
        raise _mismatch(specifier, value)
    if value != value or value in (float("inf"), -float("inf")):  # NaN
        return value
    return Decimal(repr(value))


def _special(specifier: Specifier, number: float) -> str:
    text = "NaN" if number != number else "Infinity"  # NaN
    flags = specifier.flags.replace("0", "").replace(",", "")
    plain = Specifier(specifier.text, flags, specifier.width, None, specifier.conversion)
    return _padded(text, plain) if text == "NaN" else _signed(text, plain, negative=number < 0)


def _signed(digits: str, specifier: Specifier, *, negative: bool) -> str:
    flags = specifier.flags
    if negative:
        before, after = ("(", ")") if "(" in flags else ("-", "")
    else:
        before, after = ("+" if "+" in flags else " " if " " in flags else ""), ""
    if "0" in flags:
        if not specifier.width:
            raise JavaError(f"MissingFormatWidthException: {specifier.text}")
        digits = digits.rjust(specifier.width - len(before) - len(after), "0")
    return _padded(before + digits + after, specifier)


def _mismatch(specifier: Specifier, value: object) -> JavaError:
    return JavaError(
        f"IllegalFormatConversionException: {specifier.conversion} != {java_class(value)}"
    )


_CONVERSIONS: Final[dict[str, Callable[[Specifier, object], str]]] = {
    "s": _string,
    "b": _boolean,
    "c": _character,
    "h": _hash,
    "d": _decimal,
    "x": _radix("x", "0x"),
    "o": _radix("o", "0"),
    "f": _fixed,
    "e": _scientific,
    "g": _general,
}
