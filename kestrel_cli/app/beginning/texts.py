"""The files that a beginner gets. `@X@` stands for what is chosen when they are written."""

from typing import Final

FLOW: Final = """\
# Try `kestrel run @FLOWS@/@ID@.yaml --secrets-file secrets.env -i 'names:=["Linus"]'`.
id: @ID@
namespace: @NAMESPACE@
description: Greets everybody who is named.

inputs:
  - id: names
    type: ARRAY
    itemType: STRING
    defaults: [Ada, Grace]

tasks:
  - id: each_name
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ inputs.names }}"
    tasks:
      - id: greet
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner:
          type: io.kestra.plugin.core.runner.Process
        env: # values are no part of the commands, so nothing in them is taken for one
          NAME: "{{ taskrun.value }}"
          SIGNATURE: "{{ secret('SIGNATURE') }}"
        commands:
          - echo "Hello $NAME, says $SIGNATURE"
          - echo '::{"outputs":{"greeting":"Hello '"$NAME"'"}}::'

outputs:
  - id: greeted
    type: STRING
    value: "{{ outputs.greet | keys | join(', ') }}"
"""

SUITE: Final = """\
# Unit tests in Kestra's format; `kestrel test` runs them.
id: @ID@_tests
namespace: @NAMESPACE@
flowId: @ID@
testCases:
  - id: greets_everybody
    type: io.kestra.core.tests.flow.UnitTest
    description: The script does not run here, so no secret is needed.
    fixtures:
      inputs:
        names: [Ada, Linus]
      tasks:
        - id: greet
          value: Ada
          outputs:
            vars: { greeting: Hello Ada }
        - id: greet
          value: Linus
          outputs:
            vars: { greeting: Hello Linus }
    assertions:
      - value: "{{ outputs.greet.Ada.vars.greeting }}"
        equalTo: Hello Ada
      - value: "{{ outputs.greet | keys | join(', ') }}"
        equalTo: Ada, Linus
"""

SECRETS: Final = """\
# Secrets for runs on this machine: NAME=VALUE, one a line. Git does not see this file.
SIGNATURE=the-kestrel-team
"""

SETTINGS: Final = """\
# `kestrel help settings` lists what can stand here.
flows-dir = "@FLOWS@" # where flows find those that they call
# secrets-file = "secrets.env" # for all runs; the file has to be there, in CI too
"""

GITHUB: Final = """\
name: flows
on: [push, pull_request]
permissions:
  contents: read
jobs:
  flows:
    runs-on: ubuntu-latest
@DEFAULTS@    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install kestrel-flow # or "git+https://..." of your copy of it
      - run: kestrel validate @FLOWS@/ --skip-non-flows
      - run: kestrel test @FLOWS@/
"""

GITHUB_FOLDER: Final = """\
    defaults:
      run:
        working-directory: @FOLDER@
"""

GITLAB: Final = """\
flows:
  image: python:3.12
  script:
@DEFAULTS@    - pip install kestrel-flow # or "git+https://..." of your copy of it
    - kestrel validate @FLOWS@/ --skip-non-flows
    - kestrel test @FLOWS@/ --junitxml junit.xml
  artifacts:
    when: always
    reports:
      junit: @PREFIX@junit.xml
"""

GITLAB_FOLDER: Final = """\
    - cd @FOLDER@
"""
