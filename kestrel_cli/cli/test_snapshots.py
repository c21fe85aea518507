"""`kestrel test --snapshot`: which way snapshots are treated, and what is said of them."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from kestrel_cli.app.testing.run_suites import Chosen
from kestrel_cli.cli.test_output import Shown
from kestrel_cli.model.test_results import SuiteResult
from kestrel_cli.reporters.console import in_ci

_TOLD: Final = ("written", "updated", "missing", "differs", "not kept")


def way_of(environ: Mapping[str, str], *, snapshot: bool, update: bool) -> str | None:
    """How snapshots are treated, as `Setup` hands it on: None when nobody asked for any; in CI one
    that is missing is a failure.
    """
    if update:
        return "update"
    if not snapshot:
        return None
    return "strict" if in_ci(environ) else "keep"


def tell_of_snapshots(
    results: Sequence[SuiteResult], listed: Sequence[Chosen], shown: Shown, way: str | None
) -> None:
    """Say what was written, and which snapshots are of no case any more: an update removes them.
    Nothing when nobody asked for any (None).
    """
    if way is None:
        return
    from kestrel_cli.app.testing.snapshots import obsolete, removed

    counts = Counter(case.snapshot for suite in results for case in suite.cases)
    parts = [f"{counts[one]} {one}" for one in _TOLD if counts[one]]
    left = obsolete([one.collected for one in listed])
    if left and way == "update":
        removed(left)
        parts.append(f"{len(left)} obsolete removed")
    elif left:
        parts.append(f"{len(left)} obsolete")
    if not parts or shown.quiet > 1:
        return
    shown.lines([[("dim", f"snapshots: {', '.join(parts)}")]])
    if left and way != "update":
        names = [os.fspath(one) for one in left[:5]] + ["..."] * (len(left) > 5)
        shown.lines([[("dim", f"  {one}")] for one in names])
        shown.lines([[("dim", "  `kestrel test --snapshot --update` removes them")]])
