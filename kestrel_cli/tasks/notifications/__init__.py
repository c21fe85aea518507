"""Messages to people (Kestra's plugins for Slack, Teams, mail and the like).

Each is one HTTP request or one mail, with a text of its own or about an execution.
"""
