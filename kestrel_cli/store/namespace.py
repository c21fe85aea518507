"""Namespace files: a namespace is a folder."""

import os
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.file_names import parts_of
from kestrel_cli.store.files import NoSuchFile, confine, open_confined
from kestrel_cli.store.storage import copy_into, files_below, whole_file

FOLDER: Final = "_files"


class NamespaceFolder:
    """The files of one namespace. Names that lead out of its folder raise RenderError. `drafts` is
    where files are written.
    """

    def __init__(self, namespace: str, base: Path, drafts: Path | None = None) -> None:
        self._namespace = namespace
        self._base = base
        self._drafts = drafts

    def names(self) -> list[str]:
        """Every regular file, sorted."""
        return files_below(self._base)

    def path(self, name: str) -> Path:
        """The place of a file that is there."""
        name = name.lstrip("/")
        os.close(open_confined(self._base, name)[0])
        return confine(self._base, name)

    def open(self, name: str) -> BinaryIO:
        """Read a file."""
        return os.fdopen(open_confined(self._base, name.lstrip("/"))[0], "rb")

    def write(self, name: str, source: BinaryIO | bytes) -> None:
        """Write a whole file, parents too."""
        with whole_file(confine(self._base, name.lstrip("/")), self._drafts) as stream:
            if isinstance(source, bytes):
                copy_into(stream, source)
            else:
                while chunk := source.read(1 << 20):
                    stream.write(chunk)

    def delete(self, name: str) -> bool:
        """Take a file or an empty folder away; whether it was there."""
        place = confine(self._base, name.lstrip("/"))
        try:
            if place.is_dir():
                place.rmdir()
            else:
                place.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise TaskFailed(f"{name!r} can't be deleted: {error.strerror}") from None
        return True

    def uri(self, name: str) -> str:
        """The file's address, there or not."""
        path = quote("/".join(parts_of(name.lstrip("/"))))
        return f"kestra:///{self._namespace.replace('.', '/')}/{FOLDER}/{path}"


__all__ = ["FOLDER", "NamespaceFolder", "NoSuchFile"]
