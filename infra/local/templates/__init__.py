"""Generates the repetitive part of the domains' templates: APIs, functions, roles, log groups, queues and alarms.

`declared` reads what a domain's functions.toml says, `endpoints` what its handlers say; `resources` makes
CloudFormation of both, from the files of parts/.
"""
