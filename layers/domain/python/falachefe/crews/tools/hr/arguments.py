"""Arguments of the hr agent's tools."""

from pydantic import Field

from falachefe.crews.tools.argument_types import Amount, Arguments, Day, Line, Period


class AddEmployee(Arguments):
    name: Line
    position: Line
    salary: Amount | None = None


class RequestTimeOff(Period):
    employee: Line | None = Field(default=None, description="leave out when the sender asks for their own days")


class RegisterAbsence(Arguments):
    employee: Line
    date: Day
    reason: Line | None = None
