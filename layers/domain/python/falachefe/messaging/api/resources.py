"""The REST resources of conversations, messages, contacts and channels."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select

from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict, NotFound, invalid_field
from falachefe.messaging.api.schemas import (
    ChannelChange,
    ChannelOut,
    ContactChange,
    ContactOut,
    ConversationChange,
    ConversationOut,
    MessageOut,
)
from falachefe.messaging.channels.registration import check_channel_limit
from falachefe.messaging.models import CONTACTS as _CONTACTS
from falachefe.messaging.models import (
    Channel,
    Contact,
    Conversation,
    Message,
)
from falachefe.resources.declaration import Hooks, Parent, Resource, Values
from falachefe.resources.references import row_exists
from falachefe.resources.schemas import Input, PhoneFilter, partial_of

MAX_TAKEOVER: Final = timedelta(days=30)


def _of_contact(column: str) -> ColumnElement[Any]:
    conversation = cast(Table, Conversation.__table__).c
    own = (_CONTACTS.c.company_id == conversation.company_id, _CONTACTS.c.id == conversation.contact_id)
    return select(_CONTACTS.c[column]).where(*own).correlate(Conversation.__table__).scalar_subquery()


def _contacts(work: RequestUnitOfWork, rows: Sequence[Conversation]) -> list[Mapping[str, Any]]:
    columns = (_CONTACTS.c.id, _CONTACTS.c.phone, _CONTACTS.c.name, _CONTACTS.c.user_id)
    wanted = {row.contact_id for row in rows}
    found = work.session.execute(
        select(*columns).where(_CONTACTS.c.company_id == work.company_id, _CONTACTS.c.id.in_(wanted))
    )
    known = {row.id: {"phone": row.phone, "name": row.name, "user_id": row.user_id} for row in found}
    return [known[row.contact_id] for row in rows]


def _change_conversation(work: RequestUnitOfWork, row: Conversation, changes: Values) -> Values:
    until = changes.get("human_until")
    if until is not None and not work.now < until <= work.now + MAX_TAKEOVER:
        message = "Use um momento dos próximos 30 dias."
        raise invalid_field("human_until", message)
    if "human_approval_status" in changes and row.human_approval_status != "pending":
        raise Conflict("Nada espera por aprovação nesta conversa.", code="approval_not_pending")
    if changes.get("crew_id", row.crew_id) == row.crew_id:
        return changes
    return changes | _with_crew(work, row, changes["crew_id"])


def _with_crew(work: RequestUnitOfWork, row: Conversation, crew_id: UUID) -> Values:
    """Assigns another crew, between two turns only; its routing chooses the next agent."""
    if row.active_task_id is not None:
        raise Conflict("A equipe está respondendo agora. Tente de novo em instantes.", code="turn_under_way")
    if not row_exists(work.session, "crews", work.company_id, crew_id):
        message = "Esta equipe não existe."
        raise invalid_field("crew_id", message, "crew_unknown")
    return {"crew_id": crew_id, "current_agent_id": None}


CONVERSATIONS: Final = Resource[Conversation, Input, ConversationOut](
    name="conversations",
    singular="conversation",
    context="whatsapp",
    domain="whatsapp",
    model=Conversation,
    read=ConversationOut,
    update=partial_of(ConversationChange),
    lookups={name: _of_contact(name) for name in ("phone", "name", "user_id")},
    filter_by=(
        *("phone", "name", "user_id", "contact_id", "channel_id", "crew_id", "current_agent_id", "active_task_id"),
        *("human_until", "human_approval_status", "last_message_at", "created_at"),
    ),
    sort_by=("last_message_at", "created_at"),
    search_in=("name", "phone"),
    filter_types={"phone": PhoneFilter},
    default_sort="-last_message_at",
    actions=frozenset({"read", "update"}),
    unread=("handoff_history", "crew_context"),
    written_elsewhere=True,
    composed=True,
    hooks=Hooks(before_update=_change_conversation, extras=_contacts),
)


def _known_conversation(work: RequestUnitOfWork, conversation_id: UUID) -> None:
    known = select(Conversation.id).where(
        Conversation.company_id == work.company_id,
        Conversation.id == conversation_id,
        Conversation.deleted_at.is_(None),
    )
    if work.session.scalar(known) is None:
        raise NotFound("Conversa não encontrada.", code="conversation_not_found")


MESSAGES: Final = Resource[Message, Input, MessageOut](
    name="messages",
    singular="message",
    context="whatsapp",
    domain="whatsapp",
    model=Message,
    read=MessageOut,
    parent=Parent("conversations", "conversation_id", _known_conversation),
    filter_by=("direction", "kind", "status", "crew_task_id", "created_at"),
    sort_by=("id", "created_at"),
    search_in=("text",),
    default_sort="-id",  # in order of creation, by an index
    actions=frozenset({"read"}),
    unread=("agent_response", "token_usage", "crew_metadata"),
)


def _refuse_staff(_: RequestUnitOfWork, row: Contact) -> None:
    if row.user_id is not None:
        raise Conflict("Este contato é de alguém da equipe.", code="contact_is_staff")


CONTACTS: Final = Resource[Contact, Input, ContactOut](
    name="contacts",
    singular="contact",
    context="whatsapp",
    domain="whatsapp",
    model=Contact,
    read=ContactOut,
    update=partial_of(ContactChange),
    filter_by=("phone", "name", "user_id", "verified_at", "opted_out_at", "last_message_at", "created_at"),
    sort_by=("name", "phone", "last_message_at", "verified_at", "created_at"),
    search_in=("name", "phone"),
    filter_types={"phone": PhoneFilter},
    default_sort="name",
    actions=frozenset({"read", "update", "delete", "restore"}),
    masked=frozenset({"name"}),
    unread=("whatsapp_number",),
    written_elsewhere=True,
    hooks=Hooks(before_delete=_refuse_staff),
)


def _change_channel(work: RequestUnitOfWork, row: Channel, changes: Values) -> Values:
    if row.provider == "api":
        raise Conflict("Este canal é o da API: ele não se altera.", code="channel_of_api")
    if row.status == "disabled" and changes.get("status") == "connected":
        check_channel_limit(work.session, work.company_id, work.now)
    return changes


CHANNELS: Final = Resource[Channel, Input, ChannelOut](
    name="channels",
    singular="channel",
    context="whatsapp",
    domain="whatsapp",
    model=Channel,
    read=ChannelOut,
    update=partial_of(ChannelChange),
    filter_by=("name", "provider", "phone", "status", "created_at"),
    sort_by=("name", "status", "created_at"),
    search_in=("name", "phone"),
    filter_types={"phone": PhoneFilter},
    default_sort="name",
    actions=frozenset({"read", "update"}),
    written_elsewhere=True,
    refuses={402: "The plan allows no further channel"},
    hooks=Hooks(before_update=_change_channel),
)
