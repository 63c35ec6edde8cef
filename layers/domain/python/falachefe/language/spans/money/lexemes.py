"""Tokens of a folded message, and the words that numbers and currencies are made of."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from falachefe.language.text.lexicon import words
from falachefe.language.text.normalize import rx

UNITS: Final[dict[str, int]] = {
    "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8,
    "nove": 9, "dez": 10, "onze": 11, "doze": 12, "treze": 13, "quatorze": 14, "catorze": 14, "quinze": 15,
    "dezesseis": 16, "dezasseis": 16, "dezessete": 17, "dezassete": 17, "dezoito": 18, "dezenove": 19, "dezanove": 19,
}  # fmt: skip
TENS: Final[dict[str, int]] = {
    "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "cincoenta": 50, "sessenta": 60, "setenta": 70,
    "oitenta": 80, "noventa": 90,
}  # fmt: skip
_HUNDREDS: Final[dict[str, int]] = {
    "duzent": 200, "trezent": 300, "quatrocent": 400, "quinhent": 500, "seiscent": 600, "setecent": 700,
    "oitocent": 800, "novecent": 900,
}  # fmt: skip
HUNDREDS: Final[dict[str, int]] = {"cem": 100, "cento": 100} | {
    stem + ending: value for stem, value in _HUNDREDS.items() for ending in ("os", "as")
}
# Augmentatives, diminutives and the animals on the notes.
SLANG: Final[dict[str, int]] = {
    "cincao": 5, "cinquinho": 5, "dezao": 10, "dezinho": 10, "quinzao": 15, "vintao": 20, "vintinho": 20,
    "trintao": 30, "trintinha": 30, "quarentao": 40, "cinquentao": 50, "cinquentinha": 50, "sessentao": 60,
    "setentao": 70, "oitentao": 80, "noventao": 90, "cenzao": 100, "cenzinho": 100, "duzentao": 200,
    "trezentao": 300, "quatrocentao": 400, "quinhentao": 500, "milzao": 1000, "milzinho": 1000,
}  # fmt: skip
NOTES: Final[dict[str, int]] = {
    "barao": 1000, "baroes": 1000, "onca": 50, "oncas": 50, "garoupa": 100, "garoupas": 100,
}  # fmt: skip
"""Nicknames of notes, counted: `um barão`, `duas onças`."""
SCALES: Final[dict[str, int]] = {
    "mil": 10**3, "k": 10**3, "kk": 10**6, "mi": 10**6, "milhao": 10**6, "milhoes": 10**6, "bi": 10**9,
    "bilhao": 10**9, "bilhoes": 10**9,
}  # fmt: skip
REAIS: Final = words(
    """
    reais real brl conto contos pila pilas prata pratas mango mangos pau paus dinheiros reaizinhos realzinho realzao
    mangos merreis reau contim dilmas temers
    """
)
CENTS: Final = words("centavo centavos centavinhos")
SIGNS: Final = frozenset(("r$", "rs", "brl", "$", "r$:", "rs$"))
FOREIGN: Final[dict[str, str]] = {
    "us$": "USD", "u$": "USD", "u$s": "USD", "usd": "USD", "dolar": "USD", "dolares": "USD", "dolar.": "USD",
    "doletas": "USD", "doleta": "USD", "dols": "USD", "verdinhas": "USD", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "€": "EUR", "£": "GBP", "gbp": "GBP", "libra": "GBP", "libras": "GBP", "esterlinas": "GBP", "peso": "ARS",
    "pesos": "ARS", "ars": "ARS", "guarani": "PYG", "guaranis": "PYG", "pyg": "PYG", "iene": "JPY", "ienes": "JPY",
    "¥": "JPY", "jpy": "JPY", "yuan": "CNY", "yuans": "CNY", "cny": "CNY", "rmb": "CNY", "chf": "CHF", "cad": "CAD",
    "bitcoin": "BTC", "bitcoins": "BTC", "btc": "BTC", "satoshis": "BTC", "₿": "BTC", "ethereum": "ETH", "eth": "ETH",
    "usdt": "USDT", "usdc": "USDC", "soles": "PEN", "bolivianos": "BOB", "rublos": "RUB", "rupias": "INR",
}  # fmt: skip
"""Currencies that are not reais, by their signs and words: ISO codes, or the tickers of coins."""
MEASURES: Final = words(
    """
    litro litros l lt lts kg kgs quilo quilos kilo kilos g gr gramas grama ml caixa caixas cx cxs saco sacos saca sacas
    pacote pacotes pct pcts unidade unidades un und unid dia dias hora horas h hs min minuto minutos mes meses
    ano anos semana semanas pessoa pessoas cliente clientes vez vezes x m metro metros m2 m3 km cm mm cento
    parcela parcelas prestacao prestacoes polegadas pol par pares duzia duzias garrafa garrafas lata latas galao galoes
    botijao botijoes barra barras folha folhas resma resmas rolo rolos tonelada toneladas ton graus mb gb tb mega megas
    giga gigas ampola ampolas dose doses frasco frascos item itens fatia fatias funcionario funcionarios
    cabecas diaria diarias fardo fardos peca pecas kit kits balde baldes maco macos bandeja bandejas pote potes
    porcao porcoes cartela cartelas bobina bobinas milheiro milheiros arroba arrobas hectare hectares alqueire alqueires
    w watts v volts amperes hp cv btu btus rpm hz ghz fl km/h kwh quilometro quilometros viagem viagens corrida corridas
    vidro vidros tubo tubos chapa chapas placa placas copo copos marmita marmitas bombona bombonas lugares andares
    """
)
# Before a bare integer these name something else: `nota 4532`, `aro 15`.
LABELS: Final = words(
    """
    nota nf nfe nfse nfce pedido numero nº n° n num # protocolo placa cep tel fone telefone zap whatsapp cpf cnpj rg ie
    ag agencia apto apartamento nr av box lote aro bloco comanda senha item opcao codigo cod artigo tamanho tam
    matricula inscricao cupom ramal chassi renavam crm oab crmv pis ean sku lt qd chamado ticket op parcela
    """
)
# These do so only beside another amount: `a mesa 4 pagou 90`, but `comprei mesa 350`.
WEAK_LABELS: Final = words(
    """
    mesa sala quarto loja filial posto casa onibus canal voo serie linha rota km turma andar galpao predio portao br
    quadra versao modelo ap vaga guiche capitulo
    """
)
CONNECTIVES: Final = words(
    """
    de da do das dos em no na nos nas com pra pro pras pros para por pelo pela pelos pelas a o as os e ou que hoje ontem
    anteontem amanha referente ref foi deu ficou mais menos apos depois antes cada pix cartao debito credito dinheiro
    vista avista so ja la aqui ai ao aos via num numa sem entre ate agora cedo tarde noite pago pagos paga pagas quitado
    recebido gasto gastos inss iss juros correios onibus gas impostos taxas transporte tudo total certinho certo
    esse essa nesse nessa segunda terca quarta quinta sexta sabado domingo mei dia mes pois tambem mas eram sao mesmo
    nao digo minto alias melhor inclusive apenas somente cravado cravados redondo redondos certinhos limpo limpos
    antecipados adiantados devidos restantes atrasados atras
    """
)
"""Words after a number that are no counted thing, though some end in s."""


@dataclass(frozen=True, slots=True)
class Token:
    word: str
    start: int
    end: int

    @property
    def digits(self) -> bool:
        return self.word[0].isdigit()


END: Final = Token(" ", -1, -1)
# An identifier such as v10 or abc1d23 is one token and never a number; `2k5` is a number.
_LEXEME: Final = (
    r"u\$s|us\$|u\$|rs?\$|r\$|\brs(?=\s*\d)|\d+k\d{1,3}\b|(?<!\d)[.,]\d{2}(?!\d)|[a-zº°ª]+\d\w*|\d+(?:[.,]\d+)*|"
    r"(?<=\d)[oa](?=\b)|[a-zº°ª]+|[^\s\w]"
)


def tokens_of(plain: str) -> list[Token]:
    return [Token(m.group(), m.start(), m.end()) for m in rx(_LEXEME).finditer(plain)]


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


def digits_readings(written: str) -> tuple[Decimal, ...]:
    """What an ambiguous spelling may mean: `1,234` is 1234 or 1.23; none for `12.34.56`."""
    thousand = rx(r"^(\d{1,3}),(\d{3})$").match(written)
    if thousand is None:
        return ()
    return Decimal(thousand.group(1) + thousand.group(2)), Decimal(f"{thousand.group(1)}.{thousand.group(2)[:2]}")
