import pytest

from kestrel_cli.errors import FlowFileError, FlowNotFound, UnusableFlow
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.library import Library
from tests.flowfile.loading import LOG


def write(folder, path, flow_id, namespace="company.team", text=""):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f"id: {flow_id}\nnamespace: {namespace}\ntasks:\n"
        f"  - id: log\n    type: {LOG}\n    message: {path}\n{text}"
    )
    return str(file)


def refused(library, namespace, flow_id):
    with pytest.raises((FlowNotFound, UnusableFlow)) as caught:
        library.find(namespace, flow_id)
    return caught.value


def test_a_flow_is_found_in_any_folder_below_and_loaded_once(tmp_path):
    write(tmp_path, "a.yaml", "a")
    path = write(tmp_path, "deep/er/b.yml", "b")
    library = Library(str(tmp_path))
    found = library.find("company.team", "b")
    assert (found.flow.id, found.flow.where.file) == ("b", path)
    assert library.find("company.team", "b") is found
    assert library.path_of("company.team", "b") == path


def test_the_own_flow_is_found_without_looking_and_wins_over_its_copies(tmp_path):
    own = load(write(tmp_path, "a.yaml", "a"))
    write(tmp_path, "copy.yaml", "a")
    assert Library.beside(own).find("company.team", "a") is own
    assert Library("no such folder", own=own).path_of("company.team", "a") == str(
        tmp_path / "a.yaml"
    )


def test_two_files_of_one_flow_are_both_named(tmp_path):
    paths = [write(tmp_path, name, "a") for name in ("a.yaml", "copy.yaml")]
    problem = refused(Library(str(tmp_path)), "company.team", "a")
    assert str(problem) == f"2 files declare the flow 'company.team'.'a': {', '.join(paths)}"
    assert problem.hint == "keep one of them, or give one another id"


def test_a_flow_that_is_missing_is_told_in_kestras_words_with_where_was_looked(tmp_path):
    write(tmp_path, "a.yaml", "notify")
    problem = refused(Library(str(tmp_path)), "company.team", "notifi")
    assert str(problem) == "Unable to find flow 'company.team'.'notifi' with revision '0'"
    assert problem.hint == (
        f"no file below {tmp_path.resolve()} declares it; did you mean `company.team` / `notify`?"
    )
    assert problem.exit_code == 5


@pytest.mark.parametrize(
    ("namespace", "flow_id", "near"),
    [
        ("company", "notify", "did you mean `company.team` / `notify` or `other` / `notify`?"),
        ("company.taem", "notifyy", "did you mean `company.team` / `notify`?"),
        ("x", "y", "declares it"),
    ],
)
def test_near_names(tmp_path, namespace, flow_id, near):
    write(tmp_path, "a.yaml", "notify")
    write(tmp_path, "b.yaml", "notify", "other")
    assert refused(Library(str(tmp_path)), namespace, flow_id).hint.endswith(near)


def test_an_empty_folder_and_a_missing_one_have_no_flows(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        problem = refused(Library(str(folder)), "a", "b")
        assert problem.hint == f"no file below {folder.resolve()} declares it, nor any other flow"


def test_an_invalid_flow_is_told_with_its_first_finding(tmp_path):
    path = write(tmp_path, "a.yaml", "a", text="  - id: log\n    type: nothing\n")
    problem = refused(Library(str(tmp_path)), "company.team", "a")
    assert isinstance(problem, FlowFileError)
    assert str(problem).startswith(f"the flow 'company.team'.'a' is not valid: {path}:8:")
    assert problem.diagnostics
    assert problem.exit_code == 3


def test_a_file_that_changed_after_the_search_is_not_taken_for_the_flow(tmp_path):
    write(tmp_path, "a.yaml", "a")
    library = Library(str(tmp_path))
    library.path_of("company.team", "a")
    write(tmp_path, "a.yaml", "b")
    assert isinstance(refused(library, "company.team", "a"), FlowNotFound)
