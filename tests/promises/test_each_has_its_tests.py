"""Each promise of `kestrel help reliability` has a module of tests with its number."""

import re
from pathlib import Path

from tests.support.cli import ROOT

PROMISES = ROOT / "kestrel_cli" / "help" / "reliability.md"


def test_each_promise_has_a_module_with_its_number() -> None:
    promised = re.findall(r"(?m)^(\d+)\. ", PROMISES.read_text("utf-8"))
    modules = [path.name for path in Path(__file__).parent.glob("test_*.py")]
    tested = [found[1] for name in modules if (found := re.match(r"test_(\d+)_", name))]
    assert sorted(tested) == sorted(promised) == [str(number) for number in range(1, 10)]
