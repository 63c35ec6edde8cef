"""Transactions that wait for each other where there is no row yet that both would change."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def take_turns(session: Session, name: str) -> None:
    """Waits until no other transaction has taken this turn; it ends with this one's.

    A statement of its own: the next one sees what the transaction before committed.
    """
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
