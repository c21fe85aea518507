"""What executions are born with, and the calls that ask for them, as maps of a journal line: the
fields that differ from what they are by default.
"""

from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.model.birth import Birth, Caller
from kestrel_cli.model.call import Call
from kestrel_cli.store.journal_checks import (
    Check,
    count,
    flag,
    maybe,
    moment,
    pairs,
    row,
    table,
    text,
    wrong,
)

Shown = Callable[[Any], Any]


def _caller(value: Any) -> Caller:
    execution, run, nth = row(value, 3)
    return Caller(count(execution), count(run), count(nth))


def _ordinal(value: Any) -> int:
    if count(value):
        return count(value)
    raise wrong("a number from 1 on", value)


# The name in the journal: the name of the field, what it has to be
_BIRTH: Final[dict[str, tuple[str, Check[Any]]]] = {
    "number": ("number", count),
    "id": ("id", text),
    "at": ("at", moment),
    "flow": ("flow", maybe(count)),
    "namespace": ("namespace", text),
    "flowId": ("flow_id", text),
    "file": ("file", text),
    "inputs": ("inputs", table),
    "labels": ("labels", pairs),
    "trigger": ("trigger", maybe(table)),
    "kind": ("kind", maybe(text)),
    "item": ("item", maybe(table)),
    "caller": ("caller", maybe(_caller)),
    "follows": ("follows", maybe(count)),
    "parentId": ("parent_id", maybe(text)),
    "originalId": ("original_id", maybe(text)),
    "originalAt": ("original_at", maybe(moment)),
    "attemptNumber": ("attempt_number", _ordinal),
    "given": ("given", table),
    "taken": ("taken", table),
}
_CALL: Final[dict[str, tuple[str, Check[Any]]]] = {
    "namespace": ("namespace", text),
    "flow": ("flow", text),
    "inputs": ("inputs", table),
    "labels": ("labels", pairs),
    "inheritLabels": ("inherit_labels", flag),
    "item": ("item", maybe(table)),
    "variables": ("variables", table),
}
_ALWAYS: Final = ("number", "id", "at")
_NOBODY: Final = Birth(-1, "", -1, None)
_NOTHING: Final = Call()
_SEALED: Final = frozenset({"inputs", "labels", "trigger", "item", "taken"})


def map_of_birth(birth: Birth, shown: Shown) -> dict[str, Any]:
    """The map of a birth; what its user or its caller gave as `shown` gives it."""
    found: dict[str, Any] = {}
    for name, (field, _) in _BIRTH.items():
        value = getattr(birth, field)
        if value != getattr(_NOBODY, field) or name in _ALWAYS:
            found[name] = shown(value) if name in _SEALED else value
    if birth.caller is not None:
        found["caller"] = [birth.caller.execution, birth.caller.run, birth.caller.nth]
    return found


def birth_of(value: Any) -> Birth:
    """The birth that a map tells of. Raises ValueError for anything else."""
    fields = _fields(value, _BIRTH)
    for name in _ALWAYS:
        if name not in fields:
            raise ValueError(f"an execution without `{name}`")
    fields.setdefault("flow", None)
    return Birth(**fields)


def map_of_call(call: Call, shown: Shown) -> dict[str, Any]:
    """The map of a call, all of it as `shown` gives it."""
    found: dict[str, Any] = {}
    for name, (field, _) in _CALL.items():
        value = getattr(call, field)
        if value != getattr(_NOTHING, field):
            found[name] = shown(value)
    return found


def call_of(value: Any) -> Call:
    """The call that a map tells of. Raises ValueError for anything else."""
    return Call(**_fields(value, _CALL))


def _fields(value: Any, known: dict[str, tuple[str, Check[Any]]]) -> dict[str, Any]:
    found = {}
    for name, content in table(value).items():
        if name not in known:
            raise ValueError("a field that is not known")
        field, check = known[name]
        try:
            found[field] = check(content)
        except ValueError as error:
            raise ValueError(f"`{name}`: {error}") from None
    return found
