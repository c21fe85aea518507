import time

from kestrel_cli.app.engine.clock import Clock


def test_it_tells_the_time_in_microseconds():
    before, now, after = time.time_ns() // 1000, Clock().now(), time.time_ns() // 1000
    assert before - 1000 <= now <= after + 1000


def test_it_never_goes_back():
    clock = Clock()
    moments = [clock.now() for _ in range(1000)]
    assert moments == sorted(moments)


def test_a_clock_that_is_set_back_changes_nothing(monkeypatch):
    clock = Clock()
    before = clock.now()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert clock.now() >= before
