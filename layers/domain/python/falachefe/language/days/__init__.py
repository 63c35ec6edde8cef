"""Days in Portuguese: the words for a day or a period, and what only looks like one."""
