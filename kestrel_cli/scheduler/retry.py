"""When a failed attempt is tried again (spec/engine.md 5). Pure arithmetic on microseconds."""

from kestrel_cli.model.execution import Attempt, Execution
from kestrel_cli.model.retry import Constant, Exponential, Random, Retry


def next_attempt_at(policy: Retry, attempts: list[Attempt], draw: float) -> int | None:
    """The moment of the next attempt, or None when the policy allows no more.

    `maxAttempts` counts the first attempt too; `maxDuration` runs from the first attempt's start.
    `draw` in [0, 1) decides a random delay.
    """
    made = len(attempts)
    if policy.maxAttempts is not None and made >= policy.maxAttempts:
        return None
    at = attempts[-1].history[-1][1] + _delay(policy, made, draw)
    if (
        policy.maxDuration is not None
        and at > attempts[0].history[0][1] + policy.maxDuration.micros
    ):
        return None
    return at


def next_execution_at(policy: Retry, execution: Execution, at: int, draw: float) -> int | None:
    """The moment of the execution that follows a failed one, or None (CREATE_NEW_EXECUTION): the
    limits count executions, from the creation of the first one.
    """
    made = execution.attempt_number
    if policy.maxAttempts is not None and made >= policy.maxAttempts:
        return None
    moment = at + _delay(policy, made, draw)
    first = execution.original_at or execution.created_at
    if policy.maxDuration is not None and moment > first + policy.maxDuration.micros:
        return None
    return moment


def _delay(policy: Retry, made: int, draw: float) -> int:
    match policy:
        case Constant():
            return policy.interval.micros
        case Exponential():
            most = policy.maxInterval.micros
            try:
                return min(int(policy.interval.micros * policy.delayFactor ** (made - 1)), most)
            except OverflowError:
                return most
        case Random():
            least = policy.minInterval.micros
            return least + int((policy.maxInterval.micros - least) * draw)


def warns(policy: Retry | None, attempts: list[Attempt]) -> bool:
    """Whether a success after retries counts as WARNING: from the third attempt on, as Kestra 1.3
    has
    it.
    """
    return policy is not None and policy.warningOnRetry and len(attempts) > 2
