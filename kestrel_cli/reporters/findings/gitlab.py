"""Findings as GitLab's code quality report: `artifacts:reports:codequality`."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from kestrel_cli.diagnostic import Diagnostic

_SEVERITIES: Final = {"error": "major", "warning": "minor", "info": "info"}


def code_quality(found: Sequence[Diagnostic]) -> str:
    """One JSON array. A fingerprint names a finding also when lines above it move."""
    seen: Counter[str] = Counter()
    issues = []
    for one in found:
        path = PurePath(one.where.file).as_posix()
        key = f"{path}\n{one.code}\n{one.message}"
        seen[key] += 1
        issues.append(
            {
                "description": f"{one.message} (hint: {one.hint})" if one.hint else one.message,
                "check_name": one.code,
                "fingerprint": hashlib.sha256(f"{key}\n{seen[key]}".encode()).hexdigest(),
                "severity": _SEVERITIES[one.severity],
                "location": {"path": path, "lines": {"begin": max(one.where.line, 1)}},
            }
        )
    return json.dumps(issues, indent=2, ensure_ascii=False)
