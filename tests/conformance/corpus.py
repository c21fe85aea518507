"""How many real flows validate, and how many of these the command `kestrel rehearse` walks.

As a program: `python tests/conformance/corpus.py DIR... [--branches all]` looks at the flow files
below the directories: `.yaml` and `.yml` files that parse and have `id`, `namespace` and `tasks`,
but for those in folders named `invalids`, which are there to be refused. It prints one line for
each flow that does not validate or does not walk, with the reason, then `N of M validate (x %)` and
`N of M walk (y %)`, the second of those that validate.

A flow *walks* when `kestrel rehearse FLOW` finds nothing wrong with it. A flow that fails on
purpose by an unknown variable counts against Kestrel here, and so does one that the made-up world
does not fit.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import reader
from tests.support.cli import run_process

_KEYS = {"id", "namespace", "tasks"}
_REFUSED = "invalids"
_AT_ONCE = 100  # files that one command is given


def flow_files(folders: list[str]) -> Iterator[str]:
    """The files of well-formed flows, in fixed order."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in (".yaml", ".yml") and _REFUSED not in path.parts and _is_flow(path):
                yield str(path)


def _is_flow(path: Path) -> bool:
    try:
        root, _ = reader.read(path.read_bytes(), str(path))
    except FlowFileError:
        return False
    return isinstance(root.value, dict) and root.value.keys() >= _KEYS


def rehearsed(paths: list[str], *options: str) -> dict[str, Any]:
    """What the command says of the flows: `rehearsals` and `invalid`."""
    found: dict[str, Any] = {"rehearsals": [], "invalid": []}
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, len(paths), _AT_ONCE):
            some = [os.path.abspath(path) for path in paths[first : first + _AT_ONCE]]  # noqa: PTH100
            arguments = ["rehearse", *some, "-o", "json", *options]
            ended = run_process(arguments, Path(folder), {}, "")
            assert ended.code in (0, 1, 3), ended.err
            document = json.loads(ended.out)
            for name in found:
                found[name] += document[name]
    return found


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The report."""
    for one in found["invalid"]:
        yield f"{one['file']}: does not validate: {one['message']}"
    for one in found["rehearsals"]:
        wrong = [each for each in one["findings"] if each["severity"] == "error"]
        if wrong:
            said = "; ".join(f"{each.get('line', 0)}: {each['message']}" for each in wrong[:2])
            yield f"{one['file']}: does not walk: {' '.join(said.split())}"
    valid = len(found["rehearsals"])
    yield _share(valid, valid + len(found["invalid"]), "validate")
    yield _share(sum(one["walks"] for one in found["rehearsals"]), valid, "walk")


def _share(count: int, whole: int, what: str) -> str:
    return f"{count} of {whole} {what} ({100 * count / whole if whole else 0:.1f} %)"


def main(arguments: list[str]) -> int:
    """Report on the flows below the directories; 1 when there is none."""
    parser = argparse.ArgumentParser(prog="corpus.py")
    parser.add_argument("folders", metavar="DIR", nargs="+")
    parser.add_argument("--branches", default="first")
    options = parser.parse_args(arguments)
    paths = list(flow_files(options.folders))
    print("\n".join(lines(rehearsed(paths, "--branches", options.branches))))
    return 0 if paths else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
