"""Files of a branch elsewhere that become files of a namespace."""

from pathlib import Path

from kestrel_cli.tasks.base import RunContext, TaskFailed, parts_of
from kestrel_cli.tasks.files.places import read_below
from kestrel_cli.tasks.git.program import Git


def files_of(ctx: RunContext, git: Git, folder: Path, place: str) -> tuple[Path, list[str]]:
    """A folder of a clone, and the names of the files in it, without those that a `.kestraignore`
    there names. Links are left out.
    """
    base = folder.joinpath(*parts_of(place or "."))
    if not base.is_dir():
        ctx.log("WARN", f"the repository has no folder `{place}`")
        return base, []
    names = _listed(git, base)
    ignored = set(_listed(git, base, "--ignored", "--exclude-per-directory=.kestraignore"))
    kept = [name for name in names if name not in ignored]
    return base, [name for name in kept if _is_file(base / name)]


def copy(ctx: RunContext, base: Path, name: str, space: str, to: str) -> None:
    """Write a file of a clone into a namespace. Raises TaskFailed."""
    try:
        with read_below(base, name) as source:
            ctx.files.namespace(space).write(to, source)
    except OSError as error:
        raise TaskFailed(f"the file `{name}` can't be read: {error.strerror}") from None


def _listed(git: Git, base: Path, *options: str) -> list[str]:
    told = git.answer(base, "ls-files", "-z", "--cached", *options) or ""
    return [name for name in told.split("\0") if name]


def _is_file(place: Path) -> bool:
    return place.is_file() and not place.is_symlink()
