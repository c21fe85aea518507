"""All functions, by the name templates use.

A function is a plain Python function whose parameters carry the dialect's argument names; a
parameter without a default is a required argument. Those in `SCOPED_FUNCTIONS` take the `Scope`
first. `block` and `parent` belong to the compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.functions import (
    clock,
    data,
    encryption,
    numbers,
    outside,
    random_values,
    rendering,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def _only_on_a_server(name: str) -> Callable[..., object]:
    def refuse(*_arguments: object) -> object:
        raise RenderError(f"the function `{name}` needs a Kestra server")

    return refuse


FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    "appLink": _only_on_a_server("appLink"),
    "credential": _only_on_a_server("credential"),
    "currentEachOutput": runs.current_each_output,
    "dayOfMonth": clock.day_of_month,
    "dayOfWeek": clock.day_of_week,
    "decrypt": encryption.decrypt,
    "encrypt": encryption.encrypt,
    "env": outside.env,
    "errorLogs": outside.error_logs,
    "fetchContext": rendering.print_context,
    "fileExists": outside.file_exists,
    "fileSize": outside.file_size,
    "fileURI": outside.file_uri,
    "fromIon": data.from_ion,
    "fromJson": data.from_json,
    "hourOfDay": clock.hour_of_day,
    "http": outside.http,
    "id": random_values.short_id,
    "isDateBetween": clock.is_date_between,
    "isDayWeekInMonth": clock.is_day_week_in_month,
    "isFileEmpty": outside.is_file_empty,
    "isLastWorkingDay": clock.is_last_working_day,
    "isPublicHoliday": clock.is_public_holiday,
    "isWeekend": clock.is_weekend,
    "iterationOutput": runs.iteration_output,
    "json": data.old_json,
    "ksuid": random_values.ksuid,
    "kv": outside.kv,
    "loopOutputs": runs.loop_outputs,
    "max": numbers.maximum,
    "min": numbers.minimum,
    "monthOfYear": clock.month_of_year,
    "nanoId": random_values.nano_id,
    "now": clock.now,
    "parentOutput": runs.parent_output,
    "printContext": rendering.print_context,
    "randomInt": random_values.random_int,
    "randomPort": random_values.random_port,
    "range": numbers.range_,
    "read": outside.read,
    "render": rendering.render,
    "renderOnce": rendering.render_once,
    "secret": outside.secret,
    "subflow": _only_on_a_server("subflow"),
    "tasksWithState": runs.tasks_with_state,
    "uuid": random_values.uuid,
    "yaml": data.yaml,
}

SCOPED_FUNCTIONS: Final[frozenset[str]] = frozenset(
    {
        "currentEachOutput", "env", "errorLogs", "fetchContext", "fileExists", "fileSize",
        "fileURI", "http", "id", "isFileEmpty", "iterationOutput", "ksuid", "kv", "nanoId", "now",
        "parentOutput", "printContext", "randomInt", "randomPort", "read", "render", "renderOnce",
        "secret", "tasksWithState", "uuid",
    }
)  # fmt: skip

# Take any number of positional arguments (`*arguments`).
VARIADIC_FUNCTIONS: Final[frozenset[str]] = frozenset(
    {"appLink", "credential", "max", "min", "subflow"}
)
