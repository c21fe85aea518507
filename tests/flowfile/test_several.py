"""Files with several flows."""

from kestrel_cli.app.validate import validate
from kestrel_cli.flowfile.several import documents
from tests.flowfile.loading import HEAD, task

FLOW = HEAD + "tasks:\n" + task("t")


def found(tmp_path, text):
    (tmp_path / "flows.yaml").write_text(text)
    verdict = validate([str(tmp_path / "flows.yaml")])
    return [(one.severity, one.code, one.where.line) for one in verdict.diagnostics]


def test_documents_keep_their_lines_and_empty_ones_are_none():
    data = b"---\n# none\n---\na: |\n  ---\n  x---\n--- # two\nb: 1\n---\n"
    assert documents(data) == [
        b"\n\n\na: |\n  ---\n  x---\n",
        b"\n\n\n\n\n # two\nb: 1\n".replace(b"\n\n\n\n\n", b"\n" * 6, 1),
    ]


def test_each_flow_of_a_file_is_looked_at(tmp_path):
    second = FLOW.replace("id: f", "id: g")
    assert found(tmp_path, f"{FLOW}---\n{second}") == [("info", "several-documents", 8)]
    wrong = second.replace("message", "mesage")
    assert found(tmp_path, f"{FLOW}---\n{wrong}---\n{FLOW}") == [
        ("info", "several-documents", 8),
        ("error", "missing-property", 11),
        ("error", "unknown-property", 13),
    ]


def test_a_mistake_in_the_first_flow_hides_none_of_the_second(tmp_path):
    text = FLOW.replace("id: f", "id: pause") + "---\n" + FLOW.replace("company", "COMPANY")
    assert found(tmp_path, text) == [
        ("error", "reserved-id", 1),
        ("info", "several-documents", 8),
        ("error", "wrong-value", 9),
    ]
