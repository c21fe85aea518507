"""io.kestra.plugin.ansible.cli.AnsibleCLI"""

import pkgutil
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.files.places import write_below
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.scripts.commands import ToolCommands
from kestrel_cli.tasks.scripts.languages import Language
from kestrel_cli.tasks.scripts.task import Setting

_CONFIG: Final = "ansible.cfg"
_CALLBACK: Final = "callback_plugins/kestra_logger.py"
_LOG: Final = "log"
_MERGED: Final = ("outputs", "playbooks")  # lists that grow from command to command
_DEFAULT: Final = """\
[defaults]
log_path          = {{ workingDir }}/log
callback_plugins  = ./callback_plugins
stdout_callback   = kestra_logger
result_format     = json
pretty_results    = true
"""


class AnsibleCLI(ToolCommands):
    """Run Ansible's commands, each in a shell of its own; the first that fails is the last.

    A callback plugin tells of every task of a playbook in the log and in the outputs. It is named
    in an `ansible.cfg` that is written unless the working directory has one.
    """

    ansibleConfig: Dynamic[str] = _DEFAULT
    outputLogFile: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "vars": "`outputs`: the results of all tasks that went well; and what commands wrote",
        "playbooks": "for each playbook its `plays`, their `tasks` and the results of all hosts",
    }
    language: ClassVar[Language] = Language(
        "cytopia/ansible:latest-tools",
        None,
        "",
        ("ansible-playbook", "ansible", "ansible-galaxy"),
        interpreter=("/bin/bash", "-c"),
    )

    def arrange(self, setting: Setting) -> None:
        folder = setting.work.folder
        if (folder / _CONFIG).exists():
            setting.work.ctx.log("WARN", f"the working directory has an {_CONFIG}: it is used")
        else:
            write_below(folder, _CONFIG, setting.work.ctx.text(self.ansibleConfig).encode())
        data = pkgutil.get_data(__package__, "for_children/kestra_logger.py.txt")
        assert data is not None  # it is part of the package
        write_below(folder, _CALLBACK, data)

    def environment(self, ctx: RunContext) -> dict[str, str]:
        return {"PYTHONUNBUFFERED": "true"}

    def shells(self, before: Sequence[str], commands: Sequence[str]) -> list[str]:
        first = ["\n".join([*before, *commands[:1]]), *commands[1:]]
        return [f"(\n{text}\n) || exit $?" for text in first]

    def feed(self, ctx: RunContext) -> Feed:
        return _Results(ctx)

    def kept(self, setting: Setting) -> dict[str, str]:
        log = setting.work.folder / _LOG
        if not setting.work.ctx.boolean(self.outputLogFile) or not log.is_file():
            return {}
        return {_LOG: setting.work.ctx.files.put(log, _LOG)}

    def outcome(self, feed: Feed, outputs: dict[str, object]) -> Outcome:
        return Outcome({**outputs, "playbooks": feed.outputs["playbooks"]})


class _Results(Feed):
    """The results of several playbooks are one list."""

    def __init__(self, ctx: RunContext) -> None:
        super().__init__(ctx)
        self.outputs |= {name: [] for name in _MERGED}

    def keep(self, outputs: dict[str, Any]) -> None:
        for name in _MERGED:
            if isinstance(more := outputs.get(name), list):
                outputs = {**outputs, name: [*self.outputs[name], *more]}
        super().keep(outputs)
