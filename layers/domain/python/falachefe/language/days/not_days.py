"""Characters that only look like a day: streets, ordinals, instalments, fractions, qualities, names of people."""

from collections.abc import Iterator
from re import Match
from typing import Final

from falachefe.language.days.number_words import DAY_NUMBERS, longest_first
from falachefe.language.days.phrases import MONTH
from falachefe.language.text.normalize import Text, rx

_DAY_OF_MONTH: Final = r"(?:\d{1,2}|xv|xxi|" + longest_first(DAY_NUMBERS) + r")\s+de\s+(?:" + MONTH + r")\b"
_STREET: Final = (
    r"\b(?:rua|r\.|av|av\.|avenida|praca|pca|travessa|alameda|rodovia|vila|bairro|jardim|largo|ladeira|galeria|viaduto|"
    r"ponte|estrada|conjunto|cohab)\s+(?:d[aeo]\s+)?(?P<x>" + _DAY_OF_MONTH + r")"
    r"|\b(?:na|da|pela|ate a|nas lojas da|lojas da)\s+(?P<y>" + _DAY_OF_MONTH + r")(?!\s*(?:/|de 20))"
    r"|\b(?P<z>xv de (?:" + MONTH + r"))\b|\b(?P<w>rio de janeiro)\b"
)
# A company called after a date, `Padaria 7 de Setembro`: only with capitals, `a padaria 7 de setembro` may be a day.
_COMPANY: Final = (
    r"\b(?:padaria|papelaria|farmacia|mercado|supermercado|posto|loja|escola|colegio|clube|banco|hospital|terminal|"
    r"estacao|grupo|editora|construtora|cooperativa|deposito|atacado|edificio|shopping|hotel|restaurante|bar)\s+"
    r"(?P<x>(?:" + _DAY_OF_MONTH + r")|(?:" + MONTH + r")\b)"
)
_ORDINAL: Final = r"(?:segunda|terca|quarta|quinta|sexta)"
_ORDINAL_NOUN: Final = (
    r"\b(?P<x>"
    + _ORDINAL
    + r")\s+(?:e (?:ultima|terceira) )?(?:parcelas?|vias?|vez|partes?|etapas?|mao|opcao|prestac\w+|"
    r"unidades?|lojas?|fases?|medic\w+|remessas?|linha|rodadas?|doses?|demao|cotas?|turmas?|levas?|fili\w+|basicas?|"
    r"mensalidades?|classe|camadas?|edicao|semana|quinzena|metade|porta|categoria|tentativa|geracao|tiragem|cobranca|"
    r"safra|coleta|carrada|viagem d|entrada d|visitas?|lavagem|lavagens|compra d|carga d|nota d|entrega d|conta d)\b"
)
# `a segunda carga`, `da quinta compra`: an article, then a feminine noun.
_ORDINAL_WITH_ARTICLE: Final = (
    r"\b(?:a|as|uma|essa|esta|minha|nossa|sua|pela|da|dessa|desta|outra)\s+(?P<x>" + _ORDINAL + r")\s+"
    r"(?!(?:semana|feira|passada|retrasada|proxima|inteira|toda|santa|gorda|agora|ainda|nessa|nesta|para|pela|tinha|"
    r"estava|"
    r"teria|seria|fora|entrada|saida|vinha|minha|nossa|a gente|mesma|tarde|noite|manha)\b)"
    r"[a-z]{3,}(?:a|ao|agem|dade)s?\b(?!\s+(?:falt|nao|veio|pag|compr|vend|receb))"
)
_QUALITY: Final = (
    r"\b(?:carnes?|pecas?|produtos?|mercadorias?|farinha|material|qualidade|roupas?|papel|madeira|tijolos?|marcas?|"
    r"coisas?)"
    r"\s+de\s+(?P<x>segunda|quinta)\b(?!\s*(?:-|feira|a\b|ate\b|passad|que vem))"
)
_FRACTION: Final = (
    r"(?<![\d/])(?P<x>\d/\d)\s+(?:de\s+)?(?:kg|quilos?|sacos?|litros?|metros?|porc\w+|duzias?|caixas?|pacotes?|"
    r"polegadas?|"
    r"cano|tubo|torta|bolo|pizza|frango|hora|dia|do valor|da conta|da divida|do total)\b"
)
_INSTALMENT: Final = (
    r"\b(?:parcelas?|prestac\w+|cotas?|mensalidades?|parc|lote|pagina|apto|sala|bloco|versao|placa)\.?\s*"
    r"(?:n[ºo°]\.?\s*)?:?\s*(?P<x>\d{1,3}\s?/\s?\d{1,3})(?!\s?/\s?\d)\b"
    r"|(?<![\d/.,-])(?P<y>\d{1,3}/\d{1,3})\s+(?:parcelas?|prestac\w+|vezes)\b"
)
_INSTALMENT_OF: Final = (
    r"(?<![\d/.,-])(?P<x>(?P<n>\d{1,2})/(?P<m>\d{1,2}))\s+d[aeo]s?\s+(?!\d|mes\b|ano\b|manha|tarde|noite|"
    + MONTH
    + r")[a-z]{3,}"
)
# `R$ 1.10`, `1.10 reais`: an amount, though `1.10` alone may be the first of October.
_AMOUNT: Final = (
    r"(?:r\$|\brs|\bbrl)\s*(?P<x>\d{1,3}\.\d{1,2})(?![.,]?\d)"
    r"|(?<![\d.,/])(?P<y>\d{1,3}\.\d{1,2})\s*(?=reais\b|conto|pila\b)"
)
_SHOP: Final = r"\b(?:mercado|supermercado|mercadinho|atacad\w+)\s+(?P<x>dia)\b"
_DAY_LEAD: Final = (
    r"\b(?:dia|em|no|ate|data|desde|de|pra|para|pro|vence\w*|vencimento|ontem|hoje|conta|luz|agua)\s*$|,\s*$"
)

# Months that are also first names: with an article and without a cedilla, `o Marco` is a person.
_NAME_MONTH: Final = (
    r"\b(?:o|do|pro|ao|no|pelo|com o|seu|sr|e o|pra o|para o|dom|meu|esse)\s+(?P<x>marco)\b"
    r"|^\W*(?P<y>marco)\b(?=\s+[a-z])|\b(?P<z>marco)\b(?=\s+(?:falt|nao|veio|vai|quer|pediu|pag|compr|antonio|"
    r"aurelio|vinicius|paulo|tulio))"
    r"|\b(?:pra|para|com|contra|pelo|por|avisar|chamar|demitir)\s+(?P<w>marco)\b"
    r"|\b(?:a|editora|da|na|pra|dona|a senhora)\s+(?P<v>abril|maio)\b(?!\s*(?:de|/)?\s*20)"
)


def not_days(text: Text) -> Iterator[tuple[int, int]]:
    """Offsets in `text.plain` of what must not be read as a day."""
    plain = text.plain
    for pattern, needs in _PATTERNS:
        if not any(word in plain for word in needs):
            continue
        for match in rx(pattern).finditer(plain):
            yield _span(match)
    if "/" in plain:
        yield from _instalments(plain)
    if " de " in plain:
        yield from _companies(text)
    if "marco" in plain or "abril" in plain or "maio" in plain:
        yield from _names(text)


_PATTERNS: Final = (
    (_STREET, (" de ",)),
    (_ORDINAL_NOUN, ("segunda", "terca", "quarta", "quinta", "sexta")),
    (_ORDINAL_WITH_ARTICLE, ("segunda", "terca", "quarta", "quinta", "sexta")),
    (_QUALITY, ("de segunda", "de quinta")),
    (_FRACTION, ("/",)),
    (_INSTALMENT, ("/",)),
    (_SHOP, (" dia",)),
    (_AMOUNT, ("r$", "rs", "brl", "reais", "conto", "pila")),
)


def _span(match: Match[str]) -> tuple[int, int]:
    return next(match.span(name) for name, value in match.groupdict().items() if value is not None and name not in "nm")


def _instalments(plain: str) -> Iterator[tuple[int, int]]:
    """`paguei 3/10 da geladeira`: the third of ten, unless a word of time stands before it."""
    for match in rx(_INSTALMENT_OF).finditer(plain):
        number, of = int(match.group("n")), int(match.group("m"))
        if 1 <= number <= of and of > 1 and not rx(_DAY_LEAD).search(plain[: match.start()]):
            yield match.span("x")


def _companies(text: Text) -> Iterator[tuple[int, int]]:
    for match in rx(_COMPANY).finditer(text.plain):
        start, end = match.span("x")
        words = text.original(start, end).split()
        if words and words[-1][:1].isupper() and not text.raw.isupper():
            yield start, end


def _names(text: Text) -> Iterator[tuple[int, int]]:
    """`o Marco`, `do marco`, `a Abril`: months by spelling only, names by their place."""
    for match in rx(_NAME_MONTH).finditer(text.plain):
        start, end = _span(match)
        written = text.original(start, end)
        month = "ç" in written.lower() or (text.plain[start:end] != "marco" and not written[:1].isupper())
        if not month and not (text.raw.isupper() and match.group().startswith(("pra", "para", "com"))):
            yield start, end
