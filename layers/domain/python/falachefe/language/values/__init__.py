"""Parsers of values in text: amounts of money, dates and ledger categories."""
