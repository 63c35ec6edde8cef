"""Reads boletos: the typed line of 47 digits (bank) or 48 (collection), and the barcode of 44.

Layout by FEBRABAN. A general check digit of a bank's slip stands for three remainders (0, 1 and 10) when it is 1, and
a modulo 11 digit of a collection slip for two when it is 0: a wrong amount can pass then, by the standard itself.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from falachefe.documents.check_digits import bank_digit, collection_digit, modulo10
from falachefe.documents.types import Boleto, Unreadable

LENGTHS: Final = (44, 47, 48)
_BASE: Final = date(1997, 10, 7)
_CYCLE: Final = 9000
"""Factors run from 1000 to 9999 and begin again: factor 1000 was 2000-07-03 and is 2025-02-22."""
_BANKS: Final = {
    "001": "Banco do Brasil", "033": "Santander", "041": "Banrisul", "070": "BRB", "077": "Inter", "085": "Ailos",
    "104": "Caixa", "121": "Agibank", "136": "Unicred", "197": "Stone", "208": "BTG Pactual", "212": "Banco Original",
    "237": "Bradesco", "260": "Nubank", "290": "PagBank", "318": "BMG", "323": "Mercado Pago", "336": "C6",
    "341": "Itaú", "380": "PicPay", "389": "Mercantil", "403": "Cora", "422": "Safra", "461": "Asaas",
    "623": "Banco Pan", "633": "Rendimento", "655": "Votorantim", "707": "Daycoval", "748": "Sicredi", "756": "Sicoob",
}  # fmt: skip
_SEGMENTS: Final = {
    "1": "prefeitura", "2": "água e saneamento", "3": "energia ou gás", "4": "telefone ou internet",
    "5": "órgão público", "6": "carnê", "7": "multa de trânsito",
}  # fmt: skip


def read_boleto(digits: str, today: date) -> Boleto | Unreadable:
    """The slip with these digits (44, 47 or 48, without separators), or which block of it is wrong."""
    if len(digits) == 47:
        return _bank_line(digits, today)
    if len(digits) == 48:
        return _collection_line(digits, today)
    if len(digits) == 44:
        return _collection(digits, today) if digits[0] == "8" else _bank(digits, today)
    return _refused(f"esse código tem {len(digits)} dígitos, e um boleto tem 47 ou 48")


def _bank_line(line: str, today: date) -> Boleto | Unreadable:
    blocks = (line[:10], line[10:21], line[21:32])
    wrong = [n for n, block in enumerate(blocks, 1) if modulo10(block[:-1]) != int(block[-1])]
    if wrong:
        return _wrong_blocks(wrong)
    free = blocks[0][4:9] + blocks[1][:10] + blocks[2][:10]
    return _bank(line[:4] + line[32] + line[33:] + free, today, typed=True)


def _bank(barcode: str, today: date, *, typed: bool = False) -> Boleto | Unreadable:
    if bank_digit(barcode[:4] + barcode[5:]) != int(barcode[4]):
        places = "confira os blocos 4 e 5 (o dígito sozinho e os 14 últimos, com vencimento e valor)"
        return _refused(f"o dígito geral não bate: {places}" if typed else "o dígito verificador não bate")
    if barcode[3] != "9":
        return _refused("ele não está em reais")
    cents = int(barcode[9:19])
    amount = Decimal(cents) / 100 if cents else None
    return Boleto("bank", barcode, amount, due_date(int(barcode[5:9]), today), _BANKS.get(barcode[:3]))


def due_date(factor: int, today: date) -> date | None:
    """The due date of a bank's slip: of all days that the factor can mean, the one nearest to `today`."""
    if factor == 0:
        return None
    first = _BASE + timedelta(days=factor)
    if factor < 1000:
        return first
    return min((first + timedelta(days=_CYCLE * n) for n in range(5)), key=lambda day: abs(day - today))


def _collection_line(line: str, today: date) -> Boleto | Unreadable:
    if line[0] != "8" or line[2] not in "6789":
        return _refused("um código de 48 dígitos começa com 8 e tem 6, 7, 8 ou 9 na terceira posição")
    blocks = [line[at : at + 12] for at in range(0, 48, 12)]
    check = modulo10 if line[2] in "67" else collection_digit
    wrong = [n for n, block in enumerate(blocks, 1) if check(block[:-1]) != int(block[-1])]
    return _wrong_blocks(wrong) if wrong else _collection("".join(block[:-1] for block in blocks), today)


def _collection(barcode: str, today: date) -> Boleto | Unreadable:
    if barcode[2] not in "6789":
        return _refused("a terceira posição do código não é 6, 7, 8 nem 9")
    check = modulo10 if barcode[2] in "67" else collection_digit
    if check(barcode[:3] + barcode[4:]) != int(barcode[3]):
        return _refused("o dígito geral (a quarta posição) não bate")
    # 7 and 9: the field counts units of an index and is no amount in reais.
    cents = int(barcode[4:15]) if barcode[2] in "68" else 0
    free = barcode[23:] if barcode[1] == "6" else barcode[19:]
    amount = Decimal(cents) / 100 if cents else None
    return Boleto("collection", barcode, amount, _written_date(free[:8], today), _SEGMENTS.get(barcode[1]))


def _written_date(digits: str, today: date) -> date | None:
    """Collectors may put the due date first in their field; other content seldom looks like a date of these years."""
    try:
        day = date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    except ValueError:
        return None
    return day if abs((day - today).days) <= 730 else None


def _wrong_blocks(numbers: list[int]) -> Unreadable:
    named = " e ".join(", ".join(str(n) for n in numbers).rsplit(", ", 1))
    if len(numbers) == 1:
        return _refused(f"tem dígito errado no bloco {named}")
    return _refused(f"tem dígitos errados nos blocos {named}")


def _refused(why: str) -> Unreadable:
    return Unreadable("boleto", f"Não consegui ler esse boleto: {why}. Pode copiar de novo e me mandar?")
