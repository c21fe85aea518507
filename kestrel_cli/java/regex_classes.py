"""What Java's escapes and named character classes are in the language of Python's `re`."""

from __future__ import annotations

from typing import Final

# What stands between the brackets of a class. Without UNICODE_CHARACTER_CLASS Java's are ASCII.
_PUNCTUATION: Final = (
    "!-#%-*,-/:;?@\\[-\\]_{}\\xa1\\xa7\\xab\\xb6\\xb7\\xbb\\xbf\\u2010-\\u2027\\u2030-\\u205e"
)
CLASSES: Final = {
    "Lower": "a-z", "Upper": "A-Z", "ASCII": "\\x00-\\x7f", "Alpha": "a-zA-Z", "Digit": "0-9",
    "Alnum": "a-zA-Z0-9", "Punct": "!-/:-@\\[-`{-~", "Graph": "!-~", "Print": " -~",
    "Blank": " \\t", "Cntrl": "\\x00-\\x1f\\x7f", "XDigit": "0-9a-fA-F",
    "Space": " \\t\\n\\x0b\\f\\r", "javaLowerCase": "a-zß-öø-ÿ", "javaUpperCase": "A-ZÀ-ÖØ-Þ",
    "javaWhitespace": " \\t\\n\\x0b\\f\\r\\x1c-\\x1f",
    "IsLatin": "a-zA-ZªºÀ-ÖØ-öø-ʸ", "InGreek": "Ͱ-Ͽ", "IsGreek": "Ͱ-Ͽ", "IsCyrillic": "Ѐ-ӿ",
    "IsAlphabetic": "^\\W\\d_", "L": "^\\W\\d_", "IsL": "^\\W\\d_", "IsLetter": "^\\W\\d_",
    "N": "\\d", "Nd": "\\d", "IsN": "\\d", "IsDigit": "\\d", "IsNd": "\\d",
    "Lu": "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚΑ-ΡΣ-ΫЀ-Я", "Ll": "a-zß-öø-ÿāăąćĉċčďđēĕėęěα-ωа-џ",
    "IsUppercase": "A-ZÀ-ÖØ-ÞΑ-ΡΣ-ΫЀ-Я", "IsLowercase": "a-zß-öø-ÿα-ωа-џ",
    "P": _PUNCTUATION, "IsPunctuation": _PUNCTUATION,
    "S": "$+<->^`|~\\xa2-\\xa9\\xac\\xae-\\xb1\\xb4\\xb8\\xd7\\xf7\\u20ac",
    "Z": "\\s\\u00a0",
    "Zs": " \\u00a0\\u2000-\\u200a\\u3000",
    "M": "\\u0300-\\u036f", "Mn": "\\u0300-\\u036f",
    "InCombiningDiacriticalMarks": "\\u0300-\\u036f",
    "C": "\\x00-\\x1f\\x7f-\\x9f", "Cc": "\\x00-\\x1f\\x7f-\\x9f", "IsWhite_Space": "\\s",
}  # fmt: skip

ESCAPES: Final = {
    "h": "[ \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]",
    "H": "[^ \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]",
    "v": "[\\n\\x0b\\f\\r\\x85\\u2028\\u2029]",
    "V": "[^\\n\\x0b\\f\\r\\x85\\u2028\\u2029]",
    "R": "(?:\\r\\n|[\\n\\x0b\\f\\r\\x85\\u2028\\u2029])",
    "z": "\\Z",
    "Z": "(?=\\r?\\n?\\Z)",
    "e": "\\x1b",
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[a-zA-Z0-9_]",
    "W": "[^a-zA-Z0-9_]",
    "s": "[ \\t\\n\\x0b\\f\\r]",
    "S": "[^ \\t\\n\\x0b\\f\\r]",
}
# The same inside a character class, where only these may stand.
INSIDE: Final = {
    "h": " \\t\\u00a0", "v": "\\n\\x0b\\f\\r", "e": "\\x1b", "d": "0-9", "w": "a-zA-Z0-9_",
    "s": " \\t\\n\\x0b\\f\\r", "D": "\\D", "W": "\\W", "S": "\\S",
}  # fmt: skip
