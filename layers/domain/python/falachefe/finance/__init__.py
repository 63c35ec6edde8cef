"""Ledger of income and expenses, budgets, suppliers and cash-flow reports."""
