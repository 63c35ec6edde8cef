"""The team: hirings, absences, time off, changes and departures."""
