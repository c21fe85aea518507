"""Whom a Ctrl-C is for in `run --watch`: the run, or the waiting after it."""

import signal

import pytest

from kestrel_cli.cli.watch import _Signals


class Child:
    """A run that ends with a code."""

    def __init__(self, code: int) -> None:
        self.code = code

    def wait(self) -> int:
        return self.code

    def send_signal(self, number: int) -> None:
        """Told."""


@pytest.mark.parametrize(
    ("code", "times", "leaves"),
    [(0, 0, False), (130, 1, False), (-2, 1, False), (130, 2, True), (0, 1, True), (1, 1, True)],
)
def test_a_ctrl_c_that_ended_no_run_ends_the_watch(code: int, times: int, leaves: bool) -> None:
    signals = _Signals()
    signals.begin(Child(code))  # type: ignore[arg-type]  # it does what is asked of one
    for _ in range(times):
        signals._heard(signal.SIGINT, None)
    assert signals.end() == (130 if code == -2 else code)
    assert signals.leaves is leaves
