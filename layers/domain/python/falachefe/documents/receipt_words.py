"""Words of Brazilian banks' receipts, folded: labels of their parts, banks and months."""

from typing import Final

PAYEE: Final = (
    r"(?:conta )?destino|para|pago para|quem (?:recebeu|vai receber)|recebedor|favorecido|destinatario|beneficiario"
    r"|dados d[oe] (?:recebedor|favorecido|destinatario|destino|beneficiario|quem recebeu)|enviado para"
    r"|nome d[oe] (?:recebedor|favorecido|destinatario|destino|beneficiario)|informacoes do recebedor|transferido para"
)
PAYER: Final = (
    r"(?:conta )?origem|de|quem (?:pagou|fez|enviou|transferiu)|pagador|remetente|ordenante|recebido de"
    r"|dados d[oe] (?:pagador|remetente|origem|ordenante|quem (?:pagou|fez|enviou)(?: a transacao)?)"
    r"|nome d[oe] (?:pagador|remetente|ordenante)|informacoes do pagador|cliente|debitado de"
)
NAME: Final = r"nome(?: completo)?(?: ou razao social)?|razao social"
OTHER: Final = (
    r"(?:cpf|cnpj|cpf ?/ ?cnpj|cpf ou cnpj|documento|instituicao|banco|agencia|conta|tipo|chave|chave pix|valor|data"
    r"|hora|horario|id|identificador|identificacao|numero|autenticacao|controle|protocolo|descricao|mensagem|situacao"
    r"|status|tarifa|codigo|forma|pix|comprovante|transferencia|saldo|r\$|ouvidoria|sac|central|finalidade|canal)\b.*"
)
AMOUNT: Final = (
    r"valor(?: (?:total|pago|transferido|enviado|recebido|original|final"
    r"|d[ao] (?:pix|transferencia|pagamento|transacao|ted|documento|deposito)))?"
)
IN: Final = (
    r"\b(?:pix|transferencia|ted|pagamento|deposito|valor) recebid[oa]\b|\b(?:voce|vc) recebeu\b"
    r"|\brecebimento de (?:pix|transferencia|ted)\b"
)
OUT: Final = (
    r"\b(?:pix|transferencia|ted|pagamento|valor) (?:enviad[oa]|realizad[oa]|efetuad[oa]|pag[oa]|transferid[oa])\b"
    r"|\b(?:voce|vc) (?:pagou|enviou|transferiu|fez)\b|\benvio de (?:pix|transferencia|ted)\b|\bpagamento efetuado\b"
)
TITLE: Final = r"\bcomprovante\b|\brecibo d[eo] (?:pix|transferencia|ted)\b"

BANKS: Final = (
    ("nubank", "Nubank"), ("nu pagamentos", "Nubank"), ("itau", "Itaú"), ("bradesco", "Bradesco"),
    ("banco do brasil", "Banco do Brasil"), ("sisbb", "Banco do Brasil"), ("caixa economica", "Caixa"),
    ("santander", "Santander"), ("banco inter", "Inter"), ("mercado pago", "Mercado Pago"), ("picpay", "PicPay"),
    ("c6 bank", "C6"), ("banco c6", "C6"), ("pagbank", "PagBank"), ("pagseguro", "PagBank"), ("stone", "Stone"),
    ("sicredi", "Sicredi"), ("sicoob", "Sicoob"), ("neon", "Neon"), ("safra", "Safra"), ("btg", "BTG Pactual"),
    ("banrisul", "Banrisul"), ("cora", "Cora"), ("infinitepay", "InfinitePay"), ("will bank", "Will"),
)  # fmt: skip
ISPB: Final = {
    "18236120": "Nubank", "60701190": "Itaú", "60746948": "Bradesco", "00000000": "Banco do Brasil",
    "00360305": "Caixa", "90400888": "Santander", "00416968": "Inter", "10573521": "Mercado Pago",
    "22896431": "PicPay", "31872495": "C6", "08561701": "PagBank", "16501555": "Stone", "01181521": "Sicredi",
    "02038232": "Sicoob", "20855875": "Neon", "58160789": "Safra", "30306294": "BTG Pactual", "92702067": "Banrisul",
}  # fmt: skip
"""The first eight digits of a Pix transaction's id name the payer's institution (its ISPB number)."""
MONTHS: Final = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
