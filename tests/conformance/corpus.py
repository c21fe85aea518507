"""How many real flows validate, and how many of these run to their end.

As a program: `python tests/conformance/corpus.py DIR... [--jobs N]` looks at the flow files below
the directories: `.yaml` and `.yml` files that parse and have `id`, `namespace` and `tasks`, but for
those in folders named `invalids`, which are there to be refused. It prints one line for each flow
that does not validate or does not run, with the reason, then `N of M validate (x %)` and `N of M
run (y %)`, the second of those that validate.

A flow *validates* when it loads without an error. It *runs* when its execution, or the attempt to
create one, comes to an end that the flow itself decides:

- SUCCESS, WARNING or CANCELLED;
- FAILED or KILLED when every task run that failed on its own is a Fail, Exit or Assert, or a loop
  that reached the limit it sets itself; also below a Subflow;
- it is not begun because it is `disabled` or one of its `checks` blocks it.

Everything else does not run: an input that is refused, an expression or a task that fails, a run
that is left PAUSED or is not at its end within five seconds. So a flow that fails on purpose by an
unknown variable counts against Kestrel, and so does one that the made-up world does not fit.

That world: types that Kestrel does not run are mocked (`--mock-unsupported`), and so is every task
that waits for something outside (scripts, requests, databases, mail, Sleep); the mocks have the
outputs that the flow's expressions read, made up from their names. Inputs without defaults are made
up by type, triggers, secrets, key-values, `envs`, `globals` and namespace files by what is read of
them; there is no network. Pauses are resumed at once, waits take no time. A flow that is called is
looked for below the directories, the nearest of its name; one that is not there is made up. Flows
run in processes beside this one: a flow that hangs or crashes is told, and the others go on.
"""

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

sys.path.insert(0, str(Path(__file__).parents[2]))

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import reader
from tests.conformance.trial import SECONDS, Corpus, Verdict, verdict

_KEYS = {"id", "namespace", "tasks"}
_REFUSED = "invalids"
_HANGS = 3 * SECONDS  # the run's own time limit ends it long before


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


def tried(paths: list[str], folders: list[str], jobs: int) -> list[Verdict]:
    """What comes of each flow, in the same order."""
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in range(len(paths)):
        waiting.put(number)
    found: list[Verdict] = [Verdict(False, False, "was not tried")] * len(paths)

    def work() -> None:
        worker = Worker(folders)
        while True:
            try:
                number = waiting.get_nowait()
            except Empty:
                break
            found[number] = worker.verdict(paths[number])
        worker.close()

    threads = [Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class Worker:
    """A process that tries one flow after the other; it is replaced when it hangs or crashes."""

    def __init__(self, folders: list[str]) -> None:
        self._folders = folders
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._folders), daemon=True)
        self._process.start()
        theirs.close()

    def verdict(self, path: str) -> Verdict:
        """What comes of the flow."""
        try:
            self._pipe.send(path)
            if self._pipe.poll(_HANGS):
                return Verdict(*self._pipe.recv())
            reason = f"hangs: no answer within {_HANGS:.0f} s"
        except (EOFError, OSError):
            self._process.join(1)
            reason = f"crashes the process: exit code {self._process.exitcode}"
        self.close()
        self._begin()
        return Verdict(True, False, reason)

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection, folders: list[str]) -> None:
    """The life of a worker: paths come, verdicts go. What is printed meanwhile is dropped."""
    import pytest

    from tests.support.quick_time import skip_waits

    skip_waits(pytest.MonkeyPatch())
    corpus = Corpus(folders)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123  open until it ends
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        try:
            came = verdict(path, corpus)
        except Exception as error:
            came = Verdict(True, False, f"a bug: {type(error).__name__}: {error}")
        pipe.send(tuple(came))


def lines(paths: list[str], found: list[Verdict]) -> Iterator[str]:
    """The report."""
    for path, one in zip(paths, found, strict=True):
        if one.reason:
            what = "does not run" if one.valid else "does not validate"
            yield f"{path}: {what}: {' '.join(one.reason.split())}"
    valid = sum(one.valid for one in found)
    yield _share(valid, len(found), "validate")
    yield _share(sum(one.runs for one in found), valid, "run")


def _share(count: int, whole: int, what: str) -> str:
    return f"{count} of {whole} {what} ({100 * count / whole if whole else 0:.1f} %)"


def main(arguments: list[str]) -> int:
    """Report on the flows below the directories; 1 when there is none."""
    parser = argparse.ArgumentParser(prog="corpus.py")
    parser.add_argument("folders", metavar="DIR", nargs="+")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    paths = list(flow_files(options.folders))
    print("\n".join(lines(paths, tried(paths, options.folders, options.jobs))))
    return 0 if paths else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
