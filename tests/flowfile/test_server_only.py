import pytest

from kestrel_cli.flowfile.server_only import why_not
from kestrel_cli.tasks import registry

CORE = "io.kestra.plugin.core."


def test_a_type_that_takes_a_server_says_what_it_does_and_how_to_go_on() -> None:
    assert why_not(f"{CORE}log.PurgeLogs") == (
        "`io.kestra.plugin.core.log.PurgeLogs` needs a Kestra server: it purges old logs;"
        " mock it with `--mock ID={}`"
    )
    assert "between a repository and the server" in str(why_not("io.kestra.plugin.git.SyncFlows"))
    assert "the server's API" in str(why_not("io.kestra.plugin.kestra.flows.Export"))


def test_parts_of_other_types_have_words_of_their_own() -> None:
    assert "is no task: it is a task runner" in str(why_not(f"{CORE}runner.Process"))


@pytest.mark.parametrize("name", [f"{CORE}log.Log", "io.kestra.plugin.aws.s3.Upload", "", CORE])
def test_other_types_have_no_reason_of_their_own(name: str) -> None:
    assert why_not(name) is None


@pytest.mark.parametrize("name", sorted(registry.KNOWN_CORE))
def test_no_type_with_a_reason_runs(name: str) -> None:
    assert why_not(name) is None or registry.find(name) is None
