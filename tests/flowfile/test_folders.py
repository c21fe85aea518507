import os
import sys
from pathlib import Path

import pytest

from kestrel_cli.flowfile.folders import Tree, declared

USUAL = b"id: a\nnamespace: company.team\ntasks:\n  - id: log\n"


def put(folder, *paths, data=USUAL):
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def found(folder, **options):
    tree = Tree(str(folder), **options)
    return [os.path.relpath(path, folder).replace(os.sep, "/") for path in tree.files()], tree.cut


def test_yaml_files_of_all_folders_come_sorted(tmp_path):
    put(tmp_path, "b.yaml", "a/z.yml", "a/b/c.yaml", "notes.txt", "x.yaml.bak")
    assert found(tmp_path) == (["a/b/c.yaml", "a/z.yml", "b.yaml"], False)


@pytest.mark.parametrize("name", [".git", ".venv", "node_modules", "venv", "__pycache__"])
def test_folders_of_other_programs_are_passed_over(tmp_path, name):
    put(tmp_path, f"{name}/a.yaml", f"deep/{name}/a.yaml")
    assert found(tmp_path) == ([], False)


def test_the_working_directory_is_not_named_in_the_paths(tmp_path, monkeypatch):
    put(tmp_path, "a.yaml", "b/c.yaml")
    monkeypatch.chdir(tmp_path)
    assert Tree(".").files() == ["a.yaml", str(Path("b", "c.yaml"))]


def test_a_folder_that_is_missing_counts_as_empty(tmp_path):
    assert found(tmp_path / "none") == ([], False)


def test_a_folder_named_like_a_file_is_none(tmp_path):
    put(tmp_path, "flows.yaml/a.yaml")
    assert found(tmp_path) == (["flows.yaml/a.yaml"], False)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_followed_to_files_inside_only_and_never_to_folders(tmp_path):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    put(outside, "secret.yaml")
    put(inside, "a.yaml", ".data/b.yaml")
    (inside / "out.yaml").symlink_to(outside / "secret.yaml")
    (inside / "folder").symlink_to(outside)
    (inside / "round").symlink_to(inside)
    (inside / "again.yaml").symlink_to(inside / "a.yaml")
    (inside / "b.yaml").symlink_to(inside / ".data" / "b.yaml")
    (inside / "dangling.yaml").symlink_to(inside / "nothing")
    assert found(inside) == (["a.yaml", "b.yaml"], False)


def test_too_many_entries_leave_out_the_deepest_and_say_so(tmp_path):
    put(tmp_path, "a.yaml", "one/two/b.yaml")
    assert found(tmp_path, most_entries=2) == (["a.yaml"], True)
    assert found(tmp_path, most_entries=4) == (["a.yaml", "one/two/b.yaml"], False)
    assert found(tmp_path, most_files=1) == (["a.yaml"], True)


@pytest.mark.parametrize(
    "text",
    [
        "id: a\nnamespace: n.m\ntasks:\n  - id: t\n",
        "# a flow\n---\nnamespace: 'n.m'  \nid: \"a\" # its name\ntasks: []\n",
        "id: a\r\nnamespace: n.m\r\ntasks:\r\n",
        "\ufeffid : a\ndescription: |\n  id: no\nnamespace : n.m\ntasks:\n",
        '{"id": "a", "namespace": "n.m", "tasks": [{}]}',
        "id: &x a\nnamespace: >-\n  n.m\ntasks:\n- id: t\n",
        '"id": a\n? namespace\n: n.m\ntasks:\n- 1\n',
        "  id: a\n  namespace: n.m\n  tasks:\n  - 1\n",
        "id: a\nnamespace: n.m\ntasks:\n  - broken: [\n",
    ],
)
def test_a_flow_is_known_by_its_namespace_and_id_in_any_style(tmp_path, text):
    put(tmp_path, "f.yaml", data=text.encode())
    assert declared(str(tmp_path / "f.yaml")) == ("n.m", "a")


def test_names_that_are_numbers_and_utf_16_are_read(tmp_path):
    put(tmp_path, "f.yaml", data=b"id: 14\nnamespace: n\ntasks:\n  - 1\n")
    put(tmp_path, "g.yaml", data="id: a\nnamespace: n\ntasks:\n  - 1\n".encode("utf-16"))
    assert declared(str(tmp_path / "f.yaml")) == ("n", "14")
    assert declared(str(tmp_path / "g.yaml")) == ("n", "a")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"- id: a\n  namespace: n\n  tasks: []\n",
        b"id: a\nnamespace: n\n",
        b"id: a\nnamespace: n\ntestCases: []\n",
        b"id:\nnamespace: n\ntasks:\n",
        b"id: a\nid: b\nnamespace: n\ntasks:\n",
        b"{id: a, namespace: n, tasks: ",
        b"\x00\xff\xfe id namespace tasks",
        b"{id: a, namespace: n, tasks: [1]}" + b" " * 300_000,
    ],
)
def test_other_files_declare_no_flow(tmp_path, data):
    put(tmp_path, "f.yaml", data=data)
    assert declared(str(tmp_path / "f.yaml")) is None


def test_what_is_no_regular_file_declares_no_flow(tmp_path):
    assert declared(str(tmp_path)) is None
    assert declared(str(tmp_path / "none.yaml")) is None


def test_a_suite_of_tests_is_told_from_a_flow_without_reading_it_as_yaml(tmp_path, monkeypatch):
    put(
        tmp_path,
        "a.yaml",
        data=b"id: a\nnamespace: n\nflowId: f\ntestCases:\n- fixtures: {tasks: []}\n",
    )
    monkeypatch.setattr("kestrel_cli.flowfile.reader.read", None)
    assert declared(str(tmp_path / "a.yaml")) is None
