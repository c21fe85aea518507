"""jq's mathematical builtins: those of C's library, on doubles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.values import described, is_number, normal

if TYPE_CHECKING:
    from collections.abc import Callable


def _double(value: object) -> float:
    if not is_number(value):
        raise JqError(f"{described(value)} number required")
    try:
        return float(value)  # type: ignore[arg-type]  # a number
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]  # the same


def _safe(function: Callable[..., float]) -> Callable[..., object]:
    """The function on doubles; where C gives NaN or infinity, so does this."""

    def call(*numbers: float) -> object:
        try:
            return normal(float(function(*numbers)))
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return call


def _unary(function: Callable[[float], float]) -> Callable[[object], object]:
    safe = _safe(function)
    return lambda value: safe(_double(value))


def _binary(function: Callable[[float, float], float]) -> Callable[..., object]:
    safe = _safe(function)
    return lambda _value, left, right: safe(_double(left), _double(right))


def _rounded(function: Callable[[float], int]) -> Callable[[object], object]:
    """Rounding keeps integers exact, however large."""

    def call(value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        number = _double(value)
        return function(number) if math.isfinite(number) else number

    return call


def _half_away(number: float) -> int:
    whole = math.floor(abs(number) + 0.5)
    return whole if number >= 0 else -whole


def _log(function: Callable[[float], float]) -> Callable[[float], float]:
    def call(number: float) -> float:
        return -math.inf if number == 0 else function(number)

    return call


def _significand(number: float) -> float:
    if number == 0 or not math.isfinite(number):
        return number
    mantissa, _ = math.frexp(number)
    return mantissa * 2


def _logb(number: float) -> float:
    if number == 0:
        return -math.inf
    return math.frexp(number)[1] - 1 if math.isfinite(number) else abs(number)


def _frexp(value: object) -> object:
    mantissa, exponent = math.frexp(_double(value))
    return [normal(mantissa), exponent]


def _modf(value: object) -> object:
    number = _double(value)
    if math.isinf(number):
        return [0, number]
    fraction, whole = math.modf(number)
    return [normal(fraction), normal(whole)]


def _ldexp(number: float, exponent: float) -> float:
    if not math.isfinite(exponent):
        return math.nan if exponent < 0 and math.isinf(number) else number * 2.0**exponent
    return math.ldexp(number, max(-5000, min(5000, int(exponent))))


def _gamma(number: float) -> float:
    return math.inf if number == 0 else math.gamma(number)


def _infinite(value: object) -> object:
    return math.isinf(_double(value))


def _nan(value: object) -> object:
    return math.isnan(_double(value))


def _isnormal(value: object) -> object:
    number = _double(value)
    return math.isfinite(number) and abs(number) >= 2.2250738585072014e-308


def _cbrt(number: float) -> float:
    return math.copysign(math.cbrt(abs(number)), number)


def _exp10(number: float) -> float:
    return math.pow(10.0, number)


def _isvalid(_value: object) -> object:
    return True


FUNCTIONS: Final[dict[tuple[str, int], Callable[..., object]]] = {
    **{
        (name, 0): _unary(getattr(math, name))
        for name in (
            "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
            "acosh", "atanh", "exp", "exp2", "expm1", "fabs", "lgamma",
        )
    },
    ("lgamma_r", 0): _unary(math.lgamma),
    ("gamma", 0): _unary(math.lgamma),
    ("tgamma", 0): _unary(_gamma),
    ("cbrt", 0): _unary(_cbrt),
    ("exp10", 0): _unary(_exp10),
    ("log", 0): _unary(_log(math.log)),
    ("log2", 0): _unary(_log(math.log2)),
    ("log10", 0): _unary(_log(math.log10)),
    ("log1p", 0): _unary(math.log1p),
    ("significand", 0): _unary(_significand),
    ("logb", 0): _unary(_logb),
    ("floor", 0): _rounded(math.floor),
    ("ceil", 0): _rounded(math.ceil),
    ("trunc", 0): _rounded(math.trunc),
    ("round", 0): _rounded(_half_away),
    ("rint", 0): _rounded(round),
    ("nearbyint", 0): _rounded(round),
    ("frexp", 0): _frexp,
    ("modf", 0): _modf,
    ("pow", 2): _binary(math.pow),
    ("atan2", 2): _binary(math.atan2),
    ("fmod", 2): _binary(math.fmod),
    ("fmin", 2): _binary(min),
    ("fmax", 2): _binary(max),
    ("hypot", 2): _binary(math.hypot),
    ("copysign", 2): _binary(math.copysign),
    ("drem", 2): _binary(math.remainder),
    ("remainder", 2): _binary(math.remainder),
    ("ldexp", 2): _binary(_ldexp),
    ("scalb", 2): _binary(_ldexp),
    ("scalbln", 2): _binary(_ldexp),
    ("nextafter", 2): _binary(math.nextafter),
    ("fma", 3): lambda _v, x, y, z: normal(_double(x) * _double(y) + _double(z)),
    ("infinite", 0): lambda _value: math.inf,
    ("nan", 0): lambda _value: math.nan,
    ("isinfinite", 0): _infinite,
    ("isnan", 0): _nan,
    ("isnormal", 0): _isnormal,
    ("isvalid", 0): _isvalid,
}  # fmt: skip
