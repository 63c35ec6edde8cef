"""Use cases of superadmins and company administrators over several contexts: companies, metrics, audit logs."""
