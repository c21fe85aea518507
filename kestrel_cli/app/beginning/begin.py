"""Writes the files of a beginning; what is there already stays as it is."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from kestrel_cli.app.beginning.ci import System, ci_file, root_of, system_of
from kestrel_cli.app.beginning.texts import FLOW, SECRETS, SETTINGS, SUITE

_FLOWS: Final = "flows"
_SECRETS: Final = "secrets.env"
_PRIVATE: Final = 0o600
_USUAL: Final = 0o666


class Wish(NamedTuple):
    """What to begin with; no system: the one that the project has."""

    folder: Path
    id: str = "hello"
    namespace: str = "company.team"
    ci: System | None = None


class Done(NamedTuple):
    """What became of a file: `wrote` it, `left` what was there, `added` a line to it."""

    path: Path
    how: Literal["wrote", "left", "added"]
    about: str
    for_ci: bool = False


def begin(wish: Wish) -> Iterator[Done]:
    """Write each file, and tell of it. Raises OSError."""
    folder = wish.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    flows = folder / _FLOWS
    yield _write(flows / f"{wish.id}.yaml", _filled(FLOW, wish), "a flow: input, loop, script")
    yield _write(flows / f"{wish.id}.test.yaml", _filled(SUITE, wish), "a unit test of it")
    # Git must not see the secrets at any moment.
    yield _ignored(folder / ".gitignore", [_SECRETS])
    yield _write(folder / _SECRETS, SECRETS, "secrets of this machine", mode=_PRIVATE)
    yield _write(folder / "kestrel.toml", _filled(SETTINGS, wish), "settings of the project")
    root = root_of(folder)
    file = ci_file(wish.ci or system_of(root), folder, root, _FLOWS)
    if file is not None:
        done = _write(file.path, file.text, "checks and tests the flows in CI")
        yield done._replace(for_ci=True)


def next_steps(wish: Wish) -> list[str]:
    """What to type now."""
    import shlex

    flow = f"{_FLOWS}/{wish.id}.yaml"
    here = wish.folder.absolute() == Path.cwd()
    return [
        *([] if here else [f"cd {shlex.quote(str(wish.folder))}"]),
        f"kestrel run {flow} --secrets-file {_SECRETS}",
        f"kestrel validate {flow}",
        f"kestrel test {_FLOWS}/",
    ]


def _filled(text: str, wish: Wish) -> str:
    for name, value in (("ID", wish.id), ("NAMESPACE", wish.namespace), ("FLOWS", _FLOWS)):
        text = text.replace(f"@{name}@", value)
    return text


def _write(path: Path, text: str, about: str, mode: int = _USUAL) -> Done:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return Done(path, "left", "it is there already")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return Done(path, "wrote", about)


def _ignored(path: Path, names: Sequence[str]) -> Done:
    """Add the names that a `.gitignore` lacks."""
    try:
        text = path.read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return _write(path, "".join(f"/{one}\n" for one in names), "keeps secrets out of git")
    there = {line.strip().lstrip("/") for line in text.splitlines()}
    missing = [one for one in names if one not in there]
    if not missing:
        return Done(path, "left", "it has the secrets already")
    end = "" if not text or text.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(end + "".join(f"/{one}\n" for one in missing))
    return Done(path, "added", ", ".join(missing))
