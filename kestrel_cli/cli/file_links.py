"""Links to the files of executions, on terminals that have them."""

import os
from pathlib import Path

from kestrel_cli.model.record import changed
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.hyperlinks import has_links


def with_links(style: Style, state_dir: str | None) -> Style:
    """The style, with links to stored files if the terminal shows them."""
    if not has_links(os.environ, person=style.person):
        return style

    def target(uri: str) -> str | None:
        from kestrel_cli.app.fetch import storage_root
        from kestrel_cli.errors import KestrelError
        from kestrel_cli.store.storage import Storage

        try:
            return link_to(Storage(storage_root(state_dir, os.environ)).path(uri))
        except (KestrelError, OSError, ValueError):  # it was removed again, or never was there
            return None

    return changed(style, links=target)


def link_to(path: Path) -> str:
    """The address of a file on this machine."""
    return path.absolute().as_uri()
