"""Contacts who want no more messages from the company, and those who want them back: read before anything else is."""

import re
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.kernel.events import DomainEvent
from falachefe.kernel.text import fold
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.contacts import Writer
from falachefe.messaging.conversations.service import ConversationState
from falachefe.messaging.models import Contact

type Wish = Literal["out", "in"]

_LONGEST: Final = 80
_THINGS: Final = (
    r"(?: (?:as |os |a |o |essas? |esses? |suas? |seus? |mais )*"
    r"(?:mensagens?|msgs?|promocoes|promocao|propagandas?|ofertas?|divulgacoes|divulgacao|anuncios?|novidades|avisos?|spam))"
)
_PLEASE: Final = r"(?: por favor| pfv?| obrigad[oa]| aqui| disso| daqui)*[ .!]*"
_STOPS: Final = (
    r"parar|pare|stop|sair|descadastr(?:ar|e|a)(?: me)?|me descadastr(?:a|e)|cancelar inscricao|unsubscribe",
    rf"(?:eu )?nao quero (?:mais )?(?:receber|que me mandem)(?: mais)?(?: nada)?{_THINGS}?(?: de voces)?",
    rf"(?:quero |gostaria de )?parar de (?:me )?(?:receber|mandar|enviar)(?: mais)?{_THINGS}?",
    rf"(?:pare|parem|para) de (?:me )?(?:mandar|enviar)(?: mais)?{_THINGS}?",
    rf"nao (?:me )?(?:mande|mandem|envie|enviem) mais(?: nada)?{_THINGS}?",
    r"(?:me )?(?:tira|tire|tirem|remov[ae]|removam|exclu[ia]|retir[ae])(?: me)?(?: d(?:a|essa|esta|as) listas?)",
    r"(?:quero )?sair d(?:a|essa|esta) lista",
)
_AGAIN: Final = r"(?: de novo| novamente| outra vez)?"
_BACK: Final = (
    r"voltar|start",
    rf"(?:quero |gostaria de |podem? )?(?:voltar a )?(?:receber|mandar|enviar){_AGAIN}{_THINGS}?{_AGAIN}",
)
_OUT: Final = re.compile(f"(?:{'|'.join(_STOPS)}){_PLEASE}")
_IN: Final = re.compile(f"(?:{'|'.join(_BACK)}){_PLEASE}")

LEFT: Final = (
    "Pronto, você não recebe mais mensagens nossas por aqui. Se mudar de ideia, escreva *voltar*; e se precisar de "
    "algo, é só escrever."
)
RETURNED: Final = "Que bom ter você de volta! Você recebe de novo as nossas mensagens. Para parar, escreva *parar*."


def wish_of(writer: Writer, text: str) -> Wish | None:
    """What a message asks for when it asks for that and nothing else; staff are no contacts, and are asked for nothing.

    The words for coming back are everyday ones, so they count for nobody who never left.
    """
    if writer.user_id is not None or len(text) > _LONGEST:
        return None
    said = re.sub(r"[*_~\"'“”,]+", "", fold(text)).strip()
    if _OUT.fullmatch(said):
        return "out"
    return "in" if writer.opted_out_at is not None and _IN.fullmatch(said) else None


def keep(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    writer: Writer,
    wish: Wish,
    *,
    silent: bool,
    now: datetime,
) -> None:
    """Writes it to the contact and says so, once, unless the company answers nobody at the moment (`silent`)."""
    if (wish == "out") == (writer.opted_out_at is not None):
        return
    session.execute(
        update(Contact)
        .where(Contact.company_id == state.company_id, Contact.id == writer.id)
        .values(opted_out_at=now if wish == "out" else None, version=Contact.version + 1)
        .execution_options(synchronize_session=False)
    )
    data = {"contact_id": str(writer.id)}
    outbox.record(DomainEvent(f"whatsapp.contact_opted_{wish}", state.company_id, now, dict(data)))
    if not silent:
        conversations.queue_message(session, outbox, state, LEFT if wish == "out" else RETURNED, now=now)
