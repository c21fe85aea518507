"""What Python scripts need around them: the command `python`, the module `kestra`, packages."""

import os
import pkgutil
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from kestrel_cli.tasks.base import TaskFailed
from kestrel_cli.tasks.processes.ask import ask
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.tasks.scripts.needs import found_on
from kestrel_cli.tasks.scripts.shell import write_private
from kestrel_cli.tasks.scripts.workplace import Workplace

_INSTALLS: Final = re.compile(r"\bpip3?\s+install\b|\buv\s+pip\s+install\b")
_BESIDE: Final = "python"  # the folder that holds the module `kestra`


def child_file(name: str) -> str:
    """The text of a file that scripts import."""
    data = pkgutil.get_data("kestrel_cli.tasks.scripts", f"for_children/{name}")
    assert data is not None  # it is part of the package
    return data.decode("utf-8")


def with_kestra_module(work: Workplace, environ: Mapping[str, str]) -> dict[str, str]:
    """`PYTHONPATH` on which `import kestra` finds something, after all that the user has there."""
    folder = f"{work.shared}/{_BESIDE}"
    module = f"{folder}/kestra.py"
    if not os.access(module, os.F_OK):
        _put(Path(module), child_file("kestra.py.txt"))
    return {"PYTHONPATH": _path(environ.get("PYTHONPATH"), folder)}


def with_python_command(work: Workplace, environ: Mapping[str, str]) -> dict[str, str]:
    """`PATH` on which there is a `python` where the system has only `python3`."""
    path = environ.get("PATH", os.defpath)
    if sys.platform == "win32" or found_on("python", path):
        return {}
    found = found_on("python3", path)
    if found is None:
        return {}
    return {"PATH": _path(path, python_command(work, found))}


def python_command(work: Workplace, python: str) -> str:
    """A folder with a command `python` that runs this interpreter."""
    folder = work.shared / f"bin-{sha256(python.encode()).hexdigest()[:12]}"
    # Not a link: an interpreter finds its virtual environment by the path it is called with.
    if not (folder / "python").exists():
        _put(folder / "python", f'#!/bin/sh\nexec {shlex.quote(python)} "$@"\n', mode=0o700)
    return str(folder)


def _put(place: Path, text: str, mode: int = 0o600) -> None:
    """A file in a folder of its own, there as a whole or not at all: others may look for it."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    draft = place.with_name(f"{place.name}.{os.urandom(6).hex()}")
    write_private(draft, text)
    draft.chmod(mode)
    draft.replace(place)


def installs_packages(text: str) -> bool:
    """Whether commands install Python packages."""
    return _INSTALLS.search(text) is not None


def with_environment_of_its_own(work: Workplace, environ: Mapping[str, str]) -> dict[str, str]:
    """A virtual environment for one attempt, into which `pip install` installs: Kestra's container
    would keep it from the user's own packages, and so do we. What these have can be imported.
    """
    python = python_of(environ, None)
    folder = work.private / "venv"
    make = [python, "-m", "venv", "--system-site-packages", "--without-pip", str(folder)]
    command = Command(make, work.folder, environ, shlex.join(make))
    if run_command(work.ctx, command, Feed(work.ctx, ("DEBUG", "DEBUG"))):
        raise TaskFailed("the virtual environment can't be made: see the log at level DEBUG")
    inner = folder / ("Scripts" if sys.platform == "win32" else "bin")
    # A virtual environment within one sees what the system has, but not what the outer one has.
    outer = ask([python, "-c", "import site; print(*site.getsitepackages(), sep='\\n')"], environ)
    for place in [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")]:
        write_private(place / "kestrel_outer.pth", f"{outer or ''}\n")
    if sys.platform != "win32":
        _put_pip(inner, environ)
    return {"VIRTUAL_ENV": str(folder), "PATH": _path(str(inner), environ.get("PATH"))}


def _put_pip(inner: Path, environ: Mapping[str, str]) -> None:
    """A `pip` that installs here: the one that Python can import, else uv's."""
    python = shlex.quote(str(inner / "python"))
    uv = shutil.which("uv", path=environ.get("PATH"))
    other = f"exec {shlex.quote(uv)} pip" if uv else f"exec {python} -m pip"
    text = (
        f"#!/bin/sh\n{python} -c 'import pip' 2>/dev/null && exec {python} -m pip \"$@\"\n"
        f'{other} "$@"\n'
    )
    for name in ("pip", "pip3"):
        write_private(inner / name, text)
        (inner / name).chmod(0o700)


def python_of(environ: Mapping[str, str], version: str | None) -> str:
    """The interpreter that `python` means, or the one of a version. Raises TaskFailed."""
    path = environ.get("PATH")
    names = [f"python{version}"] if version else ["python", "python3"]
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    uv = shutil.which("uv", path=path) if version else None
    if uv and (found := ask([uv, "python", "find", str(version)], environ)):
        return found
    wanted = f"Python {version}" if version else "Python"
    raise TaskFailed(f"{wanted} was not found on the PATH: install it")


def _path(*parts: str | None) -> str:
    return os.pathsep.join(part for part in parts if part)
