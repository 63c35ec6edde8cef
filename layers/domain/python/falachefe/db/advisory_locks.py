"""Advisory locks, which serialise transactions where there is no common row to lock yet."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def take_advisory_lock(session: Session, name: str) -> None:
    """Takes the advisory lock `name` until the end of the transaction.

    As a statement of its own, so that the next statement sees what the previous holder committed.
    """
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
