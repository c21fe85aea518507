"""The tasks of dbt, by a program that plays dbt."""

import json

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.state import State
from kestrel_cli.tasks.dbt.cli import KvManifest
from tests.support.programs import Played, context_with
from tests.support.scripts import content, said, script

DBT = "io.kestra.plugin.dbt.cli."
PROFILES = "shop: {target: dev, outputs: {dev: {type: duckdb}}}"
# Leaves what dbt leaves in the project of `--project-dir`, and says what `SAY` holds.
BODY = """
args = sys.argv[1:]
folder = args[args.index("--project-dir") + 1] if "--project-dir" in args else "."
os.makedirs(folder + "/target", exist_ok=True)
manifest = folder + "/target/manifest.json"
if os.path.exists(manifest):
    print("had", open(manifest).read())
answers = [{"adapter_response": {"rows_affected": 3}}, {"adapter_response": {}}]
json.dump({"nodes": {}}, open(manifest, "w"))
json.dump({"results": answers}, open(folder + "/target/run_results.json", "w"))
for line in json.loads(os.environ.get("SAY", "[]")):
    print(json.dumps(line))
sys.exit(int(os.environ.get("CODE", "0")))
"""


def line(level, msg, **data):
    return {"info": {"level": level, "msg": msg, "name": "X"}, "data": data}


@pytest.fixture
def dbt(tmp_path):
    return Played(tmp_path / "bin", "dbt", BODY)


def test_commands_get_the_project_and_the_form_of_the_log(dbt, tmp_path):
    ctx = context_with(tmp_path, dbt.folder)
    commands = ["dbt deps", "dbt build --log-format text --project-dir other", "echo dbt done"]
    task = script(f"{DBT}DbtCLI", commands=commands, projectDir="shop", profiles=PROFILES)
    found = task.run(ctx)
    assert dbt.args == [
        ["deps", "--project-dir", "shop", "--log-format", "json"],
        ["build", "--log-format", "text", "--project-dir", "other"],
    ]
    assert (ctx.files.folder() / "profiles.yml").read_text() == PROFILES
    assert json.loads(content(ctx, found.outputs["outputFiles"]["manifest.json"])) == {"nodes": {}}
    assert sorted(found.outputs["outputFiles"]) == ["manifest.json", "run_results.json"]
    assert [one[:2] for one in ctx.counters] == [("rows.affected", 3)]
    assert found.state is State.SUCCESS


def test_lines_have_the_level_that_dbt_gives_them(dbt, tmp_path):
    say = [
        line("debug", "quiet"),
        line("info", "1 of 1 OK", stats={"success": 1, "error": 0}),
        line("warn", "deprecated"),
        line("error", "broken"),
        {"level": "info", "msg": "older"},
        {"other": 1},
    ]
    ctx = context_with(tmp_path, dbt.folder, SAY=json.dumps(say))
    found = script(f"{DBT}DbtCLI", commands=["dbt build"], parseRunResults=False).run(ctx)
    assert "quiet" in said(ctx, "DEBUG")
    assert said(ctx, "INFO")[-3:] == ["1 of 1 OK", "older", '{"other": 1}']
    assert (said(ctx, "WARN"), said(ctx, "ERROR")) == (["deprecated"], ["broken"])
    assert [one[:2] for one in ctx.counters] == [("log.stats.success", 1), ("log.stats.error", 0)]
    assert found.state is State.WARNING
    assert list(found.outputs["outputFiles"]) == ["manifest.json"]


def test_a_manifest_goes_through_the_key_value_store(dbt, tmp_path):
    ctx = context_with(tmp_path, dbt.folder)
    kept = KvManifest(key="manifest", namespace="company")
    task = script(
        f"{DBT}DbtCLI", commands=["dbt run"], projectDir="p", storeManifest=kept, loadManifest=kept
    )
    task.run(ctx)
    assert said(ctx, "WARN") == ["`loadManifest` finds no manifest in the key-value store"]
    assert ctx.kv.get("manifest", "company") == [{"nodes": {}}]
    ctx.kv.set("manifest", {"nodes": {"old": 1}}, "company")
    task.run(ctx)
    assert 'had {"nodes": {"old": 1}}' in said(ctx, "INFO")


def test_what_a_failed_dbt_has_left_is_kept(dbt, tmp_path):
    ctx = context_with(tmp_path, dbt.folder, CODE="2")
    with pytest.raises(TaskFailed, match="exit code 2") as failed:
        script(f"{DBT}Build").run(ctx)
    assert sorted(failed.value.outputs["outputFiles"]) == ["manifest.json", "run_results.json"]


def test_one_command_with_all_its_options(dbt, tmp_path):
    ctx = context_with(tmp_path, dbt.folder)
    task = script(
        f"{DBT}Run",
        dbtPath="/nowhere/dbt",
        profiles=PROFILES,
        projectDir="shop",
        debug=True,
        failFast=True,
        warnError=True,
        thread=4,
        fullRefresh=True,
        target="prod",
        selector="nightly",
        select=["a+", "tag:b c"],
        exclude=["d"],
        dockerOptions={"image": "x"},
    )
    task.run(ctx)
    folder = ctx.files.folder()
    (words,) = dbt.args
    assert " ".join(words) == (
        "--log-format json --debug --fail-fast --warn-error run "
        f"--profiles-dir {folder}/.profile --threads 4 --full-refresh --target prod "
        f"--selector nightly --select a+ tag:b c --exclude d --project-dir {folder}/shop"
    )
    assert "tag:b c" in words
    assert (folder / ".profile/profiles.yml").read_text() == PROFILES


@pytest.mark.parametrize(
    ("name", "words", "results"),
    [
        ("Build", ["build"], 2),
        ("Compile", ["compile"], 2),
        ("Deps", ["deps"], 0),
        ("Freshness", ["source", "freshness"], 0),
        ("List", ["list"], 0),
        ("Seed", ["seed"], 2),
        ("Snapshot", ["snapshot"], 2),
        ("Test", ["test"], 2),
    ],
)
def test_each_type_is_one_command(name, words, results, dbt, tmp_path):
    ctx = context_with(tmp_path, dbt.folder)
    found = script(DBT + name).run(ctx)
    assert dbt.args[0][2 : 2 + len(words)] == words
    assert len(found.outputs["outputFiles"]) == results


def test_the_dbt_that_setup_has_installed_comes_first(tmp_path):
    python = Played(tmp_path / "bin", "python", "os.makedirs(sys.argv[-1] + '/bin')")
    ctx = context_with(tmp_path, python.folder)
    before = "ln -s /bin/echo pip; mkdir -p bin; ln -s /bin/true bin/pip"
    profiles = {"shop": {"target": "dev"}}
    setup = script(
        f"{DBT}Setup",
        profiles=profiles,
        requirements=["dbt-duckdb", "x>=1"],
        exitOnFailed=False,
        beforeCommands=[before],
    )
    setup.run(ctx)
    folder = ctx.files.folder()
    assert python.args[0] == ["-m", "venv", "--system-site-packages", str(folder)]
    assert json.loads((folder / ".profile/profiles.yml").read_text()) == profiles
    own = Played(folder / "bin", "dbt", BODY)
    script(f"{DBT}Build").run(ctx)
    assert len(own.calls) == 1


def test_a_missing_dbt_is_told_of(tmp_path):
    ctx = context_with(tmp_path, PATH="/nowhere")
    with pytest.raises(TaskFailed, match="the program `dbt` was not found, neither at"):
        script(f"{DBT}Build").run(ctx)


def test_what_is_needed_is_known_as_far_as_it_can_be():
    assert script(f"{DBT}DbtCLI", commands=["dbt build"]).needs() == ["/bin/sh", "dbt"]
    assert script(f"{DBT}Build").needs() == ["/bin/sh"]
    assert script(f"{DBT}Build", dbtPath="/x/dbt").needs() == ["/bin/sh", "/x/dbt|dbt"]
    assert script(f"{DBT}Build", dbtPath="{{ x }}").needs() == ["/bin/sh"]
