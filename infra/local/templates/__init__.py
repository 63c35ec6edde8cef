"""Writes what is alike in the domains' templates: APIs, functions, their roles, log groups, queues and alarms.

`declared` reads what a domain's functions.toml says, `endpoints` what its handlers say; `resources` makes
CloudFormation of both, from the files of parts/.
"""
