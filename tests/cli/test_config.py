import json

import pytest

from kestrel_cli.cli.main import run_command_line

TEXT = """\
pause = "skip"
secrets-file = ["a.env"]
[globals]
env = "dev"
"odd.name" = { x = [1, true] }
[namespaces."company.team".variables]
owner = "me"
[[plugin-defaults]]
type = "io.kestra.plugin.core.log"
values = { level = "WARN", "odd key" = 1 }
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    for name in ("KESTREL_STATE_DIR", "KESTREL_PAUSE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def shown(capsys, *arguments):
    assert run_command_line(["config", *arguments]) == 0
    return capsys.readouterr()


def test_each_setting_is_a_line_of_toml_with_its_origin(here, capsys, monkeypatch):
    (here / "kestrel.toml").write_text(TEXT)
    monkeypatch.setenv("KESTREL_PAUSE", "wait")
    file, path = here / "kestrel.toml", json.dumps(str(here / "a.env"))
    lines = [
        ('pause = "wait"', "KESTREL_PAUSE"),
        (f"secrets-file = [{path}]", f"{file}:2"),
        ('globals.env = "dev"', f"{file}:4"),
        ("globals.odd.name = { x = [1, true] }", f"{file}:5"),
        ('namespaces."company.team".variables.owner = "me"', f"{file}:7"),
        (
            'plugin-defaults[0] = { type = "io.kestra.plugin.core.log", '
            'values = { level = "WARN", "odd key" = 1 } }',
            f"{file}:8",
        ),
    ]
    out = shown(capsys, "show", "--origin").out.splitlines()
    assert [tuple(part.strip() for part in line.split("  # ")) for line in out] == lines
    assert shown(capsys, "show").out.splitlines() == [line for line, _ in lines]


def test_json_has_settings_files_and_origins(here, capsys):
    (here / "kestrel.toml").write_text(TEXT)
    document = json.loads(shown(capsys, "show", "-o", "json").out)
    assert document["files"] == [str(here / "kestrel.toml")]
    assert document["settings"]["pause"] == "skip"
    assert document["settings"]["globals"] == {"env": "dev", "odd.name": {"x": [1, True]}}
    assert document["origins"]["pause"] == f"{here / 'kestrel.toml'}:1"


def test_without_settings_it_says_where_was_looked(here, capsys):
    told = shown(capsys)
    assert told.out == ""
    assert told.err == (
        "nothing is configured; looked for kestrel.toml and [tool.kestrel] of pyproject.toml "
        f"in {here} and above, and for {here / 'home' / 'kestrel' / 'config.toml'}\n"
    )


def test_a_wrong_file_ends_with_exit_code_3(here, capsys):
    (here / "kestrel.toml").write_text("pause = 1\n")
    assert run_command_line(["config", "show"]) == 3
    assert capsys.readouterr().err == (
        f"error: {here / 'kestrel.toml'}:1: `pause` must be one of `skip`, `fail`, `wait`\n"
    )


def test_an_unknown_action_or_output_is_a_usage_error(here, capsys):
    assert run_command_line(["config", "edit"]) == 2
    assert run_command_line(["config", "-o", "xml"]) == 2
    assert "use `text` or `json`" in capsys.readouterr().err


def test_logins_of_contexts_are_never_shown(here, capsys):
    (here / "kestrel.toml").write_text(
        '[contexts.prod]\nhost = "https://k"\ntoken = "tok-secret-1"\n'
        'headers = { X-Key = "key-secret-1" }\n'
    )
    out = shown(capsys, "show").out
    assert out == (
        'contexts.prod = { host = "https://k", token = "******", headers = { X-Key = "******" } }\n'
    )
    document = json.loads(shown(capsys, "show", "-o", "json").out)
    assert document["settings"]["contexts"]["prod"]["host"] == "https://k"
    assert "secret-1" not in json.dumps(document)
