"""Who asks to be left alone is understood in few words, and nobody else is."""

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
def test_who_wants_no_more_is_understood(text: str) -> None:
    assert requested_change(CONTACT, text) == requested_change(OPTED_OUT, text) == "out"


@pytest.mark.parametrize("text", NOT_OUT)
def test_who_speaks_of_something_else_is_left_in(text: str) -> None:
    assert requested_change(CONTACT, text) is None


@pytest.mark.parametrize("text", BACK)
def test_the_way_back_is_for_those_who_left(text: str) -> None:
    assert (requested_change(OPTED_OUT, text), requested_change(CONTACT, text)) == ("in", None)


@pytest.mark.parametrize("text", OUT + BACK)
def test_staff_never_leave(text: str) -> None:
    assert requested_change(STAFF, text) is None


@given(st.sampled_from(OUT), st.text(min_size=90))
def test_a_long_message_that_begins_so_is_no_wish(text: str, rest: str) -> None:
    assert requested_change(CONTACT, f"{text} {rest}") is None
