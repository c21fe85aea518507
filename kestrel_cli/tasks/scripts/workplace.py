"""Where a script works: its directory, a private one beside it, and variables that name them."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from kestrel_cli.tasks.base import RenderError, RunContext, TaskFailed
from kestrel_cli.tasks.files.globs import is_glob
from kestrel_cli.tasks.files.working_files import collect_folder, collect_output_files
from kestrel_cli.tasks.scripts.shell import Invocation, invocation, write_private

# An address within commands, as Kestra finds it.
_ADDRESS: Final = re.compile(r"(?:kestra|nsfile)://[-a-zA-Z0-9%._+~#=/]*")
_numbers: Final = count()
_UNSAFE: Final = re.compile(r"[^\w.-]", re.ASCII)


class Workplace:
    """One attempt's place. `ctx` renders with `workingDir`, `outputDir` and `outputFiles`.
    `contained` says that all that a script needs has to be in it: a container sees nothing else.
    """

    def __init__(self, ctx: RunContext, outputs: list[str], *, output_dir: bool):
        self.folder = ctx.files.folder()
        self.contained = False
        self._stack = ExitStack()
        self._own = ctx
        self.output_dir = self.folder / os.urandom(10).hex() if output_dir else None
        self.patterns = outputs
        variables: dict[str, Any] = {"workingDir": str(self.folder)}
        if self.output_dir is not None:
            self.output_dir.mkdir(mode=0o700)
            variables["outputDir"] = str(self.output_dir)
        if names := [name for name in outputs if not is_glob(name)]:
            variables["outputFiles"] = {name: str(self.folder / name) for name in names}
        self.ctx = ctx.with_variables(variables)
        self._local: dict[str, str] = {}
        self._scripts: list[Path] = []

    @cached_property
    def private(self) -> Path:
        """A folder for files of ours: the user's script does not find it when it looks around."""
        return self._stack.enter_context(self._own.files.scratch("script"))

    @property
    def shared(self) -> Path:
        """The same for what other attempts can use as well; most scripts need no other folder."""
        return self.private if self.contained else self._own.files.kept("scripts")

    def invocation(self, interpreter: Sequence[str], text: str) -> Invocation:
        """How to have the interpreter run the commands."""
        folder, name = self.shared, f"commands-{next(_numbers)}"
        self._scripts.append(folder / name)
        return invocation(interpreter, text, folder, name)

    @property
    def environ(self) -> dict[str, str]:
        """What a script finds in its environment about this place."""
        found = {"WORKING_DIR": str(self.folder)}
        if self.output_dir is not None:
            found["OUTPUT_DIR"] = str(self.output_dir)
        return found

    def text(self, value: object) -> str:
        """Render, and have addresses of files replaced by paths of copies."""
        return self.localized(self.ctx.text(value))

    def localized(self, text: str) -> str:
        """The text with paths in place of addresses; every file is copied once."""
        return _ADDRESS.sub(lambda found: self._copy(found.group()), text)

    def script(self, suffix: str, text: str) -> str:
        """A file with the text, in the working directory: there it finds what it imports."""
        place = self.folder / f"script-{os.urandom(6).hex()}{suffix}"
        self._scripts.append(place)  # first: an exception raised by a signal may come right after
        write_private(place, text)
        return place.as_posix()

    def tidy(self) -> None:
        """Take away our own files from the working directory."""
        while self._scripts:
            self._scripts[-1].unlink(missing_ok=True)
            self._scripts.pop()

    def close(self) -> None:
        """The attempt is over."""
        self.tidy()
        self._stack.close()

    def collect(self) -> dict[str, str]:
        """What is to be kept of the place: relative name -> address."""
        self.tidy()
        found: dict[str, str] = {}
        if self.output_dir is not None and self.output_dir.is_dir():
            found = collect_folder(self.ctx, self.output_dir, ["**"])
            # In a directory that is shared it would be in the way of those who come later.
            shutil.rmtree(self.output_dir, ignore_errors=True)
        return found | collect_output_files(self.ctx, self.patterns)

    def _copy(self, uri: str) -> str:
        if uri not in self._local:
            name = _UNSAFE.sub("_", PurePosixPath(unquote(uri)).name) or "file"
            place = self.private / "files" / str(len(self._local)) / name
            try:
                place.parent.mkdir(parents=True, mode=0o700)
                with self.ctx.files.open(uri) as source, place.open("xb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
            except OSError as error:
                raise TaskFailed(f"the file {uri!r} can't be copied: {error.strerror}") from None
            except RenderError as error:
                raise TaskFailed(str(error)) from error
            self._local[uri] = place.as_posix()
        return self._local[uri]


@contextmanager
def workplace(ctx: RunContext, outputs: list[str], *, output_dir: bool) -> Iterator[Workplace]:
    """A place that is gone when the block ends; the working directory itself stays as long as the
    attempt or its WorkingDirectory.
    """
    work = Workplace(ctx, outputs, output_dir=output_dir)
    try:
        yield work
    finally:
        work.close()
