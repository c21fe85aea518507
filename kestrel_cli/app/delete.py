"""Taking away executions that the user names."""

from collections.abc import Iterator, Sequence

from kestrel_cli.app.history import Environ, path_of, state_folder, still_running, summary_of
from kestrel_cli.app.prune import Removed, remove, size_of, stored_folders
from kestrel_cli.errors import CannotStart


def delete(
    names: Sequence[str], state_dir: str | None, environ: Environ, *, dry: bool = False
) -> Iterator[Removed]:
    """Take these executions away with their files, whatever has become of them; when it is `dry`,
    only tell of them.

    All are looked for first: nothing is taken away when one is not there (NothingMatched), is
    running (UsageError), or has a journal that can't be read (CannotStart), for nobody knows what
    would be lost with that.
    """
    state = state_folder(state_dir, environ)
    found = {}
    for path in dict.fromkeys(path_of(name, state_dir, environ) for name in names):
        summary = summary_of(path)
        if summary is None:
            raise CannotStart(
                f"the journal {path} can't be read: remove its folder by hand if you want to"
            )
        if summary.state == "RUNNING":
            raise still_running(summary.id)
        found[path] = summary
    for path, summary in found.items():
        folders = [path.parent, *stored_folders(state, path)]
        size = sum(size_of(folder) for folder in folders)
        if not (dry or remove(path, folders)):
            raise still_running(summary.id)  # somebody has begun to work on it
        yield Removed(summary, size)
