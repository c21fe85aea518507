"""Files of an earlier execution that a part run takes over.

They are linked into the storage of the new execution, and its outputs name them there: so they stay
when the earlier one is removed. A link costs nothing, and no file of storage is ever changed, only
replaced. An address within a longer text stays as it is, and is readable as long as the file is.
"""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kestrel_cli.app.history import state_folder
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import RenderError
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.file_names import slug
from kestrel_cli.model.masker import rebuilt
from kestrel_cli.store.directory import make_private
from kestrel_cli.store.files import STORAGE
from kestrel_cli.store.storage import SCHEME, Storage, name_of

_FOLDER: Final = "taken"
# The id of the execution, and what stands below its folder.
_PLACE: Final = re.compile(r".+/executions/([0-9A-Za-z]+)/(?:taken/)?(.+)")


def with_files(taken: dict[str, Any], birth: Birth, request: RunRequest) -> dict[str, Any]:
    """The outputs with addresses of the new execution for the files that they name. A file that is
    not there any more keeps its address: who reads it says so.
    """
    root = state_folder(request.state_dir, request.environ) / STORAGE
    storage, known = Storage(root), dict[str, str]()
    own = f"{birth.namespace.replace('.', '/')}/{slug(birth.flow_id)}/executions/{birth.id}"

    def leaf(value: Any) -> Any:
        if not isinstance(value, str) or not value.startswith(SCHEME):
            return value
        if value not in known:
            known[value] = _moved(value, storage, own)
        return known[value]

    found: dict[str, Any] = rebuilt(taken, leaf, lambda key: key)
    return found


def _moved(uri: str, storage: Storage, own: str) -> str:
    """The address of the file in the folder `own`."""
    try:
        source = storage.path(uri)
        place = _PLACE.fullmatch(name_of(uri))
    except RenderError:
        return uri
    if place is None or own.endswith(f"/{place[1]}"):  # of a seed: the same execution again
        return uri
    for name in (f"{_FOLDER}/{place[2]}", f"{_FOLDER}/{place[1]}/{place[2]}"):
        with suppress(OSError):
            if _linked(source, storage.root / own / name):
                return f"{SCHEME}{own}/{quote(name)}"
    return uri


def _linked(source: Path, target: Path) -> bool:
    """Whether the file is there under both names. Raises OSError."""
    make_private(target.parent)
    try:
        os.link(source, target)
    except FileExistsError:
        return target.samefile(source)
    except OSError:  # a file system without links
        if target.exists():
            return False
        shutil.copyfile(source, target)
    return True
