"""Rules stand where the reader is: what the repository does not hold is not cited."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CITATION = re.compile(r"\bspec" + r"/\w")  # in two parts, so as not to find itself
TEXTS = frozenset((".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".sh", ".json"))


def test_no_specification_is_cited():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for folder in (ROOT / "kestrel_cli", ROOT / "tests")
        for path in sorted(folder.rglob("*"))
        if path.suffix in TEXTS and path.is_file()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if CITATION.search(line)
    ]
    assert not found, "write the rule itself there:\n" + "\n".join(found)
