"""Parses amounts of money in digits and words, and flags the ones that are ambiguous."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Final, Literal

from falachefe.language.text.lexicon import words
from falachefe.language.text.normalize import rx

type Flaw = Literal["vague", "zero", "negative", "too_big", "malformed", "each", "instalments"]
MAX_INTEGER_DIGITS: Final = 12
UNITS: Final[dict[str, int]] = {
    "zero": 0,
    "um": 1,
    "uma": 1,
    "dois": 2,
    "duas": 2,
    "tres": 3,
    "quatro": 4,
    "cinco": 5,
    "seis": 6,
    "meia": 6,
    "sete": 7,
    "oito": 8,
    "nove": 9,
    "dez": 10,
    "onze": 11,
    "doze": 12,
    "treze": 13,
    "quatorze": 14,
    "catorze": 14,
    "quinze": 15,
    "dezesseis": 16,
    "dezessete": 17,
    "dezoito": 18,
    "dezenove": 19,
}
TENS: Final[dict[str, int]] = {
    "vinte": 20,
    "trinta": 30,
    "quarenta": 40,
    "cinquenta": 50,
    "cincoenta": 50,
    "sessenta": 60,
    "setenta": 70,
    "oitenta": 80,
    "noventa": 90,
}
HUNDREDS: Final[dict[str, int]] = {
    "cem": 100,
    "cento": 100,
    "duzentos": 200,
    "trezentos": 300,
    "quatrocentos": 400,
    "quinhentos": 500,
    "seiscentos": 600,
    "setecentos": 700,
    "oitocentos": 800,
    "novecentos": 900,
    "duzentas": 200,
    "trezentas": 300,
    "quatrocentas": 400,
    "quinhentas": 500,
    "seiscentas": 600,
    "setecentas": 700,
    "oitocentas": 800,
    "novecentas": 900,
}
SLANG: Final[dict[str, int]] = {
    "dezao": 10,
    "vintao": 20,
    "trintao": 30,
    "cinquentao": 50,
    "cenzao": 100,
    "duzentao": 200,
    "trezentao": 300,
    "quinhentao": 500,
    "milzao": 1000,
    "cinquentinha": 50,
    "cenzinho": 100,
    "vintinho": 20,
    "dezinho": 10,
}
SCALES: Final[dict[str, int]] = {
    "mil": 1000,
    "k": 1000,
    "milhao": 1000000,
    "milhoes": 1000000,
    "bilhao": 10**9,
    "bilhoes": 10**9,
    "milzinho": 1000,
}
CURRENCY: Final = words(
    """
    reais real rs r$ brl conto contos pila pilas prata pratas mango mangos pau paus dinheiros
    reaizinhos realzinho
    """
)
MEASURES: Final = words(
    """
    litro litros l lt lts kg kgs quilo quilos kilo kilos g gr gramas grama ml caixa caixas cx cxs saco sacos
    pacote pacotes pct pcts unidade unidades un und unid dia dias hora horas h hs min minuto minutos mes meses
    ano anos semana semanas pessoa pessoas cliente clientes vez vezes x m metro metros m2 m3 km cm mm cento
    parcela parcelas polegadas par pares duzia duzias garrafa garrafas lata latas galao galoes botijao botijoes
    barra barras folha folhas resma resmas rolo rolos tonelada toneladas ton graus mb gb mega megas giga ampola
    ampolas dose doses frasco frascos porcento item itens fatia fatias funcionario funcionarios cabecas diarias
    """
)
SMALL_WORDS: Final = words(
    """
    de da do das dos em no na nos nas com pra pro para por pelo pela pelos pelas a o as os e ou que hoje ontem
    anteontem amanha referente ref reais foi deu ficou mais menos apos depois antes cada dia pix cartao debito
    credito dinheiro vista avista so ja la aqui ai ao aos via num numa la no sem entre ate agora cedo tarde
    noite pago pagos paga pagas quitado recebido gasto gastos
    inss iss juros correios onibus gas das impostos taxas transporte mes tudo total certinho certo pras
    pros esse essa nesse nessa segunda terca quarta quinta sexta sabado domingo mei
    """
)
_LABELS: Final = words(
    """
    nota nf nfe nfse pedido numero nº n° # protocolo placa cep tel fone telefone zap whatsapp cpf cnpj rg ag
    agencia apto sala parcela codigo nr av box lote aro
    """
)
_VAGUE_BEFORE: Final = (
    r"(?:\b(?:uns|umas|quase|cerca de|mais ou menos|aproximadamente|aprox\.?|por volta "
    r"de|em torno de|coisa de|tipo|talvez|perto de|mais de|menos de|na faixa de|na faixa "
    r"dos|na casa dos|na casa de|acho que|acho que foi|acho que foram|acho que gastei|"
    r"acho que deu|acho q|algo em torno de|algo como|pouco mais de|beirando|lá pelos|"
    r"la pelos|entre|sei la|parece que foi)|~|\+-|\+/-)\s*(?:os |as |uns )?(?:r\$|rs)?\s*$"
)
_EACH_BEFORE: Final = (
    r"\b(?:cada (?:um|uma)?|(?:\d{1,2}|duas|dois|tres|quatro|cinco) "
    r"(?!parcelas|dias|meses|horas|semanas|vezes|anos|reais|contos|prestac)[a-z]{3,}s (?:de|a))\s*(?:r\$\s*)?$"
)
_VAGUE_AFTER: Final = (
    r"^\s*(?:reais|conto|contos|pila)?\s*(?:e\s+(?:pouc[oa]s?|tant[oa]s|alguma coisa|"
    r"alguns|uns quebrados|quebrados|qualquer coisa|la vai|bolinha|trocados|uns trocados|"
    r"uns|poquinho|pouquinho|uns centavos)\b|mais ou menos\b|por ai\b|ou mais\b|ou menos\b|"
    r"aproximadamente\b|\+-|(?:ou|a|-)\s*(?:r\$\s*)?\d+(?![\d/]*\s*(?:vezes|x\b))(?!\s*(?:dia|"
    r"kg|litro))|mais ou meno)"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount at `plain[start:end]`. With a flaw its value must not be used.

    `strong` means that it is surely money: with a currency, a scale word or cents.
    """

    value: Decimal
    start: int
    end: int
    strong: bool
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


# An identifier such as V10 or ABC1D23 is one token and never a number.
_LEXEME = r"r\$|\brs(?=\s*\d)|\bbrl\b|[a-z]+\d\w*|\d+(?:[.,]\d+)*|[a-zº°]+|[^\s\w]"


def _tokens(plain: str) -> list[_Token]:
    return [_Token(m.group(), m.start(), m.end()) for m in rx(_LEXEME).finditer(plain)]


def digits_value(written: str) -> Decimal | None:
    """`1.234,56`, `1234.56`, `1.234`, `45,9` to a decimal; None where it is ambiguous (`1,234`, `12.34.56`)."""
    if rx(r"^\d+$").match(written):
        return Decimal(written)
    if rx(r"^\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?$").match(written):
        return Decimal(written.replace(".", "").replace(",", "."))
    if rx(r"^\d{1,3}(?:,\d{3})+\.\d{1,2}$").match(written):
        return Decimal(written.replace(",", ""))
    if rx(r"^\d+[.,]\d{1,2}$").match(written):
        return Decimal(written.replace(",", "."))
    return None


def _hundreds(tokens: Sequence[_Token], i: int) -> tuple[int, int] | None:
    """A number in words below a thousand from token i: its value and the next index."""
    total, j, level = (0, i, 1000)
    while j < len(tokens):
        k = j + 1 if j > i and tokens[j].word == "e" and (j + 1 < len(tokens)) else j
        if j > i and k == j:
            break
        word = tokens[k].word
        value, size = next(((t[word], s) for t, s in ((HUNDREDS, 100), (TENS, 10), (UNITS, 1)) if word in t), (0, 0))
        if (
            not size
            or size >= level
            or (word == "cem" and j > i)
            or (size == 1 and value >= 10 and (level <= 10))
            or (word == "meia")
        ):
            break
        total, j, level = (total + value, k + 1, size)
        if word == "cem" or size == 1:
            break
    return (total, j) if j > i else None


def _number(tokens: Sequence[_Token], i: int) -> tuple[Decimal | None, int, bool] | None:
    """A number from token i in digits, words or both: (value or None when malformed, next index, scaled by mil/k)."""
    word = tokens[i].word
    if word in SLANG:
        return (Decimal(SLANG[word]), i + 1, True)
    if word[0].isdigit():
        base: Decimal | None = digits_value(word)
        j = i + 1
    elif word in SCALES and word not in ("k", "milhao", "bilhao", "milhoes", "bilhoes"):
        base, j = (Decimal(1), i)
    elif word == "meio" and i + 1 < len(tokens) and (tokens[i + 1].word == "milhao"):
        base, j = (Decimal("0.5"), i + 1)
    else:
        read = _hundreds(tokens, i)
        if read is None:
            return None
        base, j = (Decimal(read[0]), read[1])
    return _scaled(tokens, base, j)


def _scaled(tokens: Sequence[_Token], base: Decimal | None, j: int) -> tuple[Decimal | None, int, bool]:
    if j >= len(tokens) or tokens[j].word not in SCALES:
        return (base, j, False)
    scale = SCALES[tokens[j].word]
    value = None if base is None else base * scale
    j += 1
    k = j + 1 if j < len(tokens) and tokens[j].word == "e" else j
    if k < len(tokens) and value is not None and (scale > 1):
        rest = _remainder(tokens, k, scale, joined=k > j)
        if rest:
            return (value + rest[0], rest[1], True)
    return (value, j, True)


def _remainder(tokens: Sequence[_Token], k: int, scale: int, *, joined: bool) -> tuple[Decimal, int] | None:
    """The rest after `2 mil e ...`; without the `e` only `mil duzentos` counts, never `2 mil 3 caixas`."""
    word = tokens[k].word
    if word[0].isdigit():
        value = digits_value(word)
        nxt = tokens[k + 1].word if k + 1 < len(tokens) else ""
        if (
            not (joined or len(word) == 3)
            or value is None
            or value >= scale
            or (nxt in MEASURES)
            or (nxt in SCALES)
            or (nxt == "/")
        ):
            return None
        return (value, k + 1)
    # `mil e um reais` is a number; `mil e uma caixa` is an amount and a box.
    counted = word in ("um", "uma") and not (k + 1 < len(tokens) and tokens[k + 1].word in CURRENCY)
    if word in SCALES or counted or word == "meia" or (not joined and word not in HUNDREDS):
        return None
    read = _number(tokens, k)
    if read is None or read[0] is None or read[0] >= scale:
        return None
    return (read[0], read[1])


def find_amounts(plain: str, taken: Sequence[tuple[int, int]] = ()) -> list[Amount]:
    """All amounts in order, without quantities, times and identifiers. `taken` spans (dates) are skipped."""
    hidden = blank(plain, [*taken, *_non_money_spans(plain)])
    hidden = rx(r"(?<=r\$ )(\d{1,3}) (?=\d{3}(?!\d))").sub(r"\1.", hidden)
    tokens = _tokens(hidden)
    found: list[Amount] = []
    i = 0
    while i < len(tokens):
        read = _number(tokens, i)
        if read is None:
            i += 1
            continue
        value, j, scaled = read
        amount, j = _amount(hidden, tokens, i, j, value, scaled=scaled)
        if amount:
            found.append(amount)
        i = max(j, i + 1)
    return _without_counts(hidden, _merge_ambiguous(hidden, found))


def _amount(
    plain: str, tokens: Sequence[_Token], i: int, j: int, value: Decimal | None, *, scaled: bool
) -> tuple[Amount | None, int]:
    before = tokens[i - 1].word if i else ""
    after = tokens[j].word if j < len(tokens) else ""
    first = i - 1 if before in ("r$", "rs", "brl", "$") else i
    money = first < i
    if after in CURRENCY or after == "$":
        money, j = (True, j + 1)
        value, j = _cents(tokens, j, value)
    elif after in ("centavos", "centavo") and value is not None:
        money, j, value = (True, j + 1, value / 100)
    elif (whole := _cents(tokens, j, value)) != (value, j):
        money, (value, j) = (True, whole)
    elif not money and _is_quantity(tokens, i, j, before, after, scaled=scaled):
        return (None, j)
    if money and j < len(tokens) and (first < i) and (tokens[j].word in CURRENCY):
        j += 1
    start, end = (tokens[first].start, tokens[j - 1].end)
    written = tokens[i].word
    strong = money or scaled or (rx(r"[.,]\d\d$").search(written) is not None and j == i + 1)
    flaw = _flaw(plain, start, end, value)
    return (Amount(value if value is not None else Decimal(0), start, end, strong, flaw), j)


def _cents(tokens: Sequence[_Token], j: int, value: Decimal | None) -> tuple[Decimal | None, int]:
    """`... reais e quarenta e cinco centavos`."""
    k = j + 1 if j < len(tokens) and tokens[j].word in ("e", "com") else j
    if k < len(tokens) and value is not None:
        read = _number(tokens, k)
        if (
            read
            and read[0] is not None
            and (read[1] < len(tokens))
            and (tokens[read[1]].word in ("centavos", "centavo"))
        ):
            return (value + read[0] / 100, read[1] + 1)
    return (value, j)


def _is_quantity(tokens: Sequence[_Token], i: int, j: int, before: str, after: str, *, scaled: bool) -> bool:
    word = tokens[i].word
    if after in MEASURES or after in ("%", "º", "°", "ª", ":") or before in _LABELS or (before in ("/", "#", "n")):
        return True
    if after == "/" and j + 1 < len(tokens) and tokens[j + 1].word[0].isdigit():
        return True
    if word in ("um", "uma", "meia", "meio") and (not scaled):
        return j == i + 1
    if not after or after in SMALL_WORDS or (not after.isalpha()):
        return False
    if word in ("1", "dois", "duas", "tres", "2") and (not scaled) and (j == i + 1):
        return True
    return len(after) > 3 and after.endswith("s") and (not after.endswith("ss"))


def _flaw(plain: str, start: int, end: int, value: Decimal | None) -> Flaw | None:  # noqa: PLR0911 - one line for each flaw
    if value is None or (-int(value.as_tuple().exponent) > 2 and value != value.quantize(Decimal("0.01"))):
        return "malformed"
    before = plain[max(0, start - 40) : start]
    if (
        rx(r"(?:(?:^|[\s(])-|\bmenos)\s*$").search(before)
        and (not rx(r"\bmais ou menos\s*$").search(before))
        and (not rx(r"\w\s+-\s+$").search(before))
    ):
        return "negative"
    if value == 0:
        return "zero"
    if value >= Decimal(10) ** MAX_INTEGER_DIGITS:
        return "too_big"
    if rx(_VAGUE_BEFORE).search(before) or rx(_VAGUE_AFTER).search(plain[end : end + 40]):
        return "vague"
    if rx(r"\b\d+\s*(?:x|vezes|parcelas)\s+(?:iguais )?(?:de|por)\s*$").search(before) or rx(
        r"\b(?:duas|tres|quatro|cinco|seis|dez|doze)\s+(?:x|vezes|parcelas)\s+(?:de|por)\s*$"
    ).search(before):
        return "instalments"
    if rx(_EACH_BEFORE).search(before):
        return "each"
    if rx(
        r"^\s*(?:cada|a unidade|por unidade|por pessoa|por cabeca|o litro|o quilo|o kg|o "
        r"saco|a duzia|o metro|por mes\b|por dia\b|a diaria|por hora|por litro)\b"
    ).search(plain[end : end + 20]):
        return "each"
    return None


def _merge_ambiguous(plain: str, found: list[Amount]) -> list[Amount]:
    """`entre 100 e 150`, `50 ou 60`, `vinte e cinco e cinquenta`: merged into one flawed, ambiguous amount."""
    merged: list[Amount] = []
    for amount in found:
        last = merged[-1] if merged else None
        between = plain[last.end : amount.start] if last else ""
        if last and (
            (last.flaw == "vague" and rx(r"^\s*(?:e|ou|a|-|ate)\s*$").match(between))
            or (not last.strong and rx(r"^\s*(?:e|ou|-)\s+$").match(between))
        ):
            flaw: Flaw = "vague" if last.flaw == "vague" else "malformed"
            merged[-1] = Amount(last.value, last.start, amount.end, last.strong, flaw)
        else:
            merged.append(amount)
    return merged


def _without_counts(plain: str, found: list[Amount]) -> list[Amount]:
    """`vendi 2 bolo 60`: a bare integer up to 30 before a noun is a count when another amount follows the noun."""
    kept: list[Amount] = []
    for amount, following in zip_longest(found, found[1:]):
        between = plain[amount.end : following.start] if following else ""
        counted = (
            following is not None
            and (not amount.strong)
            and (amount.flaw is None)
            and (amount.value <= 30)
            and (amount.value == int(amount.value))
            and rx(r"^\s+(?!de\b|da\b|do\b|no\b|na\b|em\b|com\b|pra\b|pro\b|para\b)[a-z]{2,}").match(between)
            and (not rx(r"[,;\n+]|\be\b|\bmais\b").search(between))
        )
        if not counted:
            kept.append(amount)
    return kept


def _non_money_spans(plain: str) -> list[tuple[int, int]]:
    """Spans of numbers that are not money: CPF, CNPJ, CEP, phones, times, percentages, links, e-mails, 13th salary."""
    pattern = (
        r"https?://\S+|\S+@\S+|\b\d{3}\.\d{3}\.\d{3}-\d{2}\b|\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b|"
        r"\b\d{5}-\d{3}\b|(?:\+?55\s?)?\(\d{2}\)\s?\d{4,5}[-\s]?\d{4}|\b(?:\d{2}\s)?9?\d{4}-\d{4}\b|"
        r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{1,2}\s?h(?:oras?)?\s?\d{0,2}\b|\b\d+(?:[.,]\d+)?\s?(?:%|"
        r"por cento|porcento)|\b(?:placa|chassi|cpf|cnpj|cep|telefone|tel|fone|chave pix)\s*(?:e|"
        r":|n[º°o]?)?\s*[\d.\-/]{5,}|\bas \d{1,2}(?::\d\d)?(?:\s*h|\s*horas|\s*da (?:manha|"
        r"tarde|noite))\b|\b99(?=\s*(?:pop|app|taxi|food)\b)|\b13[oº°]|\b13 salario"
    )
    return [m.span() for m in rx(pattern).finditer(plain)]


def blank(plain: str, spans: Sequence[tuple[int, int]]) -> str:
    """`plain` with the spans replaced by a `¦` and spaces of the same length."""
    chars = list(plain)
    for start, end in spans:
        chars[start:end] = "¦" + " " * (end - start - 1) if end > start else ""
    return "".join(chars)
