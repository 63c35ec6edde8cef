"""Numbers that are no money: documents, phones, times, sizes, years, ordinals, models, addresses, links.

`SURE` are never an amount. `LIKELY` are none when the message has another amount: in `IPTU 2026 1.200` the first number
is the year, in `paguei 2026 de aluguel` it is the amount.
"""

from collections.abc import Iterator
from typing import Final

from falachefe.language.text.normalize import rx

_HOUR: Final = "uma|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze"
_ORDINAL: Final = r"primeir|segund|terceir|quart|quint|sext|setim|oitav|non|decim|vigesim|trigesim"
SURE: Final = "|".join(
    (
        r"https?://\S+|www\.\S+|\S+@\S+",
        r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b|\b\d{2}\.?\d{3}\.?\d{3}/\d{4}-?\d{2}\b",
        # postal codes, phones
        (
            r"\b\d{5}-\d{3}\b|(?:\+?55\s?)?\(\d{2}\)\s?\d{4,5}[-\s.]?\d{4}\b|\+55\s?\d{2}\s?\d{4,5}[-\s]?\d{4}\b"
            r"|\b(?:\d{2}\s)?9?\d{4}-\d{4}\b|\b\d{2}\s9\d{4}\s?\d{4}\b|\b0800[\s-]?\d{3}[\s-]?\d{4}\b|\b\d{2}9[6-9]\d{7}\b"
        ),
        # clock
        (
            r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{1,2}\s?h(?:oras?|rs)?\s?\d{0,2}(?:min)?\b"
            r"|\bas \d{1,2}(?::\d\d)?(?:\s*h|\s*horas|(?: e meia)?\s*(?:da|de) (?:manha|tarde|noite|madrugada))\b"
            rf"|\b(?:{_HOUR})(?: e meia)? (?:horas|da (?:manha|tarde|noite))\b"
        ),
        rf"\bas (?:{_HOUR}|\d{{1,2}})(?: e meia)?(?=\s*(?:$|[,.;!?]|em ponto))",
        (
            r"\b(?:placa|chassi|cpf|cnpj|cep|telefone|tel|fone|zap|whatsapp|chave pix|celular|protocolo|rastreio)\s*"
            r"(?:e|eh|:|n[º°o]?|d[aeo] \w+)?\s*[\d.\-/]{5,}"
        ),
        # sizes and fractions
        (
            r"\b\d+(?:[.,]\d+)?\s?x\s?\d+(?:[.,]\d+)?(?:\s?x\s?\d+(?:[.,]\d+)?)?\s?(?:cm|mm|m|metros?|pol)?\b(?![.,]\d)"
            r"|\b\d{3}/\d{2}(?:\s?r\s?\d{2})?\b|\b\d{1,2}w-?\d{2}\b|\b\d/\d\b(?!/)"
        ),
        rf"\b\d{{1,3}}\s?[ºª°]|\b\d{{1,2}}[oa]\b|\b13 salario\b|\b(?:{_ORDINAL})[oa]s? (?=parcela|via|remessa)",
        r"\b99(?=\s*(?:pop|app|taxi|food)\b)|\b51(?= pinga| cachaca)|\bloja de 1,99\b|\b24 horas\b|\b24/7\b",
        r"\b(?:iphone|galaxy|playstation|ps|xbox|windows|office|moto g|redmi|note|poco|android|ios) \d{1,4}\b",
        r"\b(?:numero|nº|n°|n\.)\s?\d+\b|\bnum \d+\b",
        # a street: `na 13 de maio`
        (
            r"\b\d{1,2}[ºo°]? de (?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro"
            r"|dezembro)"
            r"\b"
        ),
        # the people or things spoken of before: `a tosa dos quatro`
        (
            r"\b(?:d[ao]s|n[ao]s|pel[ao]s|tod[ao]s [ao]s|[ao]s) (?:dois|duas|tres|quatro|cinco|seis|sete|oito|nove"
            r"|dez)\b(?! (?:mil|reais|conto|pila|centavos|e )\b)"
        ),
        # no amount at all: `não entrou um real`
        r"\bum (?:real|centavo|tostao)(?= furado)\b|\b(?:nem|nenhum) (?:um )?(?:real|centavo|tostao)\b",
    )
)
LIKELY: Final = "|".join(
    (
        (
            r"\b(?:em|desde|(?:ano|safra|modelo|ref|referente a|exercicio|ipva|iptu|irpf|licenciamento|natal|colecao)"
            r"(?: de)?) (?:20[0-4]\d|19[5-9]\d)\b(?![.,]\d)"
        ),
        (
            r"\b(?:cg|biz|fan|titan|bros|nxr|cb|fazer|factor|pop|hornet|fiat|uno|gol|palio|celta|corsa|civic|corolla|onix"
            r"|hb20|kombi|hilux|strada|saveiro|fiorino|sprinter|ducato|coca|pepsi|guarana|brahma|skol|tv|smart tv"
            r"|monitor|lampada|disjuntor|cabo|fio|lixa|parafuso"
            r"|broca|chave|prego|vergalhao|ferro) \d{1,4}(?:[.,]\d)?\b"
            r"(?!\s*(?:reais|real|conto|pila|mil\b|k\b))(?![.,]\d\d)"
        ),
        # an address: `rua das Flores, 123`
        (
            r"\b(?:rua|r\.|av|avenida|travessa|alameda|estrada|rodovia|praca)\.? (?:[a-z]+ ){0,4}[a-z]+,? ?\d{1,5}\b"
            r"(?!\s*(?:reais|real|conto|pila|mil\b|k\b))(?![.,]\d)"
        ),
        r"\b(?:rua|avenida|av|praca) (?:\d{1,2}|[a-z]+) de [a-z]+\b",
    )
)


def sure_spans(plain: str) -> Iterator[tuple[int, int]]:
    for match in rx(SURE).finditer(plain):
        yield match.span()


def likely_spans(plain: str) -> Iterator[tuple[int, int]]:
    for match in rx(LIKELY).finditer(plain):
        yield match.span()
