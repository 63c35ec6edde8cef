"""Replies to the owner, queued and sent, for the tests of sending and of statuses."""

from uuid import UUID

from falachefe.db.outbox import Outbox
from falachefe.messaging.conversations import service as conversations
from tests.integration.messaging.conftest import OWNER_PHONE, WhatsAppHarness

LONG = "O caixa de hoje fechou com saldo positivo. " * 200


def reply(whatsapp: WhatsAppHarness, text: str) -> UUID:
    """Queues an outbound message."""
    if not whatsapp.rows("select id from conversations"):
        whatsapp.receive(OWNER_PHONE, "oi")
        whatsapp.finish_turns()
    outbox = Outbox(whatsapp.company_id)
    with whatsapp.database.tenant(whatsapp.company_id) as session:
        state = conversations.lock_by_phone(session, whatsapp.company_id, whatsapp.channel_id, OWNER_PHONE)
        assert state is not None
        message_id = conversations.queue_message(session, outbox, state, text, now=whatsapp.clock.now())
        outbox.save(session)
    outbox.publish(whatsapp.database, whatsapp.queues)
    return message_id


def status(whatsapp: WhatsAppHarness, message_id: UUID) -> str:
    (row,) = whatsapp.messages(id=message_id)
    return str(row.status)


def deliver_again(whatsapp: WhatsAppHarness, message_id: UUID) -> str:
    """SQS delivers the queue message again."""
    return whatsapp.sender()({"message_id": str(message_id), "company_id": str(whatsapp.company_id)})
