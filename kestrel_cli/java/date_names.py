"""Names of months, days and zones, per language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from kestrel_cli.java.errors import JavaError


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one language; days start on Monday."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    zones: dict[str, str] = field(default_factory=dict)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENGLISH: Final = Names(
    _words("January February March April May June July August September October November December"),
    _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    _words("Mon Tue Wed Thu Fri Sat Sun"),
    {
        "UTC": "Coordinated Universal Time",
        "GMT": "Greenwich Mean Time",
        "BST": "British Summer Time",
        "WET": "Western European Standard Time",
        "WEST": "Western European Summer Time",
        "CET": "Central European Standard Time",
        "CEST": "Central European Summer Time",
        "EET": "Eastern European Standard Time",
        "EEST": "Eastern European Summer Time",
        "EST": "Eastern Standard Time",
        "EDT": "Eastern Daylight Time",
        "CST": "Central Standard Time",
        "CDT": "Central Daylight Time",
        "MST": "Mountain Standard Time",
        "MDT": "Mountain Daylight Time",
        "PST": "Pacific Standard Time",
        "PDT": "Pacific Daylight Time",
        "IST": "India Standard Time",
        "JST": "Japan Standard Time",
    },
)

_LANGUAGES: Final = {
    "en": _ENGLISH,
    "fr": Names(
        _words(
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
        ),
        _words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
        _words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
        _words("lun. mar. mer. jeu. ven. sam. dim."),
    ),
    "de": Names(
        _words(
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
        ),
        _words("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
        _words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
        _words("Mo. Di. Mi. Do. Fr. Sa. So."),
    ),
    "es": Names(
        _words(
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
            " diciembre"
        ),
        _words("ene feb mar abr may jun jul ago sept oct nov dic"),
        _words("lunes martes miércoles jueves viernes sábado domingo"),
        _words("lun mar mié jue vie sáb dom"),
    ),
    "it": Names(
        _words(
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
            " dicembre"
        ),
        _words("gen feb mar apr mag giu lug ago set ott nov dic"),
        _words("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
        _words("lun mar mer gio ven sab dom"),
    ),
}


def names_of(language: str | None) -> Names:
    """The names of a locale tag such as `fr` or `fr-FR`; JavaError for a language not known."""
    if language is None:
        return _ENGLISH
    names = _LANGUAGES.get(language.replace("_", "-").partition("-")[0].lower())
    if names is None:
        raise JavaError(
            f"the locale `{language}` is not supported",
            hint="locales: " + ", ".join(sorted(_LANGUAGES)),
        )
    return names
