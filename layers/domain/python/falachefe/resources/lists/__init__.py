"""Lists of a resource: parsing queries, filters, sorting and paging."""
