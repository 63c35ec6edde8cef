"""Ledger entries that exist: listing, correcting and deleting them, and what was spent on something."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from falachefe.language.days.number_words import COUNTS
from falachefe.language.spans.days import read_days
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool, money
from falachefe.language.subjects.sums import find_sums
from falachefe.language.subjects.wording import object_of, order, pointer
from falachefe.language.text.blanking import masked
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.text.person_names import name_after
from falachefe.language.types import JsonValue
from falachefe.language.values.categories import category_in

LAST: Final = "último"
"""The pointer of an order that names no entry."""
MAX_LISTED: Final = 10

_ENTRY: Final = (
    r"(?:lancamentos?|registros?|anotacao|anotacoes|despesas?|gastos?|receitas?|entradas?|vendas?|saidas?|compras?|"
    r"recebimentos?|pagamentos?|movimentac(?:ao|oes))"
)
_LATEST: Final = r"(?:(?:o|a)s? )?(?:ultim[oa]s?|mais recente)"
_OTHER_ROWS: Final = (
    r"\b(?:campanhas?|lembretes?|chamados?|tickets?|funcionari[oa]s?|folgas?|ferias|faltas?|contas?|boletos?|clientes?|"
    r"contatos?|mensage\w+|orcamentos?|bot|robo|sistema|dividas?|fiado|alarme|cadastro|conversa|dados|tudo)\b"
)
_DELETE: Final = (
    r"apag(?:a|ar|ue|asse)|delet(?:a|ar|e|asse)|exclu(?:i|ir|a|isse)|remov(?:e|er|a|esse)|elimin(?:a|ar|e)|tir(?:a|"
    r"ar|e|asse)|"
    r"cancel(?:a|ar|e)|estorn(?:a|ar|e)|anul(?:a|ar|e)|desconsider(?:a|ar|e)|some com|risca"
)
_TWICE: Final = (
    r"\b(?:lancei|anotei|registrei|mandei|foi|ficou|esta|tem)\b.{0,12}\b(?:duas vezes|2 vezes|dobrado|em dobro|"
    r"repetid[oa]|"
    r"duplicad[oa])\b.{0,12}\b(?:apag|tir|exclu|remov|delet)\w+(?: (?:um|uma|o ultimo|a ultima|esse|essa))?(?: deles|"
    r" delas)?\W*$"
)
_SURE_DELETE: Final = r"apag|delet|exclu|remov|elimin"
_POINTED: Final = (
    rf"\b{_ENTRY}\b|\b{_LATEST}\b|\b(?:o|a|numero|item|n[oº°]) \d{{1,2}}\b(?! (?:reais|de))|\b(?:o|a) (?:primeir|"
    rf"segund|"
    r"terceir|quart|quint)[oa]\b|\b(?:o|a)s? de (?:r\$ ?)?\d"
)


def parse_delete(text: Text) -> Interpretation | None:
    """`apaga o último lançamento`, `exclui a gasolina de ontem`, `tira a despesa de 45`."""
    ordered = order(text, _DELETE)
    if text.has(_TWICE):
        return for_tool(Draft("delete_entry", {"entry": LAST}), confidence=0.9)
    if ordered is None:
        return None
    start, end = object_of(text, ordered.end())
    about = text.plain[start:end]
    if not about.strip() or rx(
        rf"\W*(?:(?:o|a|os|as|meus?|minhas?|ess[ea]|aquel[ea]|tod[oa]s)\W+)*{_OTHER_ROWS}"
    ).match(about):
        return None
    sure = rx(_SURE_DELETE).match(ordered.group("verb"))
    named = category_in(about, "expense") or category_in(about, "income")
    noted = rx(r"\bque (?:eu )?(?:lancei|anotei|registrei|coloquei|falei|mandei)\b").search(text.plain, start)
    if not rx(_POINTED).search(about) and not (noted and named) and not (sure and (named or rx(r"\d").search(about))):
        return None
    said = pointer(text, start, end)
    return for_tool(Draft("delete_entry", {"entry": said}), confidence=0.93) if said else None


_CHANGE: Final = (
    r"mud(?:a|ar|e)|alter(?:a|ar|e)|corrig(?:e|ir)|corrij(?:a|e)|troc(?:a|ar)|troque|ajust(?:a|ar|e)|atualiz(?:a|ar|e)|"
    r"edit(?:a|ar|e)|arrum(?:a|ar|e)|consert(?:a|ar|e)|retific(?:a|ar)|pass(?:a|ar)"
)
_NOT_ENTRIES: Final = (
    r"\b(?:salario|cargo|funcao|senha|horario|endereco|campanhas?|mensagem|texto|orcamento|limite|teto|telefone|nome|"
    r"email|lembretes?|plano|folga|ferias|atendente|humano|pessoa|alguem|responsavel|gerente|suporte|financeiro|"
    r"marketing|rh|cartao|chave|conta bancaria|vencimento|oleo|pneu|correia|de assunto|empresa|id|usuario|permissao)\b"
)
_TO: Final = r"\b(?:pr[ao]|para|por|=|como)\b|:"


def parse_change(text: Text, today: date) -> Interpretation | None:
    """`muda a gasolina de ontem pra 60`, `corrige o valor pra 80`, `troca a categoria do último pra transporte`."""
    ordered = order(text, _CHANGE)
    if ordered is None or text.has(_NOT_ENTRIES):
        return None
    start, end = object_of(text, ordered.end(), keep_comma=True)
    to = list(rx(_TO).finditer(text.plain, start, end))
    if not to:
        return _change_without_value(text, start, end)
    cut = to[-1]
    args = _new_values(text, text.plain[cut.end() : end], cut.end(), today, text.plain[start : cut.start()])
    if not args:
        return None
    said = _pointed_at(text, start, cut.start())
    return for_tool(Draft("correct_entry", {"entry": said, **args}), confidence=0.92)


def _change_without_value(text: Text, start: int, end: int) -> Interpretation | None:
    if not rx(rf"\b(?:{_ENTRY}|valor|data|categoria)\b|\b{_LATEST}\b").search(text.plain[start:end]):
        return None
    return for_tool(Draft("correct_entry", {"entry": _pointed_at(text, start, end)}, ("amount",)), confidence=0.9)


def _pointed_at(text: Text, start: int, end: int) -> str:
    """What the order points at, without the name of the field (`o valor da gasolina` is the petrol)."""
    lead = rx(
        r"\s*(?:(?:o|a)\s+)?(?:(?:valor|preco|data|dia|categoria|descricao|tipo)\b\s*)?(?:d[aeo]s?\s+|desse\s+|"
        r"dessa\s+)?"
        r"(?:(?:ess[ea]|est[ea]|aquel[ea]|iss[oe]|ele|ela)\b\s*)?"
    ).match(text.plain, start, end)
    begin = lead.end() if lead else start
    return pointer(text, begin, end) or LAST


def _new_values(text: Text, plain: str, offset: int, today: date, before: str) -> dict[str, JsonValue]:
    """The corrected values in `plain`, the part of the message at `offset` that says how the entry must be."""
    days = read_days(normalize(plain), today, prefer="past")
    amounts = [a for a in find_sums(plain, [(d.start, d.end) for d in days]) if a.flaw is None]
    args: dict[str, JsonValue] = {}
    if len(amounts) == 1:
        args["amount"] = money(amounts[0].value)
    exact = [d for d in days if d.kind == "day"]
    if exact:
        args["date"] = exact[0].first.isoformat()
    if args:
        return args
    if rx(r"\b(?:despesa|gasto|saida)\b").search(plain):
        args["kind"] = "expense"
    elif rx(r"\b(?:receita|entrada|venda|ganho)\b").search(plain):
        args["kind"] = "income"
    if args:
        return args
    named = category_in(plain, "expense")
    if named:
        args["category"] = named[0]
        if "categoria" not in before:
            args["description"] = text.original(offset, offset + len(plain)).strip(" .!")
    elif "descricao" in before:
        args["description"] = text.original(offset, offset + len(plain)).strip(" .!")
    return args


_RIGHT_FIRST: Final = (  # `era 50, não 500`, `foi 85 e não 58`, `50 em vez de 500`
    r"^\W*(?:(?:opa|ops|epa|eita|perai|desculpa|errei|errado|nao|ah|ih|putz|perdao|na verdade|alias|digo|corrigindo|"
    r"correcao|me enganei|digitei errado|falei errado|eu errei)[\s,.!:]+)*"
    r"(?:(?:o |a )?(?:valor|certo|correto|preco|total|data|despesa|conta)?\s*(?:certo|correto|corret[ao])?\s*)?"
    r"(?:era|eram|foi|foram|e|eh|sao|seria|deu|custou|quis dizer|queria dizer|quis|digo|tinha sido|:)?\s*"
    r"(?:pra ser |de |o |a |em |no |na |r\$ ?)*(?P<right>[^,;]{1,40}?)"
    r"[\s,;]+(?:e nao|nao|em vez d[eo]|ao inves d[eo]|no lugar d[eo])\s+(?:era |foi |eram |de |o |a |no |na |"
    r"em )*(?P<wrong>[^,;.!?]{1,40})"
    r"[.!?\s]*$"
)
_WRONG_FIRST: Final = (  # `não era 500, era 50`, `não foi gasolina, foi diesel`, `em vez de 500, 50`
    r"^\W*(?:(?:opa|ops|epa|eita|perai|desculpa|errei|errado|ah|ih|putz|perdao|na verdade|alias)[\s,.!:]+)*"
    r"(?:nao (?:era|foi|e|eram|foram|sao)|em vez d[eo]|ao inves d[eo]|de)\s+(?:de |o |a |no |na |"
    r"em )*(?P<wrong>[^,;.!?]{1,40}?)"
    r"[\s,;.]+(?:(?:mas|e)? ?(?:era|foi|e sim|sim|e|eram|foram|sao|mas|pr[ao]|coloca|o certo e)\s+)?(?:de |o |a |no |"
    r"na |em |pr[ao] )*"
    r"(?P<right>[^,;.!?]{1,40})[.!?\s]*$"
)
_THING_WRONG_FIRST: Final = (  # `a conta de água não foi 97, foi 79`
    r"^\W*(?:(?:opa|ops|epa|eita|perai|desculpa)[\s,.!:]+)*(?:o |a )?(?P<thing>[a-z][^,;?]{2,40}?) nao (?:foi|era|"
    r"custou|deu|e) "
    r"(?:de |r\$ ?)?(?P<wrong>[^,;.!?]{1,30}?)[\s,;.]+(?:mas |e )?(?:foi|era|e|deu|sim|custou)\s+(?:de |r\$ ?)?"
    r"(?P<right>[^,;.!?]{1,30})[.!?\s]*$"
)
_THING_WAS_REALLY: Final = (  # `o frete era 66`: the imperfect corrects, `o frete foi 66` tells
    r"^\W*(?:o|a) (?P<thing>[a-z][a-z ]{2,30}?) (?:era|na verdade (?:foi|e|era)|foi na verdade) (?:de |r\$ ?)?"
    r"(?P<right>[^,;.!?]{1,30})[.!\s]*$"
)
_RIGHT_ONLY: Final = (
    r"^\W*(?:"
    r"(?:(?:opa|ops|epa|eita|nao|pera|perai|desculpa|perdao|ih|putz|ah|que|eu|e)[\s,.!:]+)*(?:errei|me enganei|"
    r"digitei errado|"
    r"falei errado|"
    r"lancei errado|anotei errado|na verdade|na vdd|alias|corrigindo|correcao|quis dizer|queria dizer|digo|minto|"
    r"eu errei|"
    r"esta errado|ta errado|o (?:valor )?(?:certo|correto) (?:e|era|foi)|o valor (?:certo |correto )?(?:e|era|foi)|"
    r"a data (?:certa |correta )?(?:e|era|foi)|valor (?:certo|correto)|era pra ser|eram\b|era\b|nao,? foi\b|"
    r"nao,? era\b|nao,? e\b)"
    r"|(?:opa|ops|epa|eita|nao|ah,? e)[\s,.!:]+(?=(?:foi|era|deu|e) )|foi (?=(?:ontem|anteontem|hoje|no dia|dia|na|"
    r"no) ?\w* *[,.]? *(?:nao|e nao)))"
    r"[\s,.!:]*(?:(?:foi|era|eram|e|deu|o valor|o certo|certo|correto|pra ser|de|no|na|em|"
    r":|(?:o|a) [a-z]+ (?=foi |era |deu |e de ))[\s,:]*)*(?P<right>.{1,60})$"
)


_RESTATED: Final = (
    rf"^\W*(?P<entry>(?:(?:aquel[ea]|ess[ea]) {_ENTRY}\b|(?:o|a) (?:lancamento|registro|anotacao)\b|"
    rf"(?:o|a|aquel[ea]) (?:{_ENTRY} )?de (?:r\$ ?)?\d)[^,;?]{{0,40}}?)\s+(?:na verdade |nao )?"
    r"(?:e|era|eram|foi|foram|custou|deu)\s+(?P<right>[^,;?]{1,40})[.!\s]*$"
)
_THING_WAS: Final = (
    r"^(?:o |a )?(?P<thing>[a-z][^,;]{2,40}?) (?:foi|era|deu|custou|saiu por|e) (?:de |r\$ ?)?(?P<right>.+)$"
)


def parse_correction(text: Text, today: date) -> Interpretation | None:
    """`era 50, não 500`, `na verdade foi 85`, `não era gasolina, era diesel`: the last entry, unless one is named."""
    if text.has(r"\?"):
        return None
    for pattern in (_RIGHT_FIRST, _WRONG_FIRST, _THING_WRONG_FIRST):
        found = text.find(pattern)
        if found and (values := _replaced(text, found, today, things=pattern is _WRONG_FIRST)):
            return values
    if (really := text.find(_THING_WAS_REALLY)) and not rx(r"^(?:valor|certo|total|preco)\b").match(
        really.group("thing")
    ):
        right = _new_values(text, really.group("right"), really.start("right"), today, "")
        return (
            _correction({"amount": right["amount"]}, pointer(text, *really.span("thing")))
            if "amount" in right
            else None
        )
    if restated := text.find(_RESTATED):
        right = _new_values(text, restated.group("right"), restated.start("right"), today, "")
        said = pointer(text, restated.start("entry"), restated.end("entry"))
        return _correction(right, said) if right and "description" not in right else None
    found = text.find(_RIGHT_ONLY)
    if found is None:
        return None
    plain, offset = found.group("right"), found.start("right")
    args = _new_values(text, plain, offset, today, "")
    return _correction(args) if args and len(plain.split()) <= 7 else None


def _correction(args: dict[str, JsonValue], entry: str = LAST) -> Interpretation:
    draft = Draft("correct_entry", {"entry": entry, **args})
    return Interpretation("correct_entry", "financial", (draft,), 0.88, explicit=entry != LAST)


def _replaced(text: Text, match: re.Match[str], today: date, *, things: bool) -> Interpretation | None:
    """The right value, when the wrong one is of the same kind: two amounts, two days, with `things` two things."""
    right_at, entry = match.start("right"), LAST
    if "thing" in match.groupdict():
        entry = pointer(text, *match.span("thing")) or LAST
    said = rx(_THING_WAS).match(match.group("right"))
    if said and not rx(r"\d").search(said.group("thing")):
        entry = pointer(text, right_at + said.start("thing"), right_at + said.end("thing")) or LAST
        right_at += said.start("right")
    right = _new_values(text, text.plain[right_at : match.end("right")], right_at, today, "")
    wrong = _new_values(text, match.group("wrong"), match.start("wrong"), today, "")
    same = {name: value for name, value in right.items() if name in wrong and (things or name != "description")}
    if "category" in same and not things:
        return None
    return _correction(same, entry) if same else None


def corrected_values(text: Text, today: date) -> dict[str, JsonValue]:
    """The values in the answer to the question how an entry shall be: `60`, `ontem`, `a categoria é transporte`."""
    return _new_values(text, text.plain, 0, today, text.plain if text.has(r"\bdescricao\b") else "categoria")


_SHOW: Final = (
    r"list(?:a|ar|e)|mostr(?:a|ar|e)|ver|veja|exib(?:e|ir)|quais (?:foram|sao|os|as|que)|quais|qual foi|qual|passa|"
    r"manda|"
    r"cade|traz|fala|diz|puxa|consult(?:a|ar)|confer(?:e|ir)|abre|o que (?:foi|eu|a gente|nos)|ultim[oa]s"
)
_ROWS: Final = (
    r"\b(?:lancamentos?|anotac(?:ao|oes)|registros?|movimentac(?:ao|oes))\b|"
    r"\bultim[oa]s?(?: \w+)? (?:despesas?|gastos?|receitas?|entradas?|vendas?|compras?|saidas?|recebimentos?|"
    r"pagamentos?)\b|"
    r"\bo que (?:eu |a gente |nos )?(?:ja )?(?:lancei|anotei|registrei|lancamos|anotamos|foi (?:lancado|anotado|"
    r"registrado)|"
    r"tem (?:lancado|anotado|registrado)|esta (?:lancado|anotado))\b|"
    r"^\W*(?:me )?(?:list(?:a|ar|e)|cade) (?:tod[oa]s )?(?:os |as |meus |minhas )?(?:gastos|despesas|receitas|"
    r"entradas|vendas|compras|saidas)\b|"
    r"\b(?:entrou|saiu|gastei|recebi|vendi|paguei)\b.{0,40}\b(?:item por item|uma? (?:por|a) uma?|detalhad\w+)\b|"
    r"\b(?:list|mostr)\w+ tudo (?:o )?que (?:eu )?(?:saiu|entrou|gastei|paguei|recebi|vendi)\b|"
    r"\b(?:despesas?|gastos?|receitas?|entradas?|vendas?|compras?)\b.{0,20}\b(?:uma? (?:por|a) uma?|detalhad[oa]s?|"
    r"item (?:por|a) item)\b"
)


def parse_list(text: Text, today: date) -> Interpretation | None:
    """`lista os últimos 5 lançamentos`, `o que eu anotei hoje?`, `extrato de ontem`."""
    rows = text.find(_ROWS)
    if (
        rows is None
        or text.has(_OTHER_ROWS.replace("|tudo", ""))
        or text.has(r"\b(?:excel|csv|pdf|planilha|grafico)\b")
    ):
        return None
    if (
        order(text, _SHOW) is None
        and not text.has(r"\?")
        and not rx(r"^\W*(?:meus?|minhas?|os|as)?\s*").match(text.plain)
    ):
        return None
    if text.has(r"\b(?:apag|delet|exclu|remov|corrig|mud[ae]|alter|desfa[zc]|errad|nao quero)\w*") or text.has(
        r"^\W*(?:gastei|paguei|recebi|vendi|comprei)\b"
    ):
        return None
    days = read_days(text, today, prefer="past")
    if find_sums(text.plain, [(d.start, d.end) for d in days]) and not text.has(r"\bultim[oa]s\b|\?"):
        return None
    args: dict[str, JsonValue] = _period(text, today)
    if text.has(r"\b(?:despesas?|gastos?|saidas?|gastei|compras?|pagamentos?|paguei)\b"):
        args["kind"] = "expense"
    elif text.has(r"\b(?:receitas?|entradas?|vendas?|recebimentos?|recebi|vendi)\b"):
        args["kind"] = "income"
    count = text.find(
        r"\bultim[oa]s (\d{1,2}|dois|duas|tres|quatro|cinco|seis|sete|oito|nove|dez)\b|\b(\d{1,2}) ultim[oa]s\b"
    )
    if count:
        said = count.group(1) or count.group(2)
        args["limit"] = min(MAX_LISTED, COUNTS.get(said) or int(said))
    category, about = _filter(text, rows.end(), today)
    if category:
        args["category"] = category
    elif about:
        args["text"] = about
    return for_tool(Draft("list_entries", args), confidence=0.9)


_CATEGORY_WORDS: Final = {
    "combustivel": "combustivel", "gasolina": "combustivel", "alimentacao": "alimentacao", "comida": "alimentacao",
    "aluguel": "aluguel", "energia": "energia", "luz": "energia", "conta de luz": "energia", "agua": "agua",
    "conta de agua": "agua", "internet": "internet_telefone", "telefone": "internet_telefone",
    "internet e telefone": "internet_telefone", "salarios": "salarios", "salario": "salarios", "folha": "salarios",
    "funcionarios": "salarios", "impostos": "impostos", "imposto": "impostos", "fornecedores": "fornecedores",
    "fornecedor": "fornecedores", "marketing": "marketing", "propaganda": "marketing", "anuncios": "marketing",
    "manutencao": "manutencao", "transporte": "transporte", "frete": "transporte",
    "material de escritorio": "material_escritorio", "equipamentos": "equipamentos", "equipamento": "equipamentos",
    "servicos": "servicos", "tarifas": "tarifas_bancarias", "tarifas bancarias": "tarifas_bancarias",
    "taxas do banco": "tarifas_bancarias", "saude": "saude", "energia eletrica": "energia",
}  # fmt: skip
"""Words that mean a whole category; a thing of a category (`tinta`) is looked for by its name."""

_NO_THING: Final = (
    r"^(?:hoje|ontem|anteontem|mes|semana|ano|dia|tudo|total|dinheiro|isso|que|tudo isso|geral|caixa|resumo|"
    r"ultim\w+|janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|"
    r"segunda|terca|quarta|quinta|sexta|sabado|domingo|empresa|loja|negocio|coisas?|despesas?|gastos?|contas?|cada|"
    r"media|"
    r"la|ca|aqui|agora|\d+.*|pix|cartao|cada um|mais|menos|essa|esse|este|esta|nessa|nesse)$"
)


def _filter(text: Text, start: int, today: date) -> tuple[str | None, str | None]:
    """The category, or the thing by name, that a question after `start` is limited to (`com tinta`, `de gasolina`)."""
    free = masked(text.plain, [(day.start, day.end) for day in read_days(text, today)])
    for match in rx(
        r"\b(?:com|de|em|n[ao]s?|d[ao]s?|pr[ao]s?|por)\s+(?:(?:a|o|as|os|conta d[aeo])\s+)?(?P<x>[a-z][a-z\- ]{1,40}?)"
        r"(?=\s*(?:$|[,.;:?!¦\n]|\b(?:n?esse|n?este|n?essa|n?esta|hoje|ontem|ate|no|na|em|do|desde|pra|por|mes|durante|"
        r"entre|ja|de)\b))"
    ).finditer(free, start):
        word = match.group("x").strip()
        if rx(_NO_THING).match(word) or rx(r"^(?:" + _ENTRY + r")$").match(word):
            continue
        if word in _CATEGORY_WORDS:
            return _CATEGORY_WORDS[word], None
        return None, text.original(match.start("x"), match.start("x") + len(word))
    return None, None


def _period(text: Text, today: date) -> dict[str, JsonValue]:
    days = [d for d in read_days(text, today, prefer="past") if d.kind != "impossible"]
    if not days:
        return {}
    return {"start": min(d.first for d in days).isoformat(), "end": max(d.last for d in days).isoformat()}


_SPENT_ON: Final = (
    r"\bquanto (?:que |e que )?(?:eu |a gente |nos |ja |foi que |se |a empresa |a loja )*(?:gast\w+|paguei|pagamos|"
    r"pago|dei|demos|repassei|saiu|foi|vai|deu|"
    r"investi\w*|torrei|desembols\w+|tem saido|tenho gasto|veio)\b|"
    r"\b(?:total|soma|valor) (?:gasto|pago|que (?:eu )?(?:gastei|paguei)|d[aeo]s? (?:gastos?|despesas?))\b|"
    r"\b(?:gastos?|despesas?) (?:que (?:eu )?tive )?(?:com|de|em|no|na)\b|\btotal (?:de|com|em)\b|"
    r"\bquanto (?:(?:eu|a gente|ainda|e que|que) )*(?:posso|podemos|da pra|consigo) (?:ainda )?gastar\b"
)
_LARGEST: Final = (
    r"\b(?:maior|maiores|mais (?:alt[oa]|car[oa]|pesad[oa])s?) (?:gastos?|despesas?|saidas?|compras?)\b|"
    r"\b(?:gastos?|despesas?|compras?) (?:foi |foram )?(?:mais (?:alt|car|pesad)[oa]s?|maior(?:es)?)\b|"
    r"\b(?:onde|com o que|em que|no que) (?:eu |a gente )?(?:mais )?(?:gast\w+)(?: mais)?\b"
)


def parse_spending(text: Text, today: date) -> Interpretation | None:
    """`quanto gastei com tinta este mês?`, `qual foi meu maior gasto?`; None for a question about everything."""
    if text.has(
        r"\b(?:orcamento|limite|teto|devo|deve|devem|campanha|salario d[aeo] |ganha|receb\w+|"
        r"vend(?:i|emos|eu|as?|er)|entrou|faturei|"
        r"lucro|"
        r"saldo|aument\w+|diminu\w+|subi\w+|cai\w+|cresc\w+|tendencia|compar\w+|registr\w+|anot\w+|lanc\w+)\b"
    ):
        return None
    args: dict[str, JsonValue] = {"start": today.replace(day=1).isoformat(), "end": today.isoformat()}
    args |= _period(text, today)
    if text.has(_LARGEST):
        category, about = _filter(text, 0, today)
        if category:
            args["category"] = category
        return for_tool(Draft("spending_report", args), confidence=0.9)
    asked = text.find(_SPENT_ON)
    if asked is None or not (text.has(r"\?|\bquanto\b|\btotal\b|\bsoma\b") or order(text, _SHOW)):
        return None
    person = _paid_to(text, asked.end())
    if person:
        return for_tool(Draft("spending_report", {**args, "person": person}), confidence=0.9)
    category, about = _filter(
        text, asked.end() - (4 if asked.group().endswith((" com", " de", " em", " no", " na")) else 0), today
    )
    if category is None and about is None:
        return None
    return for_tool(
        Draft("spending_report", {**args, **({"category": category} if category else {"text": about})}), confidence=0.9
    )


def spending_again(text: Text, today: date, last: Mapping[str, JsonValue]) -> Interpretation | None:
    """`e com combustível?`, `e no mês passado?` after a spending report: the other thing, or the other period."""
    rest = rx(r"(?i)^\W*(?:mas )?e\s+").sub("", text.raw)
    asked = normalize(f"quanto gastei {rest}")
    if again := parse_spending(asked, today):
        args = again.drafts[0].args
        period = _period(asked, today) or {k: v for k, v in last.items() if k in ("start", "end")}
        return for_tool(Draft("spending_report", {**args, **period}), confidence=0.9)
    if period := _period(asked, today):
        return for_tool(Draft("spending_report", {**last, **period}), confidence=0.9)
    return None


def _paid_to(text: Text, start: int) -> str | None:
    to = rx(r"\b(?:pr[ao]|para (?:[oa] )?|com [oa]|ao|a)\s+(?=[a-z])").search(text.plain, start)
    return name_after(text, to.end()) if to else None
