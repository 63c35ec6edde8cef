"""Short opt-out messages are recognized, and nothing else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations.contacts import ContactState
from falachefe.messaging.inbound.opt_out import requested_change

GONE = datetime(2026, 11, 1, tzinfo=UTC)
CONTACT, OPTED_OUT, STAFF = (
    ContactState(new_id(), None, GONE),
    ContactState(new_id(), None, GONE, GONE),
    ContactState(new_id(), new_id(), GONE),
)

OUT = (
    "PARAR",
    "parar",
    " Parar. ",
    "*PARAR*",
    "Pare",
    "SAIR",
    "sair!",
    "STOP",
    "descadastrar",
    "Me descadastra",
    "parar por favor",
    "não quero receber",
    "Nao quero mais receber",
    "não quero receber mais mensagens",
    "não quero mais receber promoções",
    "Não quero receber essas mensagens.",
    "eu não quero mais receber propaganda de vocês",
    "parar de receber mensagens",
    "quero parar de receber ofertas",
    "pare de me mandar mensagens",
    "parem de mandar promoções",
    "não me mande mais nada",
    "Não me mandem mais mensagens, por favor",
    "me tira da lista",
    "me remova dessa lista",
    "quero sair da lista",
)
NOT_OUT = (
    "quero parar de fumar",
    "vou sair às 18h",
    "parar a entrega de amanhã",
    "não quero receber o pedido hoje",
    "sair caro",
    "pode parar no portão?",
    "não quero mais o bolo",
    "para",
    "cancelar",
    "cancelar o pedido",
    "quando vou parar de pagar?",
    "não quero receber troco em moedas",
    "oi",
    "",
    "quero sair do grupo da minha família e parar de gastar",
    "o que é parar?",
)
BACK = (
    "VOLTAR",
    "voltar",
    "quero voltar a receber",
    "quero receber de novo",
    "pode mandar mensagens de novo",
    "receber ofertas",
    "start",
)


@pytest.mark.parametrize("text", OUT)
def test_opt_outs_are_recognized(text: str) -> None:
    assert requested_change(CONTACT, text) == requested_change(OPTED_OUT, text) == "out"


@pytest.mark.parametrize("text", NOT_OUT)
def test_other_messages_are_no_opt_out(text: str) -> None:
    assert requested_change(CONTACT, text) is None


@pytest.mark.parametrize("text", BACK)
def test_only_contacts_who_opted_out_can_opt_in(text: str) -> None:
    assert (requested_change(OPTED_OUT, text), requested_change(CONTACT, text)) == ("in", None)


@pytest.mark.parametrize("text", OUT + BACK)
def test_staff_cannot_opt_out(text: str) -> None:
    assert requested_change(STAFF, text) is None


@given(st.sampled_from(OUT), st.text(min_size=90))
def test_a_longer_message_is_no_opt_out(text: str, rest: str) -> None:
    assert requested_change(CONTACT, f"{text} {rest}") is None
