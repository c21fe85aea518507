import pytest

from tests.flowfile.loading import CORE, findings, task


def found(type_name):
    (one,) = findings("tasks:\n" + task("a", type_name=type_name))
    return one


@pytest.mark.parametrize(
    ("type_name", "hint"),
    [
        (f"{CORE}.debug.Retrun", f"did you mean `{CORE}.debug.Return`?"),
        (f"{CORE}.debug.Nothing", None),
        ("Return", f"did you mean `{CORE}.debug.Return`?"),
        ("lower.case", None),
    ],
)
def test_an_unknown_type_is_an_error_with_a_suggestion(type_name, hint):
    one = found(type_name)
    assert (one.severity, one.code, one.hint) == ("error", "unknown-type", hint)
    assert one.message == f"unknown task type `{type_name}`"
    assert one.length == len(type_name)


@pytest.mark.parametrize(
    "type_name", [f"{CORE}.log.PurgeLogs", "io.kestra.plugin.aws.s3.List", "a.B"]
)
def test_a_type_that_only_kestra_has_is_an_info(type_name):
    one = found(type_name)
    assert (one.severity, one.code) == ("info", "unsupported-type")
