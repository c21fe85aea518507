"""io.kestra.plugin.terraform.cli.TerraformCLI"""

from typing import ClassVar

from kestrel_cli.tasks.scripts.commands import ToolCommands, tool
from kestrel_cli.tasks.scripts.languages import Language


class TerraformCLI(ToolCommands):
    """Run Terraform's commands, such as `terraform init` and `terraform apply -auto-approve`.

    State that Terraform keeps in the working directory goes with it: say a backend.
    """

    language: ClassVar[Language] = tool("hashicorp/terraform", "terraform")
