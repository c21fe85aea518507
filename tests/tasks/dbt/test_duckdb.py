"""The tasks of dbt with dbt itself and DuckDB."""

import json
import subprocess

import pytest

from kestrel_cli.model.state import State
from kestrel_cli.tasks.dbt.cli import KvManifest
from tests.support.programs import context_with, folder_of
from tests.support.scripts import content, said, script

DBT = "io.kestra.plugin.dbt.cli."
PROFILES = "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 1}}}"
FILES = {
    "dbt_project.yml": "{name: shop, version: '1.0.0', profile: shop, config-version: 2}",
    "seeds/orders.csv": "id,price\n1,10\n2,20\n",
    "models/total.sql": "select sum(price) as total from {{ ref('orders') }}",
    "models/checks.yml": "models: [{name: total, columns: [{name: total, tests: [not_null]}]}]",
}

pytestmark = pytest.mark.programs


@pytest.fixture(scope="module")
def program():
    folder = folder_of("dbt")
    told = subprocess.run(
        [folder / "dbt", "--version"], capture_output=True, text=True, check=False
    )
    if "duckdb" not in told.stdout:
        pytest.skip("dbt is here without DuckDB: `pip install -e '.[programs]'`")
    return folder


def test_a_project_is_built(program, tmp_path):
    ctx = context_with(tmp_path, program, DBT_SEND_ANONYMOUS_USAGE_STATS="false")
    task = script(
        f"{DBT}DbtCLI",
        inputFiles=FILES,
        profiles=PROFILES,
        commands=["dbt build"],
        storeManifest=KvManifest(key="manifest", namespace="company"),
    )
    found = task.run(ctx)
    assert found.state in (State.SUCCESS, State.WARNING), said(ctx)
    results = json.loads(content(ctx, found.outputs["outputFiles"]["run_results.json"]))["results"]
    assert [one["status"] for one in results] == ["success", "success", "pass"]
    assert "model.shop.total" in ctx.kv.get("manifest", "company")[0]["nodes"]
    assert any("Completed" in text for text in said(ctx, "INFO"))


def test_single_commands_share_the_working_directory(program, tmp_path):
    ctx = context_with(tmp_path, program, DBT_SEND_ANONYMOUS_USAGE_STATS="false")
    script(f"{DBT}Seed", inputFiles=FILES, profiles=PROFILES).run(ctx)
    found = script(f"{DBT}Run", select=["total"]).run(ctx)
    assert "run_results.json" in found.outputs["outputFiles"]
    script(f"{DBT}List").run(ctx)
    assert "shop.total" in said(ctx, "INFO")
