"""Employees, time off and absences."""
