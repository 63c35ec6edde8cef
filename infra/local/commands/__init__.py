"""Commands on a running instance: logs, psql, and invoking one function."""
