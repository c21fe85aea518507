"""Secrets, key-values and files from the command line."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from kestrel_cli.store.kv import KeyValues
from tests.cli.flows_here import CORE, written
from tests.support.cli import Result, run_here


def flow(*messages: str, more: str = "") -> str:
    logs = "".join(
        f"  - id: log{number}\n    type: {CORE}.log.Log\n    message: {json.dumps(message)}\n"
        for number, message in enumerate(messages)
    )
    return f"id: f\nnamespace: company.team\ntasks:\n{logs}{more}"


def run(folder: Path, text: str, *options: str, env: dict | None = None) -> Result:
    return run_here(["run", written(folder, text), "-q", "--ascii", *options], folder, env)


def rendered(folder: Path, template: str, *options: str, env: dict | None = None) -> str:
    """What a template gives in a run: the run's last output."""
    text = (
        "id: f\nnamespace: company.team\ntasks:\n"
        f"  - id: r\n    type: {CORE}.debug.Return\n    format: {json.dumps(template)}\n"
    )
    result = run_here(["run", written(folder, text), "-o", "json", *options], folder, env)
    document = json.loads(result.out)
    assert result.code == 0, document
    return document["taskRunList"][0]["outputs"]["value"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.env", "# mine\nexport TOKEN='word-1'\n"),
        ("s.yaml", "token: word-1\nother: 5\n"),
        ("s.json", '{"Token": "word-1"}'),
        (".secrets", "token=word-1"),
    ],
)
def test_a_secrets_file_comes_before_the_environment(name, content, tmp_path):
    (tmp_path / name).write_text(content)
    env = {"KESTREL_SECRET_TOKEN": "other", "SECRET_TOKEN": b64encode(b"third").decode()}
    asked = "{{ secret('TOKEN') | length }}{{ secret('token') == 'word-1' }}"
    assert rendered(tmp_path, asked, "--secrets-file", name, env=env) == "6true"
    assert rendered(tmp_path, asked, env=env) == "5false"


def test_a_later_secrets_file_beats_an_earlier_one(tmp_path):
    (tmp_path / "a.env").write_text("A=first-a\nB=first-b\n")
    (tmp_path / "b.json").write_text('{"a": {"k": 1}, "c": null}')
    files = ("--secrets-file", "a.env", "--secrets-file", "b.json")
    found = rendered(
        tmp_path, "{{ secret('A') == '{\"k\": 1}' }} {{ secret('b') | length }}", *files
    )
    assert found == "true 7"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("none.env", None),
        ("s.env", "hunter-2-without-a-name"),
        ("s.json", '["hunter-2"'),
        ("s.yaml", "- hunter-2"),
        ("s.env", b"\xff\xfe"),
    ],
)
def test_a_secrets_file_that_cannot_be_read_stops_the_run_and_is_not_told(name, content, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run(tmp_path, flow("x"), "--secrets-file", name)
    assert result.code == 3
    assert name in result.err
    assert "hunter" not in result.err


def test_all_missing_secrets_are_listed_before_anything_runs(tmp_path):
    more = f"""
  - id: off
    type: {CORE}.log.Log
    message: "{{{{ secret('OFF') }}}}"
    disabled: true
  - id: deep
    type: {CORE}.flow.If
    condition: "{{{{ secret(\\"COND\\", subkey='x') == 'y' }}}}"
    then:
      - id: below
        type: {CORE}.log.Log
        message: ["{{{{ 'a' ~ secret(key='BELOW') }}}}", "{{{{ secret('token') }}}}"]
errors:
  - id: oops
    type: {CORE}.log.Log
    message: "{{{{ secret('OOPS') | upper }}}}"
"""
    result = run(
        tmp_path,
        flow(
            "{{ secret('TOKEN') }}",
            "{{ secret('GIVEN') }} {{ secret('MAYBE') ?? 'none' }} secret('TEXT')",
            "{# {{ secret('COMMENT') }} #}{% raw %}{{ secret('RAW') }}{% endraw %}"
            "{{ my.secret('X') }}",
            more=more,
        ),
        env={"KESTREL_SECRET_GIVEN": "given-word"},
    )
    assert (result.code, result.out) == (3, "")
    lines = result.err.splitlines()
    assert [line.split("`")[1::2][:2] for line in lines] == [
        ["TOKEN", "log0"],
        ["COND", "deep"],
        ["BELOW", "below"],
        ["OOPS", "oops"],
    ]
    assert lines[0] == (
        "error: the secret `TOKEN` is missing: task `log0` at flow.yaml:4:5 and 1 more; "
        "give it in a `--secrets-file`, or set the environment variable KESTREL_SECRET_TOKEN, "
        "or SECRET_TOKEN in base64"
    )


def test_a_secret_that_cannot_be_decoded_is_one_warning_and_missing(tmp_path):
    text = flow("{{ secret('A') }}", "{{ secret('a') }}")
    result = run(tmp_path, text, env={"SECRET_A": "hunter-2"})
    assert result.code == 3
    assert result.err.count("warning: SECRET_A is left out") == 1
    assert "hunter" not in result.err


def test_a_secret_with_something_in_its_place_does_not_stop_the_run(tmp_path):
    result = run(tmp_path, flow("{{ secret('A') ?? 'none' }}"))
    assert result.code == 1  # as in Kestra, `??` takes the place of null, not of an error


def test_variables_come_from_env_files(tmp_path):
    (tmp_path / "a.env").write_text("ENV_ONE=1\nENV_TWO=2\nKESTREL_SECRET_S=secret-word\nPATH=x\n")
    (tmp_path / "b.env").write_text("ENV_TWO=two\nENV_SET=no\n")
    template = "{{ envs.one }} {{ envs.two }} {{ envs.set }} {{ secret('S') | length }}"
    files = ("--env-file", "a.env", "--env-file", "b.env")
    assert rendered(tmp_path, template, *files, env={"ENV_SET": "yes"}) == "1 two yes 11"


def test_key_values_of_the_command_line_go_over_the_store_and_are_not_kept(tmp_path):
    store = KeyValues(tmp_path / "state" / "kv.sqlite")
    store.set("company.team", "k", {"a": 1})
    store.set("company", "parent", "p")
    options = ("--state-dir", "state")
    template = "{{ kv('k') }} {{ kv('parent') }} {{ kv('parent', 'company.team', false) }}"
    assert rendered(tmp_path, template, *options) == '{"a":1} p '
    template = "{{ kv('k') }} {{ kv('n').b + 1 }}"
    assert rendered(tmp_path, template, *options, "--kv", "k=1", "--kv", 'n:={"b": 2}') == "1 3"
    assert rendered(tmp_path, "{{ kv('k').a }}", *options) == "1"


def test_a_key_that_is_not_there_is_an_error_unless_it_may_be_missing(tmp_path):
    result = run(tmp_path, flow("[{{ kv('k', errorOnMissing=false) }}]", "{{ kv('k') }}"))
    assert result.code == 1
    assert "The key 'k' does not exist in the namespace 'company.team'." in result.err + result.out


@pytest.mark.parametrize("option", ["k", "=v", ":=1", "k:=hunter-2"])
def test_a_key_value_that_cannot_be_read_is_a_mistake_of_usage(option, tmp_path):
    result = run(tmp_path, flow("x"), "--kv", option)
    assert result.code == 2
    assert "hunter" not in result.err


def test_a_broken_store_is_a_warning_and_changes_no_exit_code(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "kv.sqlite").write_bytes(b"no database" * 1000)
    text = flow("{{ kv('k', errorOnMissing=false) }}", "{{ kv('k', errorOnMissing=false) }}")
    result = run(tmp_path, text, "--state-dir", "state")
    assert result.code == 0
    assert result.err.count("warning: the key-value store") == 1


def test_namespace_files_lie_next_to_the_flow(tmp_path):
    folder = tmp_path / "_files" / "company.team"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a b.txt").write_text("hällo", "utf-8")
    (folder / "empty").touch()
    (tmp_path / "_files" / "other").mkdir()
    (tmp_path / "_files" / "other" / "x").write_text("theirs")
    template = (
        "{{ read('sub/a b.txt') }} {{ fileSize('sub/a b.txt') }} {{ isFileEmpty('empty') }} "
        "{{ fileExists('no') }} {{ read('x', 'other') }} {{ fileExists('x', namespace='other') }} "
        "{{ fileURI('sub/a b.txt') }} {{ read(fileURI('sub/a b.txt')) }} "
        "{{ read('nsfile:///empty') }}{{ read('nsfile://other/x') }}"
    )
    assert rendered(tmp_path, template) == (
        "hällo 6 true false theirs true kestra:///company/team/_files/sub/a%20b.txt hällo theirs"
    )


def test_namespace_files_are_where_the_option_says(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "x").write_text("mine")
    assert rendered(tmp_path, "{{ read('x') }}", "--namespace-files", "here") == "mine"
    result = run(tmp_path, flow("x"), "--namespace-files", "nowhere")
    assert (result.code, "no such directory" in result.err) == (3, True)


def test_internal_storage_lies_in_the_state_directory(tmp_path):
    (tmp_path / "state" / "storage" / "a").mkdir(parents=True)
    (tmp_path / "state" / "storage" / "a" / "x.ion").write_text("{a:1}")
    template = "{{ fromIon(read('kestra:///a/x.ion')).a }}{{ fileExists('kestra:///a/y') }}"
    assert rendered(tmp_path, template, "--state-dir", "state") == "1false"


@pytest.mark.parametrize(
    "address",
    [
        "../secret", "/etc/passwd", "%2e%2e/secret", "..\\\\secret", "link", "kestra:///../x",
        "kestra:////etc/passwd", "kestra:///%2e%2e/%2e%2e/secret", "nsfile:///../secret",
        "nsfile://../secret", "nsfile://%2e%2e/secret", "file:///etc/passwd", "kestra://x/y",
        "kestra:///../_files/secret", "kestra:///a/_files/../../secret", "http://x/y", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("function", ["read", "fileSize", "fileExists", "isFileEmpty"])
def test_no_address_leads_out_of_the_folders(address, function, tmp_path):
    folder = tmp_path / "_files" / "company.team"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_text("outside")
    result = run(tmp_path, flow(f"{{{{ {function}('{address}') }}}}"))
    said = result.out + result.err
    assert result.code == 1
    assert "outside" not in said
    assert str(tmp_path) not in said.replace("\n", "")


def test_a_file_that_is_not_there_says_where_it_is_looked_for(tmp_path):
    result = run(tmp_path, flow("{{ read('x') }}"), "--width", "200")
    said = result.out + result.err
    assert "The file 'x' does not exist" in said
    assert "`_files/company.team` next to the flow file" in said


def test_no_request_is_made_offline(tmp_path):
    result = run(tmp_path, flow("{{ http('http://127.0.0.1:9') }}"), "--offline", "--width", "200")
    assert result.code == 1
    assert "`--offline` allows no requests" in result.out + result.err


def test_eval_has_the_same_sources(tmp_path):
    written(tmp_path, flow("x"))
    (tmp_path / "s.env").write_text("S=secret-word")
    (tmp_path / "_files" / "company.team").mkdir(parents=True)
    (tmp_path / "_files" / "company.team" / "x").write_text("mine")
    options = ["--secrets-file", "s.env", "--kv", "k:=[1]", "--offline"]
    template = "{{ secret('s') | length }} {{ kv('k')[0] }}"
    assert run_here(["eval", template, *options], tmp_path).out == "11 1\n"
    template += " {{ read('x') }}"
    assert (
        run_here(["eval", template, "--flow", "flow.yaml", *options], tmp_path).out == "11 1 mine\n"
    )
    (tmp_path / "c.json").write_text('{"flow": {"namespace": "company.team"}}')
    assert (
        run_here(["eval", template, "--context", "c.json", *options], tmp_path).out == "11 1 mine\n"
    )


def test_public_holidays_need_the_calendar_of_the_extra(tmp_path):
    pytest.importorskip("holidays")
    template = (
        "{{ isPublicHoliday('2026-12-25', 'DE') }} {{ isPublicHoliday('2026-12-24', 'DE') }} "
        "{{ isPublicHoliday('2026-01-06', 'de', 'BY') }} {{ isPublicHoliday('2026-01-06', 'DE') }}"
    )
    assert rendered(tmp_path, template) == "true false true false"
