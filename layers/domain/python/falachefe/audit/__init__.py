"""Who did what to which resource: rows that are only ever added."""
