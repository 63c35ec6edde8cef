"""Replies of a shop to its owner, queued and handed to the sender."""

from uuid import UUID

from falachefe.db.outbox import Outbox
from falachefe.messaging.conversations import service as conversations
from tests.integration.messaging.conftest import OWNER_PHONE, Shop

LONG = "O caixa de hoje fechou com saldo positivo. " * 200


def reply(shop: Shop, text: str) -> UUID:
    """A message of ours, queued."""
    if not shop.rows("select id from conversations"):
        shop.hears(OWNER_PHONE, "oi")
        shop.finish_turns()
    outbox = Outbox(shop.company_id)
    with shop.database.tenant(shop.company_id) as session:
        state = conversations.lock_by_phone(session, shop.company_id, shop.channel_id, OWNER_PHONE)
        assert state is not None
        message_id = conversations.queue_message(session, outbox, state, text, now=shop.clock.now())
        outbox.save(session)
    outbox.publish(shop.database, shop.queues)
    return message_id


def status(shop: Shop, message_id: UUID) -> str:
    (row,) = shop.messages(id=message_id)
    return str(row.status)


def again(shop: Shop, message_id: UUID) -> str:
    """SQS hands out the queue message once more."""
    return shop.sender()({"message_id": str(message_id), "company_id": str(shop.company_id)})
