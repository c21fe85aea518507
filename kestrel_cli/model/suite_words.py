"""What the properties of suites of tests are about, one line each, for editors."""

from typing import Final

from kestrel_cli.model.fields import Model

_WORDS: Final = {
    "id": "A name; of a fixture the id of the task.",
    "namespace": "The namespace of the flow.",
    "flowId": "The id of the flow that is tested.",
    "description": "What it is about.",
    "disabled": "Whether it is left out.",
    "testCases": "Executions of the flow, and what has to hold of each.",
    "type": "The name of a type; of a case `io.kestra.core.tests.flow.UnitTest`.",
    "fixtures": "What the execution is given.",
    "assertions": "What has to hold when the execution has ended.",
    "expectedState": "The state in which the execution has to end; SUCCESS unless it is said.",
    "inputs": "Inputs by name; `{{ files['name'] }}` is the address of a file.",
    "files": "Files by name, with their text.",
    "tasks": "Results in place of tasks, which are not run then.",
    "trigger": "What `trigger` shows.",
    "variables": "What `trigger.<name>` shows.",
    "value": "A text to render; of a fixture the value of the run in a loop.",
    "state": "The state in which the task run ends.",
    "outputs": "Outputs of the task run, rendered in the context of the execution.",
    "assets": "What the task run would tell of data; it is ignored here.",
    "tenantId": "Of Kestra's server; it is ignored here.",
    "deleted": "Of Kestra's server; it is ignored here.",
    "source": "Of Kestra's server; it is ignored here.",
    "taskId": "The task that the assertion is about, for readers.",
    "errorMessage": "What is said when it does not hold.",
    "isNull": "Never holds: what is rendered is a text.",
    "isNotNull": "Holds whenever `value` can be rendered.",
    "endsWith": "How the text ends.",
    "startsWith": "How the text begins.",
    "equalTo": "The text; numbers, lists and maps are compared as the text they render to.",
    "notEqualTo": "What the text is not.",
    "contains": "A part of the text.",
    "greaterThan": "A number that the value is above.",
    "greaterThanOrEqualTo": "The smallest number that the value may be.",
    "lessThan": "A number that the value is below.",
    "lessThanOrEqualTo": "The largest number that the value may be.",
    "in": "Texts, one of which it is.",
    "notIn": "Texts, none of which it is.",
}


def words_of_suites(_: type[Model], name: str) -> str | None:
    """What a property is about, whatever model it is of."""
    return _WORDS.get(name)
