"""Assertions about an execution that has ended.

As in Kestra all is text: `value` and what an operator says are rendered to texts, and these are
compared. Numbers are compared as doubles, `in` and `notIn` look for the text in a list of texts.
What can't be rendered, or is no number where one is needed, is an error and not a failed assertion.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.hints import hint_for
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.template import render_text, render_value
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.suite import Assertion
from kestrel_cli.model.test_results import AssertionResult, CaseError

_TRUE: Final = "true"


class _NotEvaluated(Exception):
    """An operator that can't be told."""


def judge(assertion: Assertion, scope: RunScope) -> tuple[list[AssertionResult], list[CaseError]]:
    """What each operator of an assertion says, in Kestra's order. The operators before the one that
    can't be evaluated have their results.
    """
    found: list[AssertionResult] = []
    try:
        for one in _Judging(assertion, scope).results():  # those before an error count
            found.append(one)  # noqa: PERF402
    except RenderError as error:
        if isinstance(error, MissingValue) and error.hint is None:
            error.hint = hint_for(error, scope)
        return found, [_error(assertion, str(error), error.hint)]
    except _NotEvaluated as error:
        return found, [_error(assertion, str(error), None)]
    if not found:
        return found, [CaseError("no assertions found", where=assertion.where)]
    return found, []


def _error(assertion: Assertion, why: str, hint: str | None) -> CaseError:
    shown = json.dumps(dict(_said(assertion)), ensure_ascii=False, separators=(",", ":"))
    message = f"Could not evaluate assertion: `{shown}`"
    return CaseError(message, f"error was: {why}", hint, assertion.where)


def _said(assertion: Assertion) -> Iterator[tuple[str, str]]:
    for name in ("value", "taskId", "errorMessage", "description"):
        if (text := getattr(assertion, name)) is not None:
            yield name, assertion.texts.get(name, str(text))
    yield from ((name, text) for name, text in assertion.texts.items() if name != "value")


class _Judging:
    """One assertion, while it is looked at."""

    def __init__(self, assertion: Assertion, scope: RunScope) -> None:
        self._assertion = assertion
        self._scope = scope
        self._query = assertion.texts["value"]
        self._actual = self._text(self._query)
        self._message = self._optional(assertion.errorMessage)
        self._description = self._optional(assertion.description)

    def _text(self, template: str) -> str:
        return render_text(template, self._scope, self._scope.around.compat)

    def _optional(self, template: str | None) -> str | None:
        return None if template is None else self._text(template)

    def results(self) -> Iterator[AssertionResult]:
        """One for each operator that is said."""
        for name, template in self._assertion.texts.items():
            if name != "value":
                yield from self._of(name, template)

    def _of(self, name: str, template: str) -> Iterator[AssertionResult]:
        said = self._text(template)
        if name in ("isNull", "isNotNull"):
            yield self._null(name, said)
        elif name in _NUMBERS:
            yield self._number(name, said)
        elif name in ("in", "notIn"):
            listed = _list(said)
            if listed:
                holds = (self._actual in listed) is (name == "in")
                verb = "contain" if name == "in" else "not contain"
                yield self._result(name, listed, holds, f"to {verb}", _list_text(listed))
        else:
            verb, compare, tells_actual = _TEXTS[name]
            holds = compare(self._actual, said)
            yield self._result(name, said, holds, verb, said, tells_actual=tells_actual)

    def _null(self, name: str, said: str) -> AssertionResult:
        wants_null = _is_true(name, said) is (name == "isNull")
        # A rendered text is never null.
        message = f"expected '{self._query}' to be null but was '{self._actual}'"
        found = self._result(name, name, not wants_null, "", "", message=message)
        if wants_null and not self._actual:
            found.note = "Kestra renders `value` to a text: an empty one is not null"
        return found

    def _number(self, name: str, said: str) -> AssertionResult:
        verb, compare = _NUMBERS[name]
        expected = _wanted_number(name, said)
        try:
            actual = _double(self._actual)
        except ValueError:
            raise _NotEvaluated(
                f"Could not parse value as a Double: '{self._actual}', which `{name}` needs"
            ) from None
        shown = json.dumps(expected)
        return self._result(name, expected, compare(actual, expected), verb, shown)

    def _result(
        self,
        name: str,
        expected: Any,
        holds: bool,
        verb: str,
        shown: str,
        *,
        tells_actual: bool = True,
        message: str | None = None,
    ) -> AssertionResult:
        if not holds and self._message is not None:
            message = self._message
        elif not holds and message is None:
            message = f"expected '{self._query}' {verb} '{shown}'"
            if tells_actual:
                message += f" but was '{self._actual}'"
        return AssertionResult(
            name,
            expected,
            self._actual,
            holds,
            self._assertion.taskId,
            self._description,
            None if holds else message,
            self._assertion,
            None if holds else self._types(name),
        )

    def _types(self, name: str) -> str | None:
        """What both sides were before they became texts, when that may be what is wrong."""
        if name not in ("equalTo", "notEqualTo"):
            return None
        came, wanted = self._typed("value"), self._typed(name)
        actual, expected = _kind(came), _kind(wanted)
        if actual != expected:
            return f"expected is {expected}, actual is {actual}; they are compared as texts"
        if actual == "a text" or came != wanted:
            return None
        return "both are equal, but they are compared as texts"

    def _typed(self, name: str) -> Any:
        written = self._assertion.written[name]
        if not isinstance(written, str) or not is_template(written):
            return written
        return render_value(written, self._scope, self._scope.around.compat)


_TEXTS: Final[dict[str, tuple[str, Callable[[str, str], bool], bool]]] = {
    "endsWith": ("to end with", str.endswith, True),
    "startsWith": ("to start with", str.startswith, True),
    "equalTo": ("to equal", str.__eq__, True),
    "contains": ("to contain", str.__contains__, True),
    "notEqualTo": ("to not equal", str.__ne__, False),
}
_NUMBERS: Final[dict[str, tuple[str, Callable[[float, float], bool]]]] = {
    "greaterThan": ("to be greater than", float.__gt__),
    "greaterThanOrEqualTo": ("to be greater than or equal to", float.__ge__),
    "lessThan": ("to be less than", float.__lt__),
    "lessThanOrEqualTo": ("to be less than or equal to", float.__le__),
}


def _double(text: str) -> float:
    """As Java's Double.parseDouble does it: `nan`, `inf` and `1_000` are no numbers for it."""
    stripped = text.strip()
    if stripped in ("NaN", "Infinity", "+Infinity", "-Infinity"):
        return float(stripped)
    if not stripped or set(stripped) - set("+-.eE0123456789"):
        raise ValueError
    return float(stripped)


def _list(text: str) -> list[str]:
    """The texts in a JSON list. Numbers and booleans become texts."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _NotEvaluated(f"this is no list: {text[:200]}") from None
    if not isinstance(found, list) or any(isinstance(one, (list, dict)) for one in found):
        raise _NotEvaluated(f"this is no list of texts: {text[:200]}")
    return [one if isinstance(one, str) else json.dumps(one) for one in found]


def _list_text(listed: list[str]) -> str:
    return f"[{', '.join(listed)}]"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, (list, tuple)) else "a map"


def never_evaluated(name: str, said: str) -> str | None:
    """Why an operator can't be evaluated whatever the value is; None when it may be."""
    try:
        if name in ("isNull", "isNotNull"):
            _is_true(name, said)
        elif name in _NUMBERS:
            _wanted_number(name, said)
        elif name in ("in", "notIn"):
            _list(said)
    except _NotEvaluated as error:
        return str(error)
    return None


def _is_true(name: str, said: str) -> bool:
    if said.lower() not in ("true", "false"):
        raise _NotEvaluated(f"`{name}` must be true or false, not '{said}'")
    return said.lower() == _TRUE


def _wanted_number(name: str, said: str) -> float:
    try:
        return _double(said)
    except ValueError:
        raise _NotEvaluated(f"`{name}: {said}` is no number") from None


def holds_of_texts(name: str, actual: str, expected: str) -> bool:
    """Whether an operator holds of two texts; what can't be evaluated does not."""
    try:
        if name in _NUMBERS:
            return _NUMBERS[name][1](_double(actual), _double(expected))
        if name in ("in", "notIn"):
            return (actual in _list(expected)) is (name == "in")
    except (ValueError, _NotEvaluated):
        return False
    return _TEXTS[name][1](actual, expected)
