"""Findings as JUnit XML: a test case for each file, which fails of what makes the command fail."""

from collections.abc import Collection, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.reporters.clean import clean

_NOUNS: Final = {"error": "error", "warning": "warning", "info": "note"}
_BEYOND: Final = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}  # prints nowhere, and is not XML


def junit(files: Sequence[str], found: Sequence[Diagnostic], failing: Collection[str]) -> str:
    """`failing` are the severities that fail a file; what else was found is its output."""
    of: dict[str, list[Diagnostic]] = {file: [] for file in files}
    for one in found:
        of.setdefault(one.where.file, []).append(one)
    failed = sum(any(one.severity in failing for one in inner) for inner in of.values())
    counts = f'tests="{len(of)}" failures="{failed}" errors="0" skipped="0"'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites {counts}>"]
    lines.append(f'  <testsuite name="kestrel validate" {counts} time="0">')
    for file, inner in of.items():
        lines += _case(file, inner, failing)
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"])


def _case(file: str, found: list[Diagnostic], failing: Collection[str]) -> list[str]:
    name = _attribute(file)
    begin = f'    <testcase classname="kestrel.validate" name={name} file={name} time="0"'
    bad = [one for one in found if one.severity in failing]
    rest = [one for one in found if one.severity not in failing]
    if not found:
        return [f"{begin}/>"]
    lines = [f"{begin}>"]
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        message = _attribute(bad[0].message + more)
        text = _text(bad)
        lines.append(
            f"      <failure type={_attribute(bad[0].code)} message={message}>{text}</failure>"
        )
    if rest:
        lines.append(f"      <system-out>{_text(rest)}</system-out>")
    return [*lines, "    </testcase>"]


def _text(found: list[Diagnostic]) -> str:
    lines = []
    for one in found:
        lines.append(f"{_NOUNS[one.severity]}: {one.message} [{one.code}]\n  {one.where}")
        if one.hint:
            lines.append(f"hint: {one.hint}")
    return escape(_legal("\n".join(lines)))


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    return clean(text).translate(_BEYOND)
