"""Schemas of users' sessions in the admin API."""

from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import Field

from falachefe.http.schemas import Id, Moment
from falachefe.kernel.brazil import mask_phone

if TYPE_CHECKING:
    from falachefe.sessions.admin import Chat, ChatPage
    from falachefe.sessions.store import Session


class SessionOfPerson(TypedDict):
    """A session of a user; `address` is masked to /24 (IPv6: /48)."""

    id: Id
    user_id: Id
    kind: Literal["api", "whatsapp"]
    device_name: Annotated[str | None, Field(examples=["Celular da Ana"])]
    user_agent: Annotated[str | None, Field(examples=["Mozilla/5.0 (Android 16)"])]
    address: Annotated[str | None, Field(examples=["203.0.113.0"])]
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment


class SessionsOfPerson(TypedDict):
    data: list[SessionOfPerson]


class ChatSession(TypedDict):
    """An active sign-in by WhatsApp."""

    id: Id
    user_id: Id
    user_name: Annotated[str, Field(examples=["Ana Souza"])]
    phone: Annotated[str, Field(description="Masked", examples=["+55******21"])]
    created_at: Moment
    expires_at: Moment


class Onward(TypedDict):
    has_next: bool
    next_cursor: Annotated[str | None, Field(examples=[None])]


class ChatSessions(TypedDict):
    data: list[ChatSession]
    pagination: Onward


class SessionsEnded(TypedDict):
    ended: Annotated[int, Field(ge=0, examples=[2])]


def session_document(session: "Session") -> SessionOfPerson:
    return {
        "id": str(session.key.session_id),
        "user_id": str(session.key.user_id),
        "kind": "api" if session.phone is None else "whatsapp",
        "device_name": session.device.name,
        "user_agent": session.device.user_agent,
        "address": session.device.address,
        "created_at": session.created_at.isoformat(),
        "last_used_at": session.used_at.isoformat(),
        "expires_at": session.expires_at.isoformat(),
    }


def chats_document(page: "ChatPage") -> ChatSessions:
    onward: Onward = {"has_next": page.after is not None, "next_cursor": str(page.after) if page.after else None}
    return {"data": [_chat_document(chat) for chat in page.chats], "pagination": onward}


def _chat_document(chat: "Chat") -> ChatSession:
    session = chat.session
    return {
        "id": str(session.key.session_id),
        "user_id": str(session.key.user_id),
        "user_name": chat.user_name,
        "phone": mask_phone(session.phone or ""),
        "created_at": session.created_at.isoformat(),
        "expires_at": session.expires_at.isoformat(),
    }
