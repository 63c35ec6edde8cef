"""Opting out of a company's messages and in again: checked before a message is otherwise processed."""

import re
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.kernel.events import DomainEvent
from falachefe.kernel.text import fold
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.contacts import ContactState
from falachefe.messaging.conversations.service import ConversationState
from falachefe.messaging.models import Contact

type OptOutChange = Literal["out", "in"]

_LONGEST: Final = 80
_SENDINGS: Final = (
    r"(?: (?:as |os |a |o |essas? |esses? |suas? |seus? |mais )*"
    r"(?:mensagens?|msgs?|promocoes|promocao|propagandas?|ofertas?|divulgacoes|divulgacao|anuncios?|novidades|avisos?|spam))"
)
_PLEASE: Final = r"(?: por favor| pfv?| obrigad[oa]| aqui| disso| daqui)*[ .!]*"
_STOPS: Final = (
    r"parar|pare|stop|sair|descadastr(?:ar|e|a)(?: me)?|me descadastr(?:a|e)|cancelar inscricao|unsubscribe",
    rf"(?:eu )?nao quero (?:mais )?(?:receber|que me mandem)(?: mais)?(?: nada)?{_SENDINGS}?(?: de voces)?",
    rf"(?:quero |gostaria de )?parar de (?:me )?(?:receber|mandar|enviar)(?: mais)?{_SENDINGS}?",
    rf"(?:pare|parem|para) de (?:me )?(?:mandar|enviar)(?: mais)?{_SENDINGS}?",
    rf"nao (?:me )?(?:mande|mandem|envie|enviem) mais(?: nada)?{_SENDINGS}?",
    r"(?:me )?(?:tira|tire|tirem|remov[ae]|removam|exclu[ia]|retir[ae])(?: me)?(?: d(?:a|essa|esta|as) listas?)",
    r"(?:quero )?sair d(?:a|essa|esta) lista",
)
_AGAIN: Final = r"(?: de novo| novamente| outra vez)?"
_BACK: Final = (
    r"voltar|start",
    rf"(?:quero |gostaria de |podem? )?(?:voltar a )?(?:receber|mandar|enviar){_AGAIN}{_SENDINGS}?{_AGAIN}",
)
_OUT: Final = re.compile(f"(?:{'|'.join(_STOPS)}){_PLEASE}")
_IN: Final = re.compile(f"(?:{'|'.join(_BACK)}){_PLEASE}")

OPTED_OUT: Final = (
    "Pronto, você não recebe mais mensagens nossas por aqui. Se mudar de ideia, escreva *voltar*; e se precisar de "
    "algo, é só escrever."
)
OPTED_IN: Final = "Que bom ter você de volta! Você recebe de novo as nossas mensagens. Para parar, escreva *parar*."


def requested_change(contact: ContactState, text: str) -> OptOutChange | None:
    """The change that a message asks for, if it asks for nothing else; None for staff, who cannot opt out.

    The words for opting in are everyday ones, so they count only for contacts who have opted out.
    """
    if contact.user_id is not None or len(text) > _LONGEST:
        return None
    folded = re.sub(r"[*_~\"'“”,]+", "", fold(text)).strip()
    if _OUT.fullmatch(folded):
        return "out"
    return "in" if contact.opted_out_at is not None and _IN.fullmatch(folded) else None


def apply(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    contact: ContactState,
    change: OptOutChange,
    *,
    silent: bool,
    now: datetime,
) -> None:
    """Updates the contact and confirms the change, if it is one. `silent` leaves out the confirmation."""
    if (change == "out") == (contact.opted_out_at is not None):
        return
    session.execute(
        update(Contact)
        .where(Contact.company_id == state.company_id, Contact.id == contact.id)
        .values(opted_out_at=now if change == "out" else None, version=Contact.version + 1)
        .execution_options(synchronize_session=False)
    )
    data = {"contact_id": str(contact.id)}
    outbox.record(DomainEvent(f"whatsapp.contact_opted_{change}", state.company_id, now, dict(data)))
    if not silent:
        conversations.queue_message(session, outbox, state, OPTED_OUT if change == "out" else OPTED_IN, now=now)
