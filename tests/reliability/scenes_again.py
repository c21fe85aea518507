"""Flows whose tasks, or whole executions, are tried again by a policy."""

from typing import Final

from tests.reliability.scene_tasks import CORE, give, log, tell, touch

_THIRD: Final = "exit {{ taskrun.attemptsCount < 2 ? 1 : 0 }}"
_FIRST_FAILS: Final = "exit {{ execution.id == execution.originalId ? 1 : 0 }}"


def _retry(how: str) -> str:
    return f"retry: {{{how}}}, "


TASK_RETRIES = f"""
tasks:
  - {touch("even", _THIRD, _retry("type: constant, interval: PT0.01S, maxAttempts: 3"))}
  - {
    touch(
        "growing",
        _THIRD,
        _retry(
            "type: exponential, interval: PT0.01S, maxInterval: PT0.02S, maxAttempts: 4, "
            "warningOnRetry: true"
        ),
    )
}
  - {
    touch(
        "in_vain",
        "exit 3",
        "allowFailure: true, " + _retry("type: constant, interval: PT0.01S, maxAttempts: 2"),
    )
}
  - {give("last", "{{ outputs.growing.exitCode }}")}
"""
FAILED_TASKS = f"""
retry: {{type: constant, interval: PT0.01S, maxAttempts: 3, behavior: RETRY_FAILED_TASK}}
tasks:
  - {touch("once")}
  - {touch("third", _THIRD)}
  - id: each
    type: {CORE}.flow.ForEach
    values: [x, y]
    tasks:
      - {touch("in", _THIRD)}
  - {log("last")}
"""
NEW_EXECUTIONS = f"""
retry: {{type: constant, interval: PT0.01S, maxAttempts: 3, behavior: CREATE_NEW_EXECUTION}}
tasks:
  - {touch("once")}
  - id: box
    type: {CORE}.flow.Sequential
    tasks:
      - {tell("fails", "{{ execution.id == execution.originalId ? 'a' : 'b' }}", _FIRST_FAILS)}
  - {touch("last")}
finally:
  - {touch("tidy")}
"""
NEVER_WELL = f"""
retry: {{type: constant, interval: PT0.01S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}}
tasks:
  - {touch("once")}
  - {touch("fails", "exit 4")}
errors:
  - {touch("sorry")}
"""
AGAIN: Final = {
    "task_retries": TASK_RETRIES,
    "failed_tasks": FAILED_TASKS,
    "new_executions": NEW_EXECUTIONS,
    "never_well": NEVER_WELL,
}
