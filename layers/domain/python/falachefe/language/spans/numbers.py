"""Reads everything with a number that is no day: money, counts, instalments, percentages."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, Literal

from falachefe.language.spans.money.amounts import read_amounts
from falachefe.language.spans.money.identifiers import likely_spans, sure_spans
from falachefe.language.spans.money.lexemes import digits_value, tokens_of
from falachefe.language.spans.money.numerals import below_thousand
from falachefe.language.spans.money.roles import with_roles
from falachefe.language.spans.types import Instalment, Money, Percentage, Quantity, Spans
from falachefe.language.text.blanking import blanked
from falachefe.language.text.normalize import rx

_COUNT: Final = (
    r"\d{1,3}|um|uma|dois|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|quinze|dezoito|vinte(?: e quatro)?"
    r"|trinta(?: e seis)?|quarenta e oito|sessenta"
)
_ORDINALS: Final = {
    stem + ending: number
    for number, stem in enumerate(
        ("primeir", "segund", "terceir", "quart", "quint", "sext", "setim", "oitav", "non", "decim"), 1
    )
    for ending in ("a", "o")
}
_PARTS: Final = r"(?:parcelas?|prestacao|prestacoes|mensalidade)"
_INSTALMENT: Final = (
    rf"\b{_PARTS} (?:numero |n[º°o]? ?)?(?P<n1>{_COUNT})\s?(?:/|de|das?)\s?(?P<c1>{_COUNT})\b(?![.,]\d)"
    rf"|\b(?P<o>{'|'.join(_ORDINALS)}|\d{{1,2}}\s?[aª]) {_PARTS}(?: (?:de|das?) (?P<c2>{_COUNT})\b(?![.,]\d))?"
    rf"|\b{_PARTS} (?P<n2>\d{{1,2}})\b(?![.,\d])(?=\s*(?:de|d[oa]|[,:]|$))"
    rf"|\b(?P<l>ultima) {_PARTS}"
    rf"|\b(?:(?:em |de )?(?P<c3>{_COUNT})\s?(?:x\b(?!\s?\d+\s?(?:cm|mm|m|x|pol))|vezes|parcelas|prestacoes"
    r"|mensalidades)(?: (?:iguais|fixas|mensais|sem juros|no cartao|no credito))*)"
    rf"|\b(?P<c4>\d{{1,2}})x(?=r\$|\d+(?:[.,]\d\d)\b)"
)
_PERCENT: Final = r"(?P<v>\d{1,3}(?:[.,]\d+)?|[a-z]+(?: e [a-z]+)?)\s?(?:%|por cento\b|porcento\b)"
_HALF_DOZEN: Final = r"\b(?:(?P<h>meia)|(?P<n>\d{1,3}|uma|duas|tres|quatro|cinco|seis|dez)) (?:duzias?)\b"

# A message without any of these has no number.
_ANY: Final = (
    r"\d|\b(?:um|uma|mil|mei[ao]|cem|cento|real|reais|[a-z]+ent[oa]s|[a-z]+(?:ao|inho|inha)|dois|duas|dez\w*|doze"
    r"|tres|quatro|cinco|seis|sete|oito|nove|onze|[a-z]+orze|treze|quinze|vinte|trinta|[a-z]+enta)\b"
)


def read_numbers(plain: str, taken: Sequence[tuple[int, int]] = ()) -> Spans:
    """Money, quantities, instalments and percentages of `plain`, in order. `taken` spans (days …) are skipped."""
    if rx(_ANY).search(plain) is None:
        return Spans()
    sure = blanked(plain, [*taken, *sure_spans(plain)])
    spans = _read(sure)
    if len(spans.money) + len(spans.instalments) > 1 or any(m.flaw == "malformed" for m in spans.money):
        likely = list(likely_spans(sure))
        if likely:
            narrowed = _read(blanked(sure, likely))
            spans = narrowed if narrowed.money or narrowed.instalments else spans
    return replace(spans, money=with_roles(plain, spans))


def _read(hidden: str) -> Spans:
    percentages = tuple(_percentages(hidden))
    hidden = blanked(hidden, [(p.start, p.end) for p in percentages])
    instalments = list(_instalments(hidden))
    hidden = blanked(hidden, [(s.start, s.end) for s in instalments])
    dozens = list(_dozens(hidden))
    hidden = blanked(hidden, [(q.start, q.end) for q in dozens])
    money, counts = read_amounts(hidden)
    money, counts = _split_parts(hidden, instalments, money, counts)
    instalments, money = _valued(hidden, instalments, money)
    quantities = tuple(sorted([*dozens, *counts], key=lambda q: q.start))
    return Spans(money=tuple(money), quantities=quantities, instalments=tuple(instalments), percentages=percentages)


def _percentages(plain: str) -> list[Percentage]:
    found = []
    for match in rx(_PERCENT).finditer(plain):
        value, start = _number_at_end(match.group("v"))
        if value is None:
            continue
        start += match.start()
        before, after = plain[max(0, start - 30) : start], plain[match.end() : match.end() + 25]
        role: Literal["discount", "surcharge", "share"] = "share"
        if rx(r"\b(?:desconto|abatimento|menos|off)\b[a-z ]{0,8}$").search(before) or rx(
            r"^\s*(?:de |d[oe] )?(?:desconto|abatimento|off|a menos|menos|de desc)\b"
        ).search(after):
            role = "discount"
        elif rx(r"(?:\bmais|\+|\bcom|\bacrescimo de|\bjuros de|\bmulta de|\btaxa de)\s*$").search(before) and rx(
            r"^\s*(?:d[aeo] |de )?(?:taxa|juros|multa|servico|garcom|acrescimo|gorjeta|ipi|imposto|comissao|$|[,.])"
        ).search(after):
            role = "surcharge"
        found.append(Percentage(start, match.end(), value, role))
    return found


def _number_at_end(written: str) -> tuple[Decimal | None, int]:
    """The number in digits or words at the end of `written`, and where it begins."""
    if written[0].isdigit():
        return digits_value(written) or Decimal(written.replace(",", ".")), 0
    tokens = tokens_of(written)
    for i in range(len(tokens)):
        read = below_thousand(tokens, i)
        if read is not None and read[1] == len(tokens):
            return Decimal(read[0]), tokens[i].start
    return None, 0


def _instalments(plain: str) -> list[Instalment]:
    found = []
    for match in rx(_INSTALMENT).finditer(plain):
        group = match.groupdict()
        number = _small(group["n1"] or group["n2"])
        if group["o"]:
            number = _ORDINALS.get(group["o"]) or int("".join(c for c in group["o"] if c.isdigit()))
        count = _small(group["c1"] or group["c2"] or group["c3"] or group["c4"])
        if group["l"]:
            number = count
        if count is not None and number is None and group["c3"] and count < 2:
            continue
        found.append(Instalment(match.start(), match.end(), count, number))
    return found


def _small(written: str | None) -> int | None:
    if written is None:
        return None
    if written.isdigit():
        return int(written)
    read = below_thousand(tokens_of(written), 0)
    return read[0] if read else None


def _dozens(plain: str) -> list[Quantity]:
    found = []
    for match in rx(_HALF_DOZEN).finditer(plain):
        count = Decimal("0.5") if match.group("h") else Decimal(_small(match.group("n")) or 1)
        found.append(Quantity(match.start(), match.end(), count, "duzia"))
    return found


def _split_parts(
    hidden: str, instalments: list[Instalment], money: list[Money], counts: list[Quantity]
) -> tuple[list[Money], list[Quantity]]:
    """`dividi o conserto: 5 de 80, a primeira dia 20`: the count and the value of instalments without their noun."""
    if instalments or not rx(r"\b(?:dividi|dividiu|parcelei|parcelou|parcelamos|dividimos)\b").search(hidden):
        return money, counts
    for count in counts:
        value = next((m for m in money if rx(r"^ de $").match(hidden[count.end : m.start])), None)
        if not count.unit and value is not None and value.value is not None and 2 <= count.value <= 60:
            instalments.append(Instalment(count.start, value.end, int(count.value), value=value.value))
            return [m for m in money if m is not value], [q for q in counts if q is not count]
    return money, counts


def _valued(hidden: str, instalments: list[Instalment], money: list[Money]) -> tuple[list[Instalment], list[Money]]:
    """`3x de 200`, `parcela 3 de 10 de 120`: the amount behind is the value of one and belongs to the instalment."""
    valued = []
    for instalment in instalments:
        value = next(
            (
                m
                for m in money
                if m.start >= instalment.end
                and m.flaw is None
                and rx(r"^¦?\s*(?:de|por|a|no valor de|foi|deu|:)?\s*$").match(hidden[instalment.end : m.start])
            ),
            None,
        )
        if value is None:
            valued.append(instalment)
            continue
        money = [m for m in money if m is not value]
        valued.append(replace(instalment, end=value.end, value=value.value))
    return valued, money
