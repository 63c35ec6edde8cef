"""Typed spans of a message: amounts, quantities, days, people, documents and category words, each with its role."""
