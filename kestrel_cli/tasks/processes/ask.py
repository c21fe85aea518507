"""Asking a program something that it answers at once."""

import subprocess
from collections.abc import Mapping, Sequence

_PATIENCE = 20.0  # seconds


def ask(argv: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """What it prints, without blanks around; None when it fails, is missing or takes too long."""
    try:
        done = subprocess.run(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
