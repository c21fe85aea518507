"""`kestrel init`: what it writes is right, and nothing that was there is touched."""

import stat
from pathlib import Path

import pytest

from kestrel_cli.cli.commands import COMMANDS
from kestrel_cli.worker.yaml_text import read_yaml
from tests.support.cli import run_here

FILES = [
    ".gitignore",
    "flows/hello.test.yaml",
    "flows/hello.yaml",
    "kestrel.toml",
    "secrets.env",
]


def files_in(folder: Path) -> list[str]:
    found = (one for one in folder.rglob("*") if one.is_file() and ".git/" not in str(one))
    return sorted(str(one.relative_to(folder)) for one in found)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def test_it_writes_what_a_project_begins_with(project: Path) -> None:
    ended = run_here(["init"], project)
    assert (ended.code, ended.err) == (0, "")
    assert files_in(project) == FILES
    assert (project / ".gitignore").read_text() == "/secrets.env\n"
    assert stat.S_IMODE((project / "secrets.env").stat().st_mode) == 0o600
    assert "wrote  flows/hello.yaml: a flow" in ended.out
    assert "no file for CI: `--ci github` or `--ci gitlab` writes one\n" in ended.out


def test_what_it_says_to_type_works(project: Path) -> None:
    ended = run_here(["init"], project)
    steps = ended.out.partition("Now type\n")[2].split("\n")[:-1]
    assert [step.split()[1] for step in steps] == ["run", "validate", "test"]
    for step in steps:
        command, *rest = step.split()[1:]
        if command in COMMANDS:
            assert run_here([command, *rest], project).code == 0
    told = run_here(["flows/hello.yaml", "--secrets-file", "secrets.env"], project)
    assert "Hello Ada, says ******" in told.out
    assert run_here(["validate", "flows", "--skip-non-flows"], project).code == 0
    one = ["flows/hello.yaml", "-i", 'names:=["Linus"]', "--secrets-file", "secrets.env"]
    assert '{"greeted":"Linus"}' in run_here(one, project).out


def test_the_suite_is_about_the_flow(project: Path) -> None:
    run_here(["init", "--name", "nightly", "-n", "acme.sales"], project)
    flow = read_yaml((project / "flows" / "nightly.yaml").read_text())
    suite = read_yaml((project / "flows" / "nightly.test.yaml").read_text())
    assert isinstance(flow, dict)
    assert isinstance(suite, dict)
    assert (flow["id"], flow["namespace"]) == ("nightly", "acme.sales")
    assert (suite["flowId"], suite["namespace"]) == ("nightly", "acme.sales")
    given = suite["testCases"][0]["fixtures"]
    assert [one["value"] for one in given["tasks"]] == given["inputs"]["names"]


def test_nothing_that_is_there_is_touched(project: Path) -> None:
    (project / "flows").mkdir()
    for name in FILES[1:]:
        (project / name).write_text("mine")
    (project / ".gitignore").write_text("*.log")
    ended = run_here(["init"], project)
    assert ended.code == 0
    assert all((project / name).read_text() == "mine" for name in FILES[1:])
    assert (project / ".gitignore").read_text() == "*.log\n/secrets.env\n"
    assert "left   kestrel.toml: it is there already" in ended.out
    assert "added  .gitignore: secrets.env" in ended.out
    run_here(["init"], project)
    assert (project / ".gitignore").read_text() == "*.log\n/secrets.env\n"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (".github/x", ".github/workflows/flows.yaml"),
        (".git/config: url = git@github.com:a/b.git", ".github/workflows/flows.yaml"),
        (".git/config: url = https://gitlab.example.com/a", ".gitlab-ci.yml"),
        (".git/config: url = /srv/git", None),
    ],
)
def test_the_file_for_ci_is_that_of_the_project(
    made: str, expected: str | None, project: Path
) -> None:
    path, _, text = made.partition(": ")
    (project / path).parent.mkdir(exist_ok=True)
    (project / path).write_text(f'[remote "origin"]\n\t{text}\n')
    run_here(["init"], project)
    written = set(files_in(project)) - {*FILES, path}
    assert written == ({expected} if expected else set())


def test_a_file_of_gitlab_that_is_there_stays(project: Path) -> None:
    (project / ".gitlab-ci.yml").write_text("mine")
    ended = run_here(["init"], project)
    assert "left   .gitlab-ci.yml: it is there already" in ended.out
    assert "no file for CI" not in ended.out
    assert files_in(project) == sorted([*FILES, ".gitlab-ci.yml"])


def test_a_folder_of_a_repository_has_its_file_for_ci_in_the_root(project: Path) -> None:
    for system, name in (("github", ".github/workflows/flows.yaml"), ("gitlab", ".gitlab-ci.yml")):
        ended = run_here(["init", "etl jobs", "--ci", system], project)
        assert ended.code == 0
        text = (project / name).read_text()
        assert "@" not in text.replace("checkout@v4", "").replace("setup-python@v5", "")
        workflow = read_yaml(text)
        assert isinstance(workflow, dict)
        job = workflow["jobs"]["flows"] if system == "github" else workflow["flows"]
        if system == "github":
            assert job["defaults"]["run"]["working-directory"] == "etl jobs"
            assert [one.get("run", "")[:16] for one in job["steps"][3:]] == [
                "kestrel validate",
                "kestrel test flo",
            ]
        else:
            assert job["script"][0] == "cd 'etl jobs'"
            assert job["artifacts"]["reports"]["junit"] == "etl jobs/junit.xml"
    assert "  cd 'etl jobs'\n" in ended.out


def test_the_commands_of_the_file_for_ci_pass(project: Path) -> None:
    run_here(["init", "--ci", "github"], project)
    workflow = read_yaml((project / ".github" / "workflows" / "flows.yaml").read_text())
    assert isinstance(workflow, dict)
    for step in workflow["jobs"]["flows"]["steps"]:
        program, *words = step.get("run", "-").split()
        if program == "kestrel" and words[0] in COMMANDS:
            assert run_here(words, project, {"CI": "true"}).code == 0


@pytest.mark.parametrize("line", ["--name a/b", "--name ../x", "-n Upper", "--ci jenkins"])
def test_what_can_not_be_named_so_is_refused(line: str, project: Path) -> None:
    assert run_here(["init", *line.split()], project).code == 2
    assert files_in(project) == []


def test_a_file_where_a_directory_should_be_is_told(project: Path) -> None:
    (project / "flows").write_text("a file")
    ended = run_here(["init"], project)
    assert ended.code == 74
    assert ended.err.startswith("error: ")
