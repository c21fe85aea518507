"""When a failed attempt is tried again. Pure arithmetic on microseconds.

An attempt that was lost with its process is none of the policy's: it is made again, and neither
`maxAttempts` nor `maxDuration` counts it (Kestra sends such work out once more, too).
"""

from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.retry import Constant, Exponential, Random, Retry


def next_attempt_at(policy: Retry, attempts: list[Attempt], draw: float) -> int | None:
    """The moment of the next attempt, or None when the policy allows no more.

    `maxAttempts` counts the first attempt too; `maxDuration` runs from the first attempt's start,
    and stands still while one that is lost goes on. `draw` in [0, 1) decides a random delay.
    """
    made = sum(not one.lost for one in attempts)
    if policy.maxAttempts is not None and made >= policy.maxAttempts:
        return None
    at = attempts[-1].history[-1][1] + _delay(policy, made, draw)
    if (
        policy.maxDuration is not None
        and at > attempts[0].history[0][1] + _lost(attempts) + policy.maxDuration.micros
    ):
        return None
    return at


def _lost(attempts: list[Attempt]) -> int:
    """The time that went by with attempts that were lost."""
    return sum(one.history[-1][1] - one.history[0][1] for one in attempts if one.lost)


def next_execution_at(policy: Retry, made: int, since: int, at: int, draw: float) -> int | None:
    """The moment of the execution that follows a failed one, or None (CREATE_NEW_EXECUTION): the
    limits count executions, `made` so far, from the creation of the first one, `since`.
    """
    if policy.maxAttempts is not None and made >= policy.maxAttempts:
        return None
    moment = at + _delay(policy, made, draw)
    if policy.maxDuration is not None and moment > since + policy.maxDuration.micros:
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
    """Whether a success after retries counts as WARNING: from the third attempt on (Kestra 1.3)."""
    if policy is None or not policy.warningOnRetry:
        return False
    return sum(not one.lost for one in attempts) > 2
