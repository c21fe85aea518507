"""Rows of the real engine that Kestrel is not held to, each by its name and with the reason.

`DIFFER` says which facts of a row may be others (`refused` stands for a flow that only one of the
two takes; no facts: the row does not count at all). All other facts of the row count.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Excuse(NamedTuple):
    """Why the facts of a row are not the same; without facts the whole row is left out."""

    reason: str
    facts: tuple[str, ...] = ()


_1_3: Final = "kestra-tests-kestra-1-3-"
_VALID: Final = f"{_1_3}flows-valids-"
_2_0: Final = "kestra-tests-kestra-2-0dev-"
_VALID_2: Final = f"{_2_0}flows-valids-"
_JAVA: Final = "docs-examples-java-kestra-1-3-io-kestra-plugin-core-"
_PAGES: Final = "docs-examples-pages-2024-04-docs-"

_CUT: Final = Excuse("the real engine was left while the flow ran; here its time limit ends it")
_TEMPLATE: Final = Excuse(
    "a Template is refused there when it is stored, and fails here when it runs", ("refused",)
)
_LOOP: Final = Excuse("Loop comes with Kestra 2.0; Kestrel runs it with any --compat", ("refused",))
_NOT_RUN: Final = Excuse("a type that Kestrel does not run, and says so", ("refused",))
_TODAY: Final = Excuse("prints the day of the run", ("run outputs", "log"))
_CLEAR: Final = Excuse("Kestrel hides secrets in outputs, too", ("run outputs", "log"))
_WORDS: Final = Excuse("the words of Kestrel's expressions, not those of Pebble", ("log",))
_RACE_OF_FILES: Final = Excuse(
    "there the results of the children may come before the list of files, which is then lost",
    ("run outputs",),
)
_RACE: Final = Excuse("results come in another order there, from run to run", ("order",))
_STILL_RUNNING: Final = Excuse(
    "the execution ends there while an attempt still runs, whose states are left as they are",
    ("run state", "run history", "run attempts", "run attemptHistories"),
)
_SPEED: Final = Excuse(
    "how many rounds there are until the time is over depends on the engine's speed",
    ("history", "run iteration", "run history", "run outputs", "log"),
)

DIFFER: Final[Mapping[str, Excuse]] = {
    # -- Kestrel's way stays
    f"{_1_3}flows-templates-with-failed-template": _TEMPLATE,
    f"{_PAGES}07-concepts-01-flowable-tasks-16": _TEMPLATE,
    **{
        f"{_VALID_2}{name}": _LOOP
        for name in (
            "loop-expression-context", "loop-flowable", "loop-map", "loop-nested", "loop-null",
            "loop-parallel-unlimited", "loop-pause", "loop-switch", "restart-loop",
        )
    },
    f"{_2_0}sanity-checks-ion-binary": _LOOP,
    f"{_VALID}purge-logs-no-arguments": _NOT_RUN,
    f"{_VALID_2}purge-logs-trigger-only": _NOT_RUN,
    f"{_VALID_2}purge-logs-with-batch-size": _NOT_RUN,
    f"{_JAVA}namespace-PurgeFiles-1": _NOT_RUN,
    f"{_JAVA}trigger-Toggle-1": _NOT_RUN,
    f"{_PAGES}08-developer-guide-01-storage-3": _NOT_RUN,
    f"{_JAVA}kv-GetKeys-1": Excuse(
        "Kestrel knows no namespaces that do not exist; it warns of one without flows",
        ("state", "history", "run state", "run history", "run attempts", "run attemptHistories",
         "run outputs", "log"),
    ),
    f"{_VALID}state": Excuse(
        "keys of the state of a loop end in a digest that is not Guava's", ("run outputs",)
    ),
    f"{_VALID}secrets": _CLEAR,
    f"{_PAGES}07-concepts-expression-02a-expression-types-4": _CLEAR,
    "sec": _CLEAR,
    "inputs": Excuse(
        "a DURATION stays text; the whole of the inputs stands in the order of their declaration",
        ("inputs", "run outputs", "log"),
    ),
    f"{_VALID}each-null": _WORDS,
    f"{_PAGES}07-concepts-expression-04-function-8": _WORDS,
    "runif-bad": _WORDS,
    "syntax": _WORDS,
    f"{_1_3}webserver-src-test-resources-flows-validate-invalidFlow1": Excuse(
        "an unknown property is refused: only the server's setting lets it pass there",
        ("refused",),
    ),
    # -- the day, the speed, what comes first
    f"{_PAGES}07-concepts-06-pebble-3": _TODAY,
    f"{_PAGES}12-migration-guide-recursive-rendering-1": _TODAY,
    f"{_VALID}waitfor-max-duration": _SPEED,
    f"{_VALID}waitfor-child-task-warning": _SPEED,
    f"{_VALID}sequential-sleep": _CUT,
    f"{_VALID_2}pause-kill-delay": _CUT,
    f"{_VALID}parallel-fail-with-flowable": _STILL_RUNNING,
    "par-fail-flat": _STILL_RUNNING,
    f"{_1_3}sanity-checks-for-each": _RACE,
    "foreach-conc": _RACE,
    "wd": _RACE_OF_FILES,
    "wd-1": _RACE_OF_FILES,
    f"{_VALID}retry-flowable-parallel": Excuse(
        "the children of the last try fail at once, and one before it was taken by a worker",
        ("history", "run history", "run attempts", "run attemptHistories"),
    ),
}  # fmt: skip
