import pytest

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.retry import next_attempt_at, next_execution_at, warns
from tests.support.play import SECOND, chance, constant, exponential


def attempts(count, first=0, last=10 * SECOND):
    """`count` failed attempts; the first begins at `first`, the last ends at `last`."""
    made = [
        Attempt([(State.CREATED, first), (State.RUNNING, first), (State.FAILED, first + 1)])
        for _ in range(count)
    ]
    made[-1].history[-1] = (State.FAILED, last)
    return made


def delay(policy, made, draw=0.0):
    found = next_attempt_at(policy, attempts(made), draw)
    return None if found is None else (found - 10 * SECOND) / SECOND


@pytest.mark.parametrize("made", [1, 2, 7, 1000])
def test_a_constant_policy_always_waits_its_interval_after_the_last_attempts_end(made):
    assert delay(constant(2.5), made) == 2.5


@pytest.mark.parametrize(
    ("made", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (6, 10), (5000, 10)]
)
def test_an_exponential_policy_doubles_the_wait_up_to_its_longest(made, seconds):
    assert delay(exponential(1, 10), made) == seconds


@pytest.mark.parametrize(("made", "seconds"), [(1, 2), (2, 3), (3, 4.5), (4, 6.75)])
def test_an_exponential_policy_grows_by_its_own_factor(made, seconds):
    assert delay(exponential(2, 100, delayFactor=1.5), made) == seconds


@pytest.mark.parametrize("factor", [10.0**308, float("inf"), 1e200])
def test_a_factor_beyond_every_number_waits_the_longest(factor):
    assert delay(exponential(1, 60, delayFactor=factor), 3) == 60


def test_a_huge_factor_leaves_the_first_wait_alone():
    assert delay(exponential(1, 60, delayFactor=10.0**308), 1) == 1


@pytest.mark.parametrize(
    ("draw", "seconds"), [(0.0, 2), (0.5, 3), (0.25, 2.5), (0.999999, 3.999998)]
)
def test_a_random_policy_waits_between_its_bounds_as_luck_has_it(draw, seconds):
    assert delay(chance(2, 4), 1, draw) == seconds


def test_max_attempts_counts_the_first():
    policy = constant(1, maxAttempts=3)
    assert [delay(policy, made) for made in (1, 2, 3, 4)] == [1, 1, None, None]


def test_one_attempt_at_most_means_no_retry():
    assert delay(constant(1, maxAttempts=1), 1) is None


def test_without_limits_there_is_no_end():
    assert delay(constant(1), 1_000) == 1


@pytest.mark.parametrize(("limit", "again"), [(10.999, None), (11, 1), (12, 1)])
def test_max_duration_runs_from_the_first_attempts_start_to_the_next_one(limit, again):
    assert delay(constant(1, maxDuration=Duration(round(limit * 1e9))), 2) == again


def test_max_duration_counts_from_where_the_first_attempt_began():
    policy = constant(1, maxDuration=Duration(5_000_000_000))
    assert next_attempt_at(policy, attempts(2, first=7 * SECOND), 0.0) == 11 * SECOND


def test_the_first_limit_that_is_reached_ends_it():
    policy = constant(1, maxAttempts=9, maxDuration=Duration(1))
    assert delay(policy, 2) is None


def test_no_wait_at_all_tries_again_at_once():
    assert next_attempt_at(constant(0), attempts(1, last=123), 0.0) == 123


@pytest.mark.parametrize(("made", "warning"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_late_success_warns_from_the_third_attempt_on(made, warning):
    assert warns(constant(1, warningOnRetry=True), attempts(made)) is warning


def test_a_late_success_warns_only_when_asked_to():
    assert not warns(constant(1), attempts(5))
    assert not warns(None, attempts(5))


def lost(*places, count, last=10 * SECOND):
    """`count` attempts, those at these places lost, each of them after 3 seconds."""
    made = attempts(count, last=last)
    for place in places:
        made[place].lost = True
        made[place].history = [(State.CREATED, 0), (State.RUNNING, 0), (State.FAILED, 3 * SECOND)]
    return made


@pytest.mark.parametrize("places", [(0,), (0, 1)])
def test_an_attempt_that_was_lost_is_not_counted(places):
    policy = constant(1, maxAttempts=2)
    made = lost(*places, count=len(places) + 1)
    assert next_attempt_at(policy, made, 0.0) == 11 * SECOND
    assert next_attempt_at(policy, lost(*places, count=len(places) + 2), 0.0) is None


def test_an_attempt_that_was_lost_does_not_make_the_wait_longer():
    assert next_attempt_at(exponential(1, 100), lost(0, 1, count=3), 0.0) == 11 * SECOND


@pytest.mark.parametrize(("limit", "again"), [(7.999, None), (8, 11)])
def test_max_duration_stands_still_while_a_lost_attempt_goes_on(limit, again):
    policy = constant(1, maxDuration=Duration(round(limit * 1e9)))
    found = next_attempt_at(policy, lost(0, count=2), 0.0)
    assert found == (None if again is None else again * SECOND)


def test_a_success_after_attempts_that_were_lost_is_no_late_one():
    policy = constant(1, warningOnRetry=True)
    assert not warns(policy, lost(0, count=3))
    assert warns(policy, lost(0, count=4))


def test_executions_that_follow_wait_from_the_failure_on():
    assert next_execution_at(constant(2), 1, 0, 7 * SECOND, 0.0) == 9 * SECOND
    assert next_execution_at(exponential(1, 10), 3, 0, 7 * SECOND, 0.0) == 11 * SECOND
    assert next_execution_at(chance(2, 4), 1, 0, 7 * SECOND, 0.5) == 10 * SECOND


def test_executions_that_follow_are_counted_with_the_first():
    policy = constant(1, maxAttempts=3)
    made = [next_execution_at(policy, number, 0, 0, 0.0) for number in (1, 2, 3, 4)]
    assert made == [SECOND, SECOND, None, None]


@pytest.mark.parametrize(("at", "moment"), [(9, 10), (10, None)])
def test_executions_that_follow_have_to_begin_in_time(at, moment):
    policy = constant(1, maxDuration=Duration(7_000_000_000))
    found = next_execution_at(policy, 1, 3 * SECOND, at * SECOND, 0.0)
    assert found == (None if moment is None else moment * SECOND)
