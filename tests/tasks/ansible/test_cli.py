"""The task type AnsibleCLI, by programs that play Ansible, and by Ansible where it is installed."""

import sys

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.programs import Played, context_with, folder_of
from tests.support.scripts import content, said, script

TYPE = "io.kestra.plugin.ansible.cli.AnsibleCLI"
TELLS = """
book = sys.argv[-1]
with open("log", "a") as log:
    log.write(book + "\\n")
outputs = {"outputs": [{"msg": book}], "playbooks": [{"plays": [{"name": book}]}], "last": book}
print("::" + json.dumps({"outputs": outputs}) + "::")
sys.exit(3 if book == "bad.yml" else 0)
"""
BOOK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - name: say
      ansible.builtin.command: echo hello
      register: found
    - name: show
      ansible.builtin.debug:
        var: found.stdout
    - name: never
      ansible.builtin.debug: {msg: x}
      when: false
"""


def test_results_of_several_playbooks_are_put_together(tmp_path):
    ansible = Played(tmp_path / "bin", "ansible-playbook", TELLS)
    ctx = context_with(tmp_path, ansible.folder)
    found = (
        script(
            TYPE,
            beforeCommands=["export FIRST=1"],
            commands=["ansible-playbook a.yml", "ansible-playbook b.yml"],
            outputLogFile=True,
        )
        .run(ctx)
        .outputs
    )
    assert ansible.args == [["a.yml"], ["b.yml"]]
    assert ["FIRST" in call["env"] for call in ansible.calls] == [True, False]
    assert found["vars"]["outputs"] == [{"msg": "a.yml"}, {"msg": "b.yml"}]
    assert found["vars"]["last"] == "b.yml"
    assert [one["plays"][0]["name"] for one in found["playbooks"]] == ["a.yml", "b.yml"]
    assert content(ctx, found["outputFiles"]["log"]) == "a.yml\nb.yml\n"


def test_the_first_command_that_fails_is_the_last(tmp_path):
    ansible = Played(tmp_path / "bin", "ansible-playbook", TELLS)
    task = script(TYPE, commands=["ansible-playbook bad.yml", "ansible-playbook b.yml"])
    with pytest.raises(TaskFailed, match="exit code 3") as failed:
        task.run(context_with(tmp_path, ansible.folder))
    assert ansible.args == [["bad.yml"]]
    assert failed.value.outputs["vars"]["outputs"] == [{"msg": "bad.yml"}]


def test_the_configuration_is_written_unless_there_is_one(tmp_path):
    show = {"commands": ["cat ansible.cfg"]}
    ctx = context_with(tmp_path)
    script(TYPE, **show, ansibleConfig="[defaults]\nlog = <workingDir>").run(ctx)
    assert "[defaults]" in said(ctx, "INFO")
    other = context_with(tmp_path)
    script(TYPE, **show, inputFiles={"ansible.cfg": "mine"}).run(other)
    assert "mine" in said(other, "INFO")
    assert said(other, "WARN") == ["the working directory has an ansible.cfg: it is used"]


@pytest.mark.programs
def test_a_playbook_is_told_of_by_ansible_itself(tmp_path):
    ctx = context_with(
        tmp_path, folder_of("ansible-playbook"), ANSIBLE_PYTHON_INTERPRETER=sys.executable
    )
    task = script(
        TYPE,
        inputFiles={"book.yml": BOOK},
        ansibleConfig="""\
[defaults]
callback_plugins = ./callback_plugins
stdout_callback = kestra_logger
""",
        commands=["ansible-playbook -i localhost, -c local book.yml"],
    )
    found = task.run(ctx).outputs
    assert [one.get("stdout", one.get("found.stdout")) for one in found["vars"]["outputs"]] == [
        "hello",
        "hello",
    ]
    (play,) = found["playbooks"][0]["plays"]
    assert [task["name"] for task in play["tasks"]] == ["say", "show", "never"]
    assert [task["hosts"][0]["status"] for task in play["tasks"]] == ["ok", "ok", "skipped"]
    assert "TASK [say]" in said(ctx, "INFO")
