"""Amounts of money and counted things: number phrases, currencies, roles."""
