"""Findings as SARIF 2.1.0, for code scanning."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final, NamedTuple
from urllib.parse import quote

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.version import __version__

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}


class Explained(NamedTuple):
    """What is known of a rule: its one line, and its page in Markdown."""

    summary: str
    page: str


def sarif(found: Sequence[Diagnostic], rules: Mapping[str, Explained]) -> str:
    """One document with one run: each rule that found something, and each finding."""
    codes = sorted({one.code for one in found})
    index = {code: number for number, code in enumerate(codes)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {
                "name": "kestrel",
                "semanticVersion": __version__,
                "rules": [_rule(code, rules.get(code)) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, index[one.code], seen) for one in found],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rule(code: str, explained: Explained | None) -> dict[str, object]:
    rule: dict[str, object] = {"id": code}
    if explained is not None:
        rule["shortDescription"] = {"text": explained.summary}
        text = f"`kestrel help {code}` explains it"
        rule["help"] = {"text": text, "markdown": explained.page}
    return rule


def _result(one: Diagnostic, index: int, seen: Counter[str]) -> dict[str, object]:
    text = f"{one.message}\nhint: {one.hint}" if one.hint else one.message
    place: dict[str, object] = {"artifactLocation": {"uri": _uri(one.where.file)}}
    if one.where.line:
        start = max(one.where.column, 1)
        place["region"] = {
            "startLine": one.where.line,
            "startColumn": start,
            "endColumn": start + max(one.length, 1),
        }
    key = f"{one.where.file}\n{one.code}\n{one.message}"
    seen[key] += 1
    return {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": _LEVELS[one.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {
            "kestrel/v1": hashlib.sha256(f"{key}\n{seen[key]}".encode()).hexdigest()
        },
    }


def _uri(file: str) -> str:
    if Path(file).is_absolute():
        return Path(file).as_uri()
    return quote(PurePath(file).as_posix(), errors="surrogateescape")
