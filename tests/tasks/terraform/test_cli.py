"""The task type TerraformCLI, by a program that plays Terraform."""

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.programs import Played, context_with
from tests.support.scripts import content, script

TYPE = "io.kestra.plugin.terraform.cli.TerraformCLI"


def test_commands_run_in_one_shell_with_variables_and_files(tmp_path):
    terraform = Played(tmp_path / "bin", "terraform", "print('done', *sys.argv[1:])")
    task = script(
        TYPE,
        beforeCommands=["terraform init -input=false"],
        commands=["terraform plan | tee plan.txt", "cat vars.tfvars >> plan.txt"],
        env={"TF_VAR_region": "eu"},
        inputFiles={"vars.tfvars": "name = 1"},
        outputFiles=["*.txt"],
    )
    ctx = context_with(tmp_path, terraform.folder)
    found = task.run(ctx).outputs
    assert terraform.args == [["init", "-input=false"], ["plan"]]
    assert terraform.calls[0]["env"]["TF_VAR_region"] == "eu"
    assert content(ctx, found["outputFiles"]["plan.txt"]) == "done plan\nname = 1"
    assert found["exitCode"] == 0


def test_the_exit_code_of_the_last_command_counts(tmp_path):
    terraform = Played(tmp_path / "bin", "terraform", "sys.exit(sys.argv[1] == 'bad')")
    ctx = context_with(tmp_path, terraform.folder)
    assert script(TYPE, commands=["terraform bad", "terraform good"]).run(ctx).outputs
    with pytest.raises(TaskFailed, match="exit code 1"):
        script(TYPE, commands=["terraform good", "terraform bad"]).run(ctx)


def test_the_program_is_known_to_be_needed():
    assert script(TYPE, commands=["terraform plan"]).needs() == ["/bin/sh", "terraform"]


@pytest.mark.parametrize("name", ["interpreter", "runner", "failFast"])
def test_properties_of_scripts_are_none_of_it(name):
    assert name not in type(script(TYPE, commands=["x"])).properties
