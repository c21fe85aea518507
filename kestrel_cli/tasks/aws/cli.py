"""io.kestra.plugin.aws.cli.AwsCLI"""

import shlex
from pathlib import Path
from typing import ClassVar, Final, Literal

from kestrel_cli.tasks.base import Duration, Dynamic, RunContext
from kestrel_cli.tasks.scripts.commands import ToolCommands, tool
from kestrel_cli.tasks.scripts.languages import Language
from kestrel_cli.tasks.scripts.shell import write_private
from kestrel_cli.tasks.scripts.task import Setting

_SOURCES: Final = {
    "ENVIRONMENT": "Environment",
    "EC2_INSTANCE_METADATA": "Ec2InstanceMetadata",
    "ECS_CONTAINER": "EcsContainer",
}


class AwsCLI(ToolCommands):
    """Run commands of the AWS command line, with the credentials that the task says.

    What it does not say is as on this machine: `~/.aws`, variables `AWS_...`. A role (`stsRole...`)
    goes into a copy of the machine's configuration; the file itself stays as it is.
    """

    without: ClassVar[frozenset[str]] = ToolCommands.without | {"beforeCommands"}

    accessKeyId: Dynamic[str] | None = None
    secretKeyId: Dynamic[str] | None = None
    sessionToken: Dynamic[str] | None = None
    region: Dynamic[str] | None = None
    endpointOverride: Dynamic[str] | None = None
    stsRoleArn: Dynamic[str] | None = None
    stsRoleExternalId: Dynamic[str] | None = None
    stsRoleSessionName: Dynamic[str] | None = None
    stsRoleSessionDuration: Dynamic[Duration] | None = None
    stsEndpointOverride: Dynamic[str] | None = None
    stsCredentialSource: Literal["ENVIRONMENT", "EC2_INSTANCE_METADATA", "ECS_CONTAINER"] | None = (
        None
    )
    outputFormat: Dynamic[Literal["JSON", "TEXT", "TABLE", "YAML"]] = "JSON"

    language: ClassVar[Language] = tool("amazon/aws-cli", "aws")

    def environment(self, ctx: RunContext) -> dict[str, str]:
        said = {
            "AWS_ACCESS_KEY_ID": ctx.text(self.accessKeyId),
            "AWS_SECRET_ACCESS_KEY": ctx.text(self.secretKeyId),
            "AWS_SESSION_TOKEN": ctx.text(self.sessionToken),
            "AWS_DEFAULT_REGION": ctx.text(self.region),
            "AWS_ENDPOINT_URL": ctx.text(self.endpointOverride),
            "AWS_DEFAULT_OUTPUT": ctx.text(self.outputFormat).lower(),
        }
        for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            if said[name]:
                ctx.hide(said[name])
        return {name: value for name, value in said.items() if value}

    def commands_of(self, setting: Setting) -> list[str]:
        role = self._role(setting.work.ctx)
        if role:
            self._own_configuration(setting)
        configured = [shlex.join(["aws", "configure", "set", *pair]) for pair in role.items()]
        return [*configured, *super().commands_of(setting)]

    def _role(self, ctx: RunContext) -> dict[str, str]:
        """Settings that have no variable of the environment."""
        duration = self.stsRoleSessionDuration
        source = self.stsCredentialSource
        said = {
            "role_arn": ctx.text(self.stsRoleArn),
            "role_session_name": ctx.text(self.stsRoleSessionName),
            "external_id": ctx.text(self.stsRoleExternalId),
            "duration_seconds": "" if duration is None else f"{ctx.duration(duration).seconds:.0f}",
            "credential_source": "" if source is None else _SOURCES[source],
        }
        return {name: value for name, value in said.items() if value}

    def _own_configuration(self, setting: Setting) -> None:
        """A copy of the user's configuration for these commands alone."""
        around = setting.work.ctx.about.environ
        place = around.get("AWS_CONFIG_FILE") or str(Path(around.get("HOME", "~"), ".aws/config"))
        try:
            found = Path(place).expanduser().read_text("utf-8")
        except OSError:
            found = ""
        copy = setting.work.private / "aws-config"
        write_private(copy, found)
        setting.add({"AWS_CONFIG_FILE": str(copy)})
