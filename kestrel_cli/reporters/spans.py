"""Lengths of time as people say them."""


def span_text(micros: int) -> str:
    """`<1ms`, `12ms`, `1.2s`, `5s`, `1m 3s`, `2h 5m`; never negative."""
    millis = micros // 1000
    if millis < 1:
        return "<1ms"
    if millis < 1000:
        return f"{millis}ms"
    tenths = (micros + 50_000) // 100_000
    if tenths < 600:
        whole, tenth = divmod(tenths, 10)
        return f"{whole}.{tenth}s" if tenth else f"{whole}s"
    minutes, seconds = divmod((micros + 500_000) // 1_000_000, 60)
    if minutes < 60:
        return f"{minutes}m {seconds}s" if seconds else f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}m" if minutes else f"{hours}h"
