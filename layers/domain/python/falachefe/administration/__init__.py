"""Use cases of superadmins and company admins over several packages: users, companies, usage, metrics, audit logs."""
