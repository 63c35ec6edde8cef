"""Lists of a resource: filters, sorting, paging, and which rows a caller may see."""
