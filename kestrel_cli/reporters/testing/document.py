"""Results of tests in the shape of Kestra's own answers: null members are left out."""

import json
from collections.abc import Sequence
from typing import Any

from kestrel_cli.model.fields import Model
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.test_results import AssertionResult, CaseResult, SuiteResult


def document(results: Sequence[SuiteResult], exit_code: int) -> str:
    """One JSON document with the result of every suite."""
    shown = {
        "schemaVersion": 1,
        "exitCode": exit_code,
        "results": [suite_shape(one) for one in results],
    }
    return json.dumps(shown, indent=2, ensure_ascii=False, default=str)


def suite_shape(one: SuiteResult) -> dict[str, Any]:
    """A TestSuiteRunResult."""
    suite = one.suite
    return {
        "id": one.id,
        "testSuiteId": suite.id,
        "namespace": suite.namespace,
        "flowId": suite.flowId,
        "state": one.state.value,
        "startDate": iso_instant(one.started),
        "endDate": iso_instant(one.ended),
        "results": [] if suite.disabled else [case_shape(case) for case in one.cases],
    }


def case_shape(one: CaseResult) -> dict[str, Any]:
    """A UnitTestResult."""
    fixtures = one.case.fixtures
    return _without_nulls(
        {
            "testId": one.case.id,
            "testType": one.case.type,
            "executionId": one.execution_id,
            "state": one.state.value,
            "assertionResults": [_assertion_shape(result) for result in one.results],
            "errors": [
                _without_nulls({"message": error.message, "details": error.details or error.hint})
                for error in one.errors
            ],
            "fixtures": None if fixtures is None else _model_shape(fixtures),
        }
    )


def _assertion_shape(one: AssertionResult) -> dict[str, Any]:
    return _without_nulls(
        {
            "operator": one.operator,
            "expected": one.expected,
            "actual": one.actual,
            "isSuccess": one.is_success,
            "taskId": one.task_id,
            "description": one.description,
            "errorMessage": one.error_message,
        }
    )


def _model_shape(model: Model) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for declared in type(model).properties.values():
        value = getattr(model, declared.attribute)
        if isinstance(value, Model):
            value = _model_shape(value)
        elif isinstance(value, list):
            value = [_model_shape(each) if isinstance(each, Model) else each for each in value]
        if value is not None and (value or declared.name not in _UNSAID):
            found[declared.name] = value
    return found


_UNSAID = frozenset(("inputs", "files", "tasks", "variables"))


def _without_nulls(shape: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shape.items() if value is not None}
