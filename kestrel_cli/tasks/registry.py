"""Every task type by name. The modules are imported when a flow first uses them.

A new task type is one file and one line here; a test walks the package and fails for a class that
is not listed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from kestrel_cli.model.task import Task

if TYPE_CHECKING:
    from kestrel_cli.tasks.plugins import Plugins

_CORE: Final = "io.kestra.plugin.core."
_SERDES: Final = "io.kestra.plugin.serdes."
_JDBC: Final = "io.kestra.plugin.jdbc."
_PLUGIN: Final = "io.kestra.plugin."
_NOTICES: Final = "io.kestra.plugin.notifications."

# Languages with a task type for commands and one for a script.
_LANGUAGES: Final = (
    "bun", "csharp", "deno", "dotnet", "fsharp", "go", "groovy", "jbang", "julia", "lua", "node",
    "perl", "php", "powershell", "python", "r", "ruby", "shell",
)  # fmt: skip

# The commands of dbt that have a task type each.
_DBT: Final = (
    "Build", "Compile", "Deps", "Freshness", "List", "Run", "Seed", "Snapshot", "Test",
)  # fmt: skip

# What Docker can be asked for, and the module of it.
_DOCKER: Final = {
    "Build": "build", "Compose": "compose", "ImageLs": "image_ls", "Prune": "prune", "Pull": "pull",
    "Push": "push", "Rm": "rm", "Run": "run", "Stop": "stop", "Tag": "tag",
}  # fmt: skip

# Kestra's name -> module below `kestrel_cli.tasks` and class in it.
TYPES: Final = {
    "io.kestra.core.tasks.scripts.Bash": "scripts.old:Bash",
    "io.kestra.core.tasks.scripts.Node": "scripts.old:Node",
    "io.kestra.core.tasks.scripts.Python": "scripts.old:Python",
    **{
        f"{_PLUGIN}scripts.{language}.{kind}": f"scripts.by_language:{language.title()}{kind}"
        for language in _LANGUAGES
        for kind in ("Commands", "Script")
    },
    f"{_CORE}debug.Echo": "debug.echo:Echo",
    f"{_CORE}debug.Return": "debug.return_:Return",
    f"{_CORE}execution.Assert": "execution.assert_:Assert",
    f"{_CORE}execution.Count": "execution.count:Count",
    f"{_CORE}execution.Exit": "execution.exit_:Exit",
    f"{_CORE}execution.Fail": "execution.fail:Fail",
    f"{_CORE}execution.Labels": "execution.labels:Labels",
    f"{_CORE}execution.PurgeExecutions": "execution.purge_executions:PurgeExecutions",
    f"{_CORE}execution.Resume": "execution.resume:Resume",
    f"{_CORE}execution.SetVariables": "execution.set_variables:SetVariables",
    f"{_CORE}execution.UnsetVariables": "execution.unset_variables:UnsetVariables",
    f"{_CORE}flow.AllowFailure": "flow.allow_failure:AllowFailure",
    f"{_CORE}flow.Dag": "flow.dag:Dag",
    f"{_CORE}flow.EachParallel": "flow.each_parallel:EachParallel",
    f"{_CORE}flow.EachSequential": "flow.each_sequential:EachSequential",
    f"{_CORE}flow.ForEach": "flow.for_each:ForEach",
    f"{_CORE}flow.ForEachItem": "flow.for_each_item:ForEachItem",
    f"{_CORE}flow.If": "flow.if_:If",
    f"{_CORE}flow.Loop": "flow.loop:Loop",
    f"{_CORE}flow.LoopUntil": "flow.loop_until:LoopUntil",
    f"{_CORE}flow.Parallel": "flow.parallel:Parallel",
    f"{_CORE}flow.Pause": "flow.pause:Pause",
    f"{_CORE}flow.Sequential": "flow.sequential:Sequential",
    f"{_CORE}flow.Sleep": "flow.sleep:Sleep",
    f"{_CORE}flow.Subflow": "flow.subflow:Subflow",
    f"{_CORE}flow.Switch": "flow.switch:Switch",
    f"{_CORE}flow.Template": "flow.template:Template",
    f"{_CORE}flow.WorkingDirectory": "flow.working_directory:WorkingDirectory",
    f"{_CORE}http.Download": "http.download:Download",
    f"{_CORE}http.Request": "http.request:Request",
    f"{_CORE}http.SseRequest": "http.sse_request:SseRequest",
    f"{_CORE}kv.Delete": "kv.delete:Delete",
    f"{_CORE}kv.Get": "kv.get:Get",
    f"{_CORE}kv.GetKeys": "kv.get_keys:GetKeys",
    f"{_CORE}kv.PurgeKV": "kv.purge_kv:PurgeKV",
    f"{_CORE}kv.Put": "kv.put:Put",
    f"{_CORE}kv.Set": "kv.set_:Set",
    f"{_CORE}log.Fetch": "log.fetch:Fetch",
    f"{_CORE}log.Log": "log.log:Log",
    f"{_CORE}metric.Publish": "metric.publish:Publish",
    f"{_CORE}namespace.DeleteFiles": "namespace.delete_files:DeleteFiles",
    f"{_CORE}namespace.DownloadFiles": "namespace.download_files:DownloadFiles",
    f"{_CORE}namespace.UploadFiles": "namespace.upload_files:UploadFiles",
    f"{_CORE}output.OutputValues": "output.output_values:OutputValues",
    f"{_CORE}state.Delete": "state.delete:Delete",
    f"{_CORE}state.Get": "state.get:Get",
    f"{_CORE}state.Set": "state.set_:Set",
    f"{_CORE}storage.Concat": "storage.concat:Concat",
    f"{_CORE}storage.DeduplicateItems": "storage.deduplicate_items:DeduplicateItems",
    f"{_CORE}storage.Delete": "storage.delete:Delete",
    f"{_CORE}storage.FilterItems": "storage.filter_items:FilterItems",
    f"{_CORE}storage.LocalFiles": "storage.local_files:LocalFiles",
    f"{_CORE}storage.PurgeCurrentExecutionFiles": (
        "storage.purge_current_execution_files:PurgeCurrentExecutionFiles"
    ),
    f"{_CORE}storage.PurgeStorage": "storage.purge_storage:PurgeStorage",
    f"{_CORE}storage.Reverse": "storage.reverse:Reverse",
    f"{_CORE}storage.Size": "storage.size:Size",
    f"{_CORE}storage.Split": "storage.split:Split",
    f"{_CORE}storage.Write": "storage.write:Write",
    f"{_CORE}templating.TemplatedTask": "templating.templated_task:TemplatedTask",
    f"{_PLUGIN}ansible.cli.AnsibleCLI": "ansible.cli:AnsibleCLI",
    f"{_PLUGIN}aws.cli.AwsCLI": "aws.cli:AwsCLI",
    f"{_PLUGIN}dbt.cli.DbtCLI": "dbt.cli:DbtCLI",
    f"{_PLUGIN}dbt.cli.Setup": "dbt.setup:Setup",
    **{f"{_PLUGIN}dbt.cli.{command}": f"dbt.single:{command}" for command in _DBT},
    **{
        f"{_PLUGIN}docker.cli.{name}": f"docker.{module}:{name}" for name, module in _DOCKER.items()
    },
    f"{_PLUGIN}terraform.cli.TerraformCLI": "terraform.cli:TerraformCLI",
    f"{_JDBC}duckdb.Queries": "jdbc.duckdb:Queries",
    f"{_JDBC}duckdb.Query": "jdbc.duckdb:Query",
    f"{_JDBC}mariadb.Batch": "jdbc.mariadb:Batch",
    f"{_JDBC}mariadb.Queries": "jdbc.mariadb:Queries",
    f"{_JDBC}mariadb.Query": "jdbc.mariadb:Query",
    f"{_JDBC}mysql.Batch": "jdbc.mysql:Batch",
    f"{_JDBC}mysql.Queries": "jdbc.mysql:Queries",
    f"{_JDBC}mysql.Query": "jdbc.mysql:Query",
    f"{_JDBC}postgresql.Batch": "jdbc.postgresql:Batch",
    f"{_JDBC}postgresql.Queries": "jdbc.postgresql:Queries",
    f"{_JDBC}postgresql.Query": "jdbc.postgresql:Query",
    f"{_JDBC}sqlite.Queries": "jdbc.sqlite:Queries",
    f"{_JDBC}sqlite.Query": "jdbc.sqlite:Query",
    f"{_SERDES}avro.AvroToIon": "serdes.avro_to_ion:AvroToIon",
    f"{_SERDES}avro.IonToAvro": "serdes.ion_to_avro:IonToAvro",
    f"{_SERDES}csv.CsvToIon": "serdes.csv_to_ion:CsvToIon",
    f"{_SERDES}csv.IonToCsv": "serdes.ion_to_csv:IonToCsv",
    f"{_SERDES}excel.ExcelToIon": "serdes.excel_to_ion:ExcelToIon",
    f"{_SERDES}excel.IonToExcel": "serdes.ion_to_excel:IonToExcel",
    f"{_SERDES}json.IonToJson": "serdes.ion_to_json:IonToJson",
    f"{_SERDES}json.JsonToIon": "serdes.json_to_ion:JsonToIon",
    f"{_SERDES}parquet.IonToParquet": "serdes.ion_to_parquet:IonToParquet",
    f"{_SERDES}parquet.ParquetToIon": "serdes.parquet_to_ion:ParquetToIon",
    f"{_SERDES}xml.IonToXml": "serdes.ion_to_xml:IonToXml",
    f"{_SERDES}xml.XmlToIon": "serdes.xml_to_ion:XmlToIon",
    f"{_SERDES}yaml.IonToYaml": "serdes.ion_to_yaml:IonToYaml",
    f"{_SERDES}yaml.YamlToIon": "serdes.yaml_to_ion:YamlToIon",
    f"{_PLUGIN}compress.ArchiveCompress": "compress.archive_compress:ArchiveCompress",
    f"{_PLUGIN}compress.ArchiveDecompress": "compress.archive_decompress:ArchiveDecompress",
    f"{_PLUGIN}compress.FileCompress": "compress.file_compress:FileCompress",
    f"{_PLUGIN}compress.FileDecompress": "compress.file_decompress:FileDecompress",
    f"{_PLUGIN}discord.DiscordExecution": "notifications.discord_execution:DiscordExecution",
    f"{_PLUGIN}discord.DiscordIncomingWebhook": ("notifications.webhooks:DiscordIncomingWebhook"),
    f"{_PLUGIN}email.MailExecution": "notifications.mail_execution:MailExecution",
    f"{_PLUGIN}email.MailSend": "notifications.mail_send:MailSend",
    f"{_PLUGIN}fs.local.Copy": "fs.copy:Copy",
    f"{_PLUGIN}fs.local.Delete": "fs.delete:Delete",
    f"{_PLUGIN}fs.local.Download": "fs.download:Download",
    f"{_PLUGIN}fs.local.Downloads": "fs.downloads:Downloads",
    f"{_PLUGIN}fs.local.List": "fs.list_:List",
    f"{_PLUGIN}fs.local.Move": "fs.move:Move",
    f"{_PLUGIN}fs.local.Upload": "fs.upload:Upload",
    f"{_PLUGIN}fs.local.Uploads": "fs.uploads:Uploads",
    f"{_PLUGIN}fs.ssh.Command": "fs.ssh_command:Command",
    f"{_PLUGIN}git.Clone": "git.clone:Clone",
    f"{_PLUGIN}git.Push": "git.push:Push",
    f"{_PLUGIN}git.PushExecutionFiles": "git.push_execution_files:PushExecutionFiles",
    f"{_PLUGIN}git.PushNamespaceFiles": "git.push_namespace_files:PushNamespaceFiles",
    f"{_PLUGIN}git.Sync": "git.sync:Sync",
    f"{_PLUGIN}git.SyncNamespaceFiles": "git.sync_namespace_files:SyncNamespaceFiles",
    f"{_PLUGIN}googleworkspace.chat.GoogleChatExecution": (
        "notifications.google_chat_execution:GoogleChatExecution"
    ),
    f"{_PLUGIN}googleworkspace.chat.GoogleChatIncomingWebhook": (
        "notifications.webhooks:GoogleChatIncomingWebhook"
    ),
    f"{_PLUGIN}meta.whatsapp.WhatsAppIncomingWebhook": (
        "notifications.webhooks:WhatsAppIncomingWebhook"
    ),
    f"{_PLUGIN}microsoft365.teams.TeamsExecution": "notifications.teams_execution:TeamsExecution",
    f"{_PLUGIN}microsoft365.teams.TeamsIncomingWebhook": (
        "notifications.webhooks:TeamsIncomingWebhook"
    ),
    f"{_PLUGIN}opsgenie.OpsgenieAlert": "notifications.opsgenie_alert:OpsgenieAlert",
    f"{_PLUGIN}pagerduty.PagerDutyAlert": "notifications.webhooks:PagerDutyAlert",
    f"{_PLUGIN}slack.notifications.SlackExecution": "notifications.slack_execution:SlackExecution",
    f"{_PLUGIN}slack.notifications.SlackIncomingWebhook": (
        "notifications.slack_webhook:SlackIncomingWebhook"
    ),
    f"{_PLUGIN}squadcast.SquadcastIncomingWebhook": (
        "notifications.webhooks:SquadcastIncomingWebhook"
    ),
    f"{_PLUGIN}telegram.TelegramSend": "notifications.telegram_send:TelegramSend",
    f"{_PLUGIN}zenduty.ZendutyAlert": "notifications.webhooks:ZendutyAlert",
    f"{_PLUGIN}zulip.ZulipIncomingWebhook": "notifications.webhooks:ZulipIncomingWebhook",
}

# Older names that Kestra still reads.
ALIASES: Final = {
    **{f"{_PLUGIN}docker.{name}": f"{_PLUGIN}docker.cli.{name}" for name in _DOCKER},
    "io.kestra.core.tasks.debugs.Echo": f"{_CORE}debug.Echo",
    "io.kestra.core.tasks.debugs.Return": f"{_CORE}debug.Return",
    "io.kestra.core.tasks.executions.Counts": f"{_CORE}execution.Count",
    "io.kestra.core.tasks.executions.Fail": f"{_CORE}execution.Fail",
    "io.kestra.core.tasks.executions.Labels": f"{_CORE}execution.Labels",
    "io.kestra.core.tasks.flows.AllowFailure": f"{_CORE}flow.AllowFailure",
    "io.kestra.core.tasks.flows.Dag": f"{_CORE}flow.Dag",
    "io.kestra.core.tasks.flows.EachParallel": f"{_CORE}flow.EachParallel",
    "io.kestra.core.tasks.flows.EachSequential": f"{_CORE}flow.EachSequential",
    "io.kestra.core.tasks.flows.Flow": f"{_CORE}flow.Subflow",
    "io.kestra.core.tasks.flows.ForEach": f"{_CORE}flow.ForEach",
    "io.kestra.core.tasks.flows.ForEachItem": f"{_CORE}flow.ForEachItem",
    "io.kestra.core.tasks.flows.If": f"{_CORE}flow.If",
    "io.kestra.core.tasks.flows.Parallel": f"{_CORE}flow.Parallel",
    "io.kestra.core.tasks.flows.Pause": f"{_CORE}flow.Pause",
    "io.kestra.core.tasks.flows.Sequential": f"{_CORE}flow.Sequential",
    "io.kestra.core.tasks.flows.Subflow": f"{_CORE}flow.Subflow",
    "io.kestra.core.tasks.flows.Switch": f"{_CORE}flow.Switch",
    "io.kestra.core.tasks.flows.Template": f"{_CORE}flow.Template",
    "io.kestra.core.tasks.flows.Worker": f"{_CORE}flow.WorkingDirectory",
    "io.kestra.core.tasks.flows.WorkingDirectory": f"{_CORE}flow.WorkingDirectory",
    "io.kestra.core.tasks.log.Fetch": f"{_CORE}log.Fetch",
    "io.kestra.core.tasks.log.Log": f"{_CORE}log.Log",
    "io.kestra.core.tasks.states.Delete": f"{_CORE}state.Delete",
    "io.kestra.core.tasks.states.Get": f"{_CORE}state.Get",
    "io.kestra.core.tasks.states.Set": f"{_CORE}state.Set",
    "io.kestra.core.tasks.storages.Concat": f"{_CORE}storage.Concat",
    "io.kestra.core.tasks.storages.DeduplicateItems": f"{_CORE}storage.DeduplicateItems",
    "io.kestra.core.tasks.storages.Delete": f"{_CORE}storage.Delete",
    "io.kestra.core.tasks.storages.FilterItems": f"{_CORE}storage.FilterItems",
    "io.kestra.core.tasks.storages.LocalFiles": f"{_CORE}storage.LocalFiles",
    "io.kestra.core.tasks.storages.Purge": f"{_CORE}execution.PurgeExecutions",
    "io.kestra.core.tasks.storages.PurgeExecution": f"{_CORE}storage.PurgeCurrentExecutionFiles",
    "io.kestra.core.tasks.storages.Reverse": f"{_CORE}storage.Reverse",
    "io.kestra.core.tasks.storages.Size": f"{_CORE}storage.Size",
    "io.kestra.core.tasks.storages.Split": f"{_CORE}storage.Split",
    "io.kestra.core.tasks.templating.TemplatedTask": f"{_CORE}templating.TemplatedTask",
    "io.kestra.core.tasks.trigger.Toggle": f"{_CORE}trigger.Toggle",
    "io.kestra.plugin.core.flow.WaitFor": f"{_CORE}flow.LoopUntil",
    "io.kestra.plugin.core.storage.Purge": f"{_CORE}execution.PurgeExecutions",
    "io.kestra.plugin.core.storage.PurgeExecution": f"{_CORE}storage.PurgeCurrentExecutionFiles",
    "io.kestra.plugin.fs.http.Download": f"{_CORE}http.Download",
    "io.kestra.plugin.fs.http.Request": f"{_CORE}http.Request",
    "io.kestra.plugin.serdes.avro.AvroReader": f"{_SERDES}avro.AvroToIon",
    "io.kestra.plugin.serdes.avro.AvroWriter": f"{_SERDES}avro.IonToAvro",
    "io.kestra.plugin.serdes.csv.CsvReader": f"{_SERDES}csv.CsvToIon",
    "io.kestra.plugin.serdes.csv.CsvWriter": f"{_SERDES}csv.IonToCsv",
    "io.kestra.plugin.serdes.json.JsonReader": f"{_SERDES}json.JsonToIon",
    "io.kestra.plugin.serdes.json.JsonWriter": f"{_SERDES}json.IonToJson",
    "io.kestra.plugin.serdes.parquet.ParquetReader": f"{_SERDES}parquet.ParquetToIon",
    "io.kestra.plugin.serdes.parquet.ParquetWriter": f"{_SERDES}parquet.IonToParquet",
    "io.kestra.plugin.serdes.xml.XmlReader": f"{_SERDES}xml.XmlToIon",
    "io.kestra.plugin.serdes.xml.XmlWriter": f"{_SERDES}xml.IonToXml",
    f"{_NOTICES}discord.DiscordExecution": f"{_PLUGIN}discord.DiscordExecution",
    f"{_NOTICES}discord.DiscordIncomingWebhook": f"{_PLUGIN}discord.DiscordIncomingWebhook",
    f"{_NOTICES}google.GoogleChatExecution": f"{_PLUGIN}googleworkspace.chat.GoogleChatExecution",
    f"{_NOTICES}google.GoogleChatIncomingWebhook": (
        f"{_PLUGIN}googleworkspace.chat.GoogleChatIncomingWebhook"
    ),
    f"{_NOTICES}mail.MailExecution": f"{_PLUGIN}email.MailExecution",
    f"{_NOTICES}mail.MailSend": f"{_PLUGIN}email.MailSend",
    f"{_NOTICES}opsgenie.OpsgenieAlert": f"{_PLUGIN}opsgenie.OpsgenieAlert",
    f"{_NOTICES}pagerduty.PagerDutyAlert": f"{_PLUGIN}pagerduty.PagerDutyAlert",
    f"{_NOTICES}slack.SlackExecution": f"{_PLUGIN}slack.notifications.SlackExecution",
    f"{_NOTICES}slack.SlackIncomingWebhook": f"{_PLUGIN}slack.notifications.SlackIncomingWebhook",
    f"{_NOTICES}squadcast.SquadcastIncomingWebhook": f"{_PLUGIN}squadcast.SquadcastIncomingWebhook",
    f"{_NOTICES}teams.TeamsExecution": f"{_PLUGIN}microsoft365.teams.TeamsExecution",
    f"{_NOTICES}teams.TeamsIncomingWebhook": f"{_PLUGIN}microsoft365.teams.TeamsIncomingWebhook",
    f"{_NOTICES}telegram.TelegramSend": f"{_PLUGIN}telegram.TelegramSend",
    f"{_NOTICES}whatsapp.WhatsAppIncomingWebhook": (
        f"{_PLUGIN}meta.whatsapp.WhatsAppIncomingWebhook"
    ),
    f"{_NOTICES}zenduty.ZendutyAlert": f"{_PLUGIN}zenduty.ZendutyAlert",
    f"{_NOTICES}zulip.ZulipIncomingWebhook": f"{_PLUGIN}zulip.ZulipIncomingWebhook",
    f"{_PLUGIN}slack.SlackExecution": f"{_PLUGIN}slack.notifications.SlackExecution",
    f"{_PLUGIN}slack.SlackIncomingWebhook": f"{_PLUGIN}slack.notifications.SlackIncomingWebhook",
}

# Types of Kestra's core that Kestrel knows by name and does not run.
KNOWN_CORE: Final = frozenset(
    _CORE + name
    for name in [
        "dashboard.data.Executions",
        "kv.Version",
        "log.PurgeLogs",
        "namespace.PurgeFiles",
        "namespace.Version",
        "runner.Process",
        "trigger.Toggle",
    ]
)

# Types of Kestra's other plugins whose names are so near to those of types that run here that they
# would be taken for misspelled ones.
KNOWN_NEAR: Final = frozenset(
    _SERDES + name
    for name in [
        "avro.InferAvroSchemaFromIon",
        "json.JsonToJsonl",
        "json.JsonToToon",
        "json.ToonToJson",
        "markdown.HtmlToMarkdown",
        "markdown.MarkdownToHtml",
        "markdown.MarkdownToText",
        "protobuf.ProtobufToIon",
        "yaml.JsonToYaml",
        "yaml.YamlToJson",
    ]
)
_TAKEN: Final = frozenset(TYPES) | frozenset(ALIASES)


def canonical(type_name: str) -> str:
    """Today's name of a type that may be written under an older one."""
    return ALIASES.get(type_name, type_name)


def find(type_name: str) -> type[Task] | None:
    """The class that runs this type, older names too, or a plugin's; None when there is none."""
    place = TYPES.get(canonical(type_name))
    if place is None:
        plugin = plugins().find(type_name) if "." in type_name else None
        return None if plugin is None else plugin.task
    module, _, name = place.partition(":")
    found: type[Task] = getattr(import_module(f"kestrel_cli.tasks.{module}"), name)
    return found


def names() -> tuple[str, ...]:
    """Every type that runs here without a plugin, under today's name."""
    return tuple(TYPES)


def plugins() -> "Plugins":
    """The types that other packages bring; the first call looks through what is installed."""
    from kestrel_cli.tasks.plugins import installed

    return installed(_TAKEN)


def is_known_elsewhere(type_name: str) -> bool:
    """Whether Kestra has this type and Kestrel does not run it: by list in core, else by its
    form.
    """
    name = canonical(type_name)
    if name in KNOWN_CORE or name in KNOWN_NEAR:
        return True
    if name.startswith((_CORE, "io.kestra.core.tasks.flows.", "io.kestra.core.tasks.log.")):
        return False
    package, dot, simple = name.rpartition(".")
    return bool(dot and package and simple[:1].isupper())
