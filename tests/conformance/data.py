"""Where the rows are: beside the repository, or where `$KESTREL_CONFORMANCE` says."""

import os
from pathlib import Path

FOLDER = Path(
    os.environ.get("KESTREL_CONFORMANCE", Path(__file__).parents[3] / "shared" / "conformance")
)
CORPUS = FOLDER.parent / "corpus"
MISSING = f"no conformance data in {FOLDER}"
