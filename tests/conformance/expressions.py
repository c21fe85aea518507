"""Rows of expression vectors against the real engine.

As a program: `python tests/conformance/expressions.py ROWS.jsonl` prints a line for each failing
row (id, expected, got), the skipped rows with their reasons, then `N passed, N failed, N skipped`.
The rows' keys are described beside the data.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[2]))

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render
from kestrel_cli.java.times import Instant

# Rows that are skipped by what they need, with the reason.
NEEDS = {
    "java-classname": "the Java class of a number does not exist here",
    "java-methods": "values have no Java methods here",
    "locale-data": "depends on the JDK's locale tables",
    "int64-overflow": "whole numbers do not overflow here",
    "java-int-vs-long": "there is one whole-number type here (a decided deviation)",
}
# Rows that are skipped by name.
NAMED: dict[str, str] = {
    "x1549": "an epoch number is a date whatever its Java type (a decided deviation)",
}


def value_of(raw: Any) -> Any:
    """Context values, the tagged ones made into dates and decimals."""
    if isinstance(raw, list):
        return [value_of(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    if len(raw) == 1:
        ((tag, text),) = raw.items()
        match tag:
            case "$instant" | "$date":
                return Instant.fromisoformat(text).astimezone(UTC)
            case "$zoned" | "$local":
                plain, _, zone = text.partition("[")
                moment = datetime.fromisoformat(plain)
                return moment.astimezone(ZoneInfo(zone[:-1])) if zone else moment
            case "$localdate":
                return date.fromisoformat(text)
            case "$decimal":
                return Decimal(text)
    return {key: value_of(item) for key, item in raw.items()}


def reason_to_skip(row: dict[str, Any]) -> str | None:
    """Why a row does not count, or None."""
    if row["id"] in NAMED:
        return NAMED[row["id"]]
    for need in str(row.get("needs", "")).split(","):
        if need.strip() in NEEDS:
            return NEEDS[need.strip()]
    return None


def check(row: dict[str, Any]) -> tuple[str, str] | None:
    """What was expected and what came instead, or None when the row holds."""
    compat2 = row.get("expect_compat_2")
    problem = _check(row, 1, row.get("expect"))
    if problem is None and compat2 is not None:
        return _check(row, 2, compat2)
    return problem


def _check(row: dict[str, Any], compat: int, expected: Any) -> tuple[str, str] | None:
    wanted = row.get("error")
    try:
        got = render(
            row["expr"],
            value_of(row["context"]),
            typed=row.get("mode") == "typed",
            recursive=row.get("recursive", False),
            compat=compat,
        )
    except RenderError as error:
        if wanted is not None and wanted in str(error):
            return None
        return (
            f"error {wanted!r}" if wanted is not None else repr(expected)
        ), f"error {str(error)!r}"
    if wanted is not None:
        return f"error {wanted!r}", repr(got)
    if type(got) is type(expected) and got == expected:
        return None
    if (
        row.get("mode") == "typed"
        and not isinstance(got, str)
        and got == expected
        and not isinstance(got, bool)
    ):
        return None
    return repr(expected), repr(got)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file."""
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def main(path: str) -> int:
    """Run every row of the file; 1 when one failed."""
    passed = failed = 0
    skipped: list[tuple[str, str]] = []
    for row in rows(Path(path)):
        if reason := reason_to_skip(row):
            skipped.append((row["id"], reason))
            continue
        try:
            problem = check(row)
        except Exception as error:
            problem = ("no other exception than RenderError", f"{type(error).__name__}: {error}")
        if problem is None:
            passed += 1
        else:
            failed += 1
            print(f"{row['id']}: {row['expr']!r}: expected {problem[0]}, got {problem[1]}")
    for name, reason in skipped:
        print(f"skipped {name}: {reason}")
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
