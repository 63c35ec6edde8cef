"""Clauses of a message: their verbs, their modality, and who gives money to whom."""
