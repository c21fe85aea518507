"""Small flows for the tests of the command line, written into a test's directory."""

from pathlib import Path

CORE = "io.kestra.plugin.core"
HELLO = f"""
id: hello
namespace: company.team
inputs:
  - id: name
    type: STRING
    defaults: world
tasks:
  - id: greet
    type: {CORE}.log.Log
    message: Hello {{{{ inputs.name }}}}!
"""
FAILS = f"""
id: fails
namespace: company.team
tasks:
  - id: bad
    type: {CORE}.execution.Fail
    errorMessage: on purpose
"""
WARNS = FAILS + "    allowFailure: true\n"
SLEEPS = f"""
id: sleeps
namespace: company.team
tasks:
  - id: before
    type: {CORE}.debug.Return
    format: done
  - id: outer
    type: {CORE}.flow.Sequential
    tasks:
      - id: nap
        type: {CORE}.flow.Sleep
        duration: PT1M
      - id: later
        type: {CORE}.log.Log
        message: never said
    finally:
      - id: tidy
        type: {CORE}.log.Log
        message: never said
"""
UNSUPPORTED = """
id: needs
namespace: company.team
tasks:
  - id: query
    type: io.kestra.plugin.aws.s3.Upload
    bucket: my-bucket
"""
NEEDS_INPUT = f"""
id: asks
namespace: company.team
inputs:
  - id: age
    type: INT
tasks:
  - id: say
    type: {CORE}.log.Log
    message: "{{{{ inputs.age }}}}"
"""
TALKS = f"""
id: talks
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: "{{{{ range(1, 2000) }}}}"
    tasks:
      - id: say
        type: {CORE}.log.Log
        message: line {{{{ taskrun.value }}}} of a long talk about nothing at all
"""


def written(folder: Path, text: str, name: str = "flow.yaml") -> str:
    """Write a flow; returns its name."""
    (folder / name).write_text(text, "utf-8")
    return name
