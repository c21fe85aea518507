"""Long text at a terminal: page by page, in the user's own pager (`PAGER`), else in `less`."""

import os
import sys


def show(text: str, *, paged: bool) -> None:
    """Write text to stdout. `paged`: a person sits at a terminal."""
    if not paged:
        sys.stdout.write(text)
        return
    import pydoc

    # As git has it: colours are shown, and a text that fits on the screen stays on it.
    os.environ.setdefault("LESS", "FRX")
    sys.stdout.flush()
    pydoc.pager(text)
