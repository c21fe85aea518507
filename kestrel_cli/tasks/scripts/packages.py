"""The `dependencies` of a Python script: installed once for each set, then found again.

As in Kestra they are installed into a folder of their own, which `PYTHONPATH` names. A folder in
the cache is complete: it is made elsewhere and moved to its place, so two runs at once do not see
each other's halves (the second one to finish uses what the first one made).
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from kestrel_cli.tasks.base import TaskFailed, record
from kestrel_cli.tasks.processes.ask import ask
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.tasks.scripts.workplace import Workplace

_UV: Final = ("pip", "install", "--quiet", "--python")
_PIP: Final = (
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--no-warn-script-location",
)
_IDENTITY: Final = "import sys; print(sys.implementation.cache_tag, sys.version, sys.platform)"


@record
class Wanted:
    """Packages for an interpreter. `manager` is UV or PIP: which one to try first."""

    python: str
    requirements: Sequence[str]
    cached: bool = True
    manager: str = "UV"


def installed(work: Workplace, wanted: Wanted, environ: Mapping[str, str]) -> Path:
    """The folder with the packages. Raises TaskFailed."""
    cache = _cache_folder(environ) if wanted.cached else None
    if cache is None:
        return _install(work, wanted, environ, work.private / "packages")
    key = _key(wanted, environ)
    place = cache / key
    if place.is_dir():
        work.ctx.log("DEBUG", f"Restoring python dependencies cache for key: {key}")
        return place
    draft = cache / f".{key}.{os.urandom(6).hex()}.part"
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        _install(work, wanted, environ, draft)
        with suppress(OSError):  # somebody else was quicker
            draft.rename(place)
        if place.is_dir():
            return place
    except OSError as error:
        work.ctx.log("WARN", f"the cache of python dependencies can't be used: {error.strerror}")
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _install(work, wanted, environ, work.private / "packages")


def _install(work: Workplace, wanted: Wanted, environ: Mapping[str, str], folder: Path) -> Path:
    ctx = work.ctx
    if ctx.about.offline and any(not _is_local(one) for one in wanted.requirements):
        names = ", ".join(wanted.requirements)
        raise TaskFailed(
            f"the dependencies {names} are not in the cache, and `--offline` installs none"
        )
    argv = [*_manager(wanted, environ), "--target", str(folder), *wanted.requirements]
    # The user's own settings of pip about where to install would contradict ours.
    around = {
        name: value for name, value in environ.items() if name not in ("PIP_TARGET", "PIP_USER")
    }
    command = Command(argv, work.folder, around, f"install {' '.join(wanted.requirements)}")
    if run_command(ctx, command, Feed(ctx, ("DEBUG", "ERROR"))):
        raise TaskFailed(
            f"the dependencies {', '.join(wanted.requirements)} can't be installed: see the log"
        )
    ctx.log("DEBUG", f"Installed dependencies: {', '.join(wanted.requirements)}")
    return folder


def _manager(wanted: Wanted, environ: Mapping[str, str]) -> list[str]:
    """The beginning of the command that installs. Raises TaskFailed when there is none."""
    uv = shutil.which("uv", path=environ.get("PATH"))
    if uv and wanted.manager == "UV":
        return [uv, *_UV, wanted.python]
    if ask([wanted.python, "-c", "import pip"], environ) is not None:
        return [wanted.python, *_PIP]
    if uv:
        return [uv, *_UV, wanted.python]
    raise TaskFailed(f"`dependencies` need uv, or pip for {wanted.python}: install one of them")


def _is_local(requirement: str) -> bool:
    return requirement.endswith(".whl") and Path(requirement).is_file()


def _key(wanted: Wanted, environ: Mapping[str, str]) -> str:
    identity = ask([wanted.python, "-c", _IDENTITY], environ) or wanted.python
    text = "\n".join([identity, *sorted(wanted.requirements)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Below the user's cache; None when the user has no home."""
    if base := environ.get("XDG_CACHE_HOME"):
        return Path(base) / "kestrel" / "python"
    if sys.platform == "win32" and (base := environ.get("LOCALAPPDATA")):
        return Path(base) / "kestrel" / "cache" / "python"
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111  Path.home() may raise
    if not home or home == "~":
        return None
    below = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path(home) / below / "kestrel" / "python"
