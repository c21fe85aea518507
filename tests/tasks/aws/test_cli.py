"""The task type AwsCLI, by a program that plays `aws`."""

from tests.support.programs import Played, context_with
from tests.support.scripts import script

TYPE = "io.kestra.plugin.aws.cli.AwsCLI"
SAID = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL", "AWS_DEFAULT_OUTPUT",
}  # fmt: skip
CONFIGURE = """
if sys.argv[1:3] == ["configure", "set"]:
    with open(os.environ["AWS_CONFIG_FILE"], "a") as file:
        file.write(" ".join(sys.argv[3:]) + "\\n")
elif "AWS_CONFIG_FILE" in os.environ:
    told = {"outputs": {"config": open(os.environ["AWS_CONFIG_FILE"]).read()}}
    print("::" + json.dumps(told) + "::")
"""


def test_credentials_are_variables_of_the_commands(tmp_path):
    aws = Played(tmp_path / "bin", "aws")
    ctx = context_with(tmp_path, aws.folder)
    script(
        TYPE,
        accessKeyId="AKID",
        secretKeyId="very secret",
        sessionToken="token",
        region="eu-west-1",
        endpointOverride="http://localhost:4566",
        outputFormat="TABLE",
        env={"AWS_DEFAULT_REGION": "us-east-1"},
        commands=["aws s3 ls"],
    ).run(ctx)
    (call,) = aws.calls
    assert call["args"] == ["s3", "ls"]
    assert {name: text for name, text in call["env"].items() if name in SAID} == {
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "very secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://localhost:4566",
        "AWS_DEFAULT_OUTPUT": "table",
    }
    assert ctx.hidden == ["very secret", "token"]


def test_what_is_not_said_is_as_on_the_machine(tmp_path):
    aws = Played(tmp_path / "bin", "aws")
    ctx = context_with(tmp_path, aws.folder, AWS_PROFILE="mine")
    script(TYPE, commands=["aws s3 ls"]).run(ctx)
    env = aws.calls[0]["env"]
    assert (env["AWS_PROFILE"], env["AWS_DEFAULT_OUTPUT"]) == ("mine", "json")
    assert "AWS_ACCESS_KEY_ID" not in env


def test_a_role_is_set_in_a_copy_of_the_configuration(tmp_path):
    aws = Played(tmp_path / "bin", "aws", CONFIGURE)
    (tmp_path / ".aws").mkdir()
    own = tmp_path / ".aws" / "config"
    own.write_text("[default]\n")
    task = script(
        TYPE,
        stsRoleArn="arn:aws:iam::1:role/x",
        stsRoleSessionName="a name",
        stsRoleSessionDuration="PT15M",
        stsCredentialSource="ENVIRONMENT",
        commands=["aws sts get-caller-identity"],
    )
    found = task.run(context_with(tmp_path, aws.folder)).outputs
    assert found["vars"]["config"].splitlines() == [
        "[default]",
        "role_arn arn:aws:iam::1:role/x",
        "role_session_name a name",
        "duration_seconds 900",
        "credential_source Environment",
    ]
    assert own.read_text() == "[default]\n"
