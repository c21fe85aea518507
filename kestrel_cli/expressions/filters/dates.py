"""Filters on points in time. They take the scope for its time zone. Null in, null out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kestrel_cli.expressions.dates import Moment
    from kestrel_cli.expressions.scope import Scope


def date(  # Kestra's arguments
    scope: Scope,
    value: object,
    format: object = None,  # the dialect's own name
    timeZone: object = None,
    existingFormat: object = None,
    locale: object = None,
) -> object:
    """The point in time as text, in a named format or a Java pattern, in `timeZone`."""
    if value is None:
        return None
    from kestrel_cli.expressions import dates

    zone = dates.zone_of(timeZone, scope.services.zone)
    return dates.formatted(dates.to_moment(value, zone, existingFormat), format, zone, locale)


def date_add(
    scope: Scope,
    value: object,
    amount: object,
    unit: object,
    format: object = None,  # the dialect's own name
    timeZone: object = None,
    existingFormat: object = None,
    locale: object = None,
) -> object:
    """The point in time moved by `amount` of a unit (`DAYS`, `HOURS`, ...), as text."""
    if value is None:
        return None
    from kestrel_cli.expressions import dates

    zone = dates.zone_of(timeZone, scope.services.zone)
    moved = dates.plus(dates.to_moment(value, zone, existingFormat), amount, unit)
    return dates.formatted(moved, format, zone, locale)


def timestamp(
    scope: Scope, value: object, timeZone: object = None, existingFormat: object = None
) -> object:
    """Seconds since 1970."""
    moment = _moment(scope, value, timeZone, existingFormat)
    return None if moment is None else moment.epoch_nanos() // 1_000_000_000


def timestamp_milli(
    scope: Scope, value: object, timeZone: object = None, existingFormat: object = None
) -> object:
    """Milliseconds since 1970."""
    moment = _moment(scope, value, timeZone, existingFormat)
    return None if moment is None else moment.epoch_nanos() // 1_000_000


def timestamp_micro(
    scope: Scope, value: object, timeZone: object = None, existingFormat: object = None
) -> object:
    """Microseconds since 1970."""
    moment = _moment(scope, value, timeZone, existingFormat)
    return None if moment is None else moment.epoch_nanos() // 1_000


def timestamp_nano(
    scope: Scope, value: object, timeZone: object = None, existingFormat: object = None
) -> object:
    """Nanoseconds since 1970."""
    moment = _moment(scope, value, timeZone, existingFormat)
    return None if moment is None else moment.epoch_nanos()


def _moment(scope: Scope, value: object, zone_name: object, existing: object) -> Moment | None:
    if value is None:
        return None
    from kestrel_cli.expressions import dates

    return dates.to_moment(value, dates.zone_of(zone_name, scope.services.zone), existing)
