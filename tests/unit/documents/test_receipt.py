"""Receipts of Pix and transfers, laid out as the apps of Brazilian banks share them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.documents.find import find_documents
from falachefe.documents.receipt import read_receipt
from falachefe.documents.types import Receipt

TODAY = date(2026, 11, 29)
PIX_ID = "E{ispb}202611121315s0A1b2C3d4E"
FORMS = {
    "nubank": """Comprovante de transferência
12 NOV 2026 - 10:15:33

Valor R$ 1.150,00
Tipo de transferência Pix

Destino
Nome Maria Aparecida Souza
CPF •••.123.456-••
Instituição BCO BRADESCO S.A.
Agência 1234
Conta 12345-6

Origem
Nome João Pereira ME
Instituição NU PAGAMENTOS - IP
Agência 0001
Conta 98765-4

Nu Pagamentos S.A.
CNPJ 18.236.120/0001-58
ID da transação: E18236120202611121315s0A1b2C3d4E""",
    "itau": """Comprovante de Transferência
Itaú
Pix realizado
valor: R$ 1.150,00
data da transferência: 12/11/2026 - 10:15:33
de: JOAO PEREIRA ME
CPF / CNPJ: ***.123.456-**
agência/conta: 1234/12345-6
para: MARIA APARECIDA SOUZA
CPF / CNPJ: ***.654.321-**
instituição: BANCO BRADESCO S.A.
chave: maria@exemplo.com.br
ID da transação: E60701190202611121315s0A1b2C3d4E
autenticação: 1234ABCD5678""",
    "bradesco": """Comprovante de Transação Bancária
Pix
Data e Hora: 12/11/2026 - 10:15:33
Nº de Controle: E60746948202611121315s0A1b2C3d4E
Dados de quem fez a transação
Nome: JOAO PEREIRA ME
CNPJ: 11.222.333/0001-81
Instituição: BANCO BRADESCO S.A.
Dados de quem recebeu
Nome: MARIA APARECIDA SOUZA
CPF: ***.123.456-**
Instituição: NU PAGAMENTOS
Valor: R$ 1.150,00
Tarifa: R$ 0,00""",
    "banco-do-brasil": """SISBB - SISTEMA DE INFORMACOES BANCO DO BRASIL
12/11/2026 - AUTOATENDIMENTO - 10.15.33
Comprovante Pix
CLIENTE: JOAO PEREIRA ME
AGENCIA: 1234-5 CONTA: 12.345-6
ID: E00000000202611121315s0A1b2C3d4E
VALOR: 1.150,00
DATA: 12/11/2026
PAGO PARA: MARIA APARECIDA SOUZA
CPF: ***.123.456-**
INSTITUICAO: NU PAGAMENTOS""",
    "caixa": """Comprovante de Pix enviado
Caixa Econômica Federal
Valor
R$ 1.150,00
Data/Hora
12/11/2026 às 10:15:33
Dados do recebedor
Nome
MARIA APARECIDA SOUZA
CPF
***.123.456-**
Dados do pagador
Nome
JOAO PEREIRA ME
CNPJ
11.222.333/0001-81
ID transação
E00360305202611121315s0A1b2C3d4E""",
    "santander": """Comprovante do Pix
Valor pago
R$ 1.150,00
Informações do recebedor
Para
MARIA APARECIDA SOUZA
CPF
***.123.456-**
Instituição
NU PAGAMENTOS
Informações do pagador
De
JOAO PEREIRA ME
Data da transação
12/11/2026 às 10:15
ID/Transação
E90400888202611121315s0A1b2C3d4E
Santander""",
    "inter": """Pix enviado
R$ 1.150,00
Sobre a transação
Data do pagamento Quinta, 12/11/2026
Horário 10h15
ID da transação E00416968202611121315s0A1b2C3d4E
Quem recebeu
Nome Maria Aparecida Souza
CPF/CNPJ ***.123.456-**
Instituição NU PAGAMENTOS - IP
Quem pagou
Nome JOAO PEREIRA ME
CPF/CNPJ 11.222.333/0001-81
Instituição Banco Inter S.A.""",
    "mercado-pago": """Comprovante de transferência
quinta-feira, 12 de novembro de 2026, às 10:15:33
R$ 1.150
De: João Pereira ME
CNPJ: 11.222.333/0001-81
Mercado Pago
Para: Maria Aparecida Souza
CPF: ***.123.456-**
Número da transação do Mercado Pago
87654321098
ID de transação PIX
E10573521202611121315s0A1b2C3d4E""",
    "picpay": """Comprovante de Pix
12/nov/2026 - 10:15:33
Valor
R$ 1.150,00
Para
Maria Aparecida Souza
***.123.456-**
NU PAGAMENTOS - IP
De
João Pereira ME
PicPay
ID da transação: E22896431202611121315s0A1b2C3d4E""",
    "c6": """Comprovante de transferência
Valor
R$ 1.150,00
Quem recebeu
MARIA APARECIDA SOUZA
CPF ***.123.456-**
Banco NU PAGAMENTOS
Quem pagou
JOAO PEREIRA ME
C6 Bank
Data da transação
12 de nov. de 2026 às 10:15
ID da transação
E31872495202611121315s0A1b2C3d4E""",
    "pagbank": """PagBank
Comprovante de transferência Pix
Transferência realizada
Valor transferido: R$ 1.150,00
12/11/2026 às 10:15
Destinatário: Maria Aparecida Souza
CPF: ***.123.456-**
Remetente: João Pereira ME
Código da transação: E08561701202611121315s0A1b2C3d4E""",
}
OUT = {"itau", "caixa", "inter", "pagbank", "santander"}


@pytest.mark.parametrize("bank", sorted(FORMS))
def test_the_receipts_of_the_common_banks_are_read(bank: str) -> None:
    (read,) = find_documents(FORMS[bank], TODAY)
    assert isinstance(read, Receipt)
    assert (read.amount, read.day) == (Decimal("1150.00"), date(2026, 11, 12))
    assert (read.payee or "").casefold() == "maria aparecida souza"
    assert (read.payer or "").casefold().replace("ã", "a") == "joao pereira me"
    assert read.transaction
    assert read.transaction.startswith("E")
    assert read.direction == ("out" if bank in OUT else None)
    assert read.bank


def test_a_pix_that_came_in_is_told_by_its_words() -> None:
    text = """Pix recebido
Você recebeu um Pix de
R$ 80,00
de: CARLA DIAS
12/11/2026 10:15
ID: E18236120202611121315s0A1b2C3d4E"""
    read = read_receipt(text)
    assert read is not None
    assert (read.direction, read.payer, read.amount) == ("in", "CARLA DIAS", Decimal(80))


def test_the_day_is_taken_from_the_id_in_the_time_of_brasilia_when_nothing_else_says_it() -> None:
    text = "Comprovante\nPix enviado\nValor: R$ 10,00\nID da transação\nE18236120202611130130s0A1b2C3d4E"
    read = read_receipt(text)
    assert read is not None
    assert read.day == date(2026, 11, 12)


def test_a_transfer_without_a_pix_id_has_its_own_number_as_reference() -> None:
    text = "Comprovante de TED\nValor: R$ 10,00\nData: 12/11/2026\nFavorecido: Ana Lima\nAutenticação: 9F8E.7D6C.5B4A"
    read = read_receipt(text)
    assert read is not None
    assert (read.payee, read.reference) == ("Ana Lima", "recibo:9f8e.7d6c.5b4a")


@pytest.mark.parametrize(
    "text",
    [
        "comprovante de entrega\npedido 55\nassinado por Ana\nobrigado",
        "Recebi o pix da Carla\nR$ 80,00",
        "pix enviado pra Maria 50 reais",
    ],
    ids=["delivery", "told", "told-in-a-line"],
)
def test_what_is_no_receipt_is_left_alone(text: str) -> None:
    assert read_receipt(text) is None


@given(st.lists(st.sampled_from("\n".join(FORMS.values()).splitlines()), max_size=40))
def test_lines_in_any_order_are_read_without_an_error(lines: list[str]) -> None:
    read_receipt("\n".join(lines))
