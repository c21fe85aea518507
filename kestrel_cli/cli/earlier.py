"""`run --outputs-of`: which execution it is, told."""

import sys

from kestrel_cli.app.earlier import with_earlier
from kestrel_cli.app.request import RunRequest


def taking_over(asked: RunRequest, wanted: str, *, quiet: int) -> RunRequest:
    """The request with the outputs and inputs of an earlier execution. Raises KestrelError."""
    found = with_earlier(asked, wanted)
    if not quiet and found.earlier is not None:
        one = found.earlier
        sys.stderr.write(f"outputs of {one.name} ({one.state}) stand in for what is left out\n")
    return found
