"""Makes documents with right check digits from their values, apart from the code that reads them."""

from datetime import date

BASE = date(1997, 10, 7)


def luhn(digits: str) -> str:
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(digits[::-1])]
    return str((10 - sum(sum(map(int, str(p))) for p in doubled) % 10) % 10)


def eleven(digits: str, special: str) -> str:
    total = sum((ord(d) - 48) * (2 + place % 8) for place, d in enumerate(digits[::-1]))
    check = 11 - total % 11
    return special if check >= 10 else str(check)


def factor_of(due: date | None) -> int:
    if due is None:
        return 0
    days = (due - BASE).days
    return days if days <= 9999 else (days - 1000) % 9000 + 1000


def bank_barcode(bank: str, cents: int, due: date | None, free: str) -> str:
    rest = f"{factor_of(due):04}{cents:010}{free}"
    return f"{bank}9{eleven(f'{bank}9{rest}', '1')}{rest}"


def bank_line(barcode: str) -> str:
    free = barcode[19:]
    fields = (barcode[:4] + free[:5], free[5:15], free[15:])
    return "".join(field + luhn(field) for field in fields) + barcode[4] + barcode[5:19]


def printed(line: str) -> str:
    a, b, c = line[:10], line[10:21], line[21:32]
    return f"{a[:5]}.{a[5:]} {b[:5]}.{b[5:]} {c[:5]}.{c[5:]} {line[32]} {line[33:]}"


def collection_barcode(segment: str, value_kind: str, cents: int, rest: str) -> str:
    head, tail = f"8{segment}{value_kind}", f"{cents:011}{rest}"
    check = luhn(head + tail) if value_kind in "67" else eleven(head + tail, "0")
    return head + check + tail


def collection_line(barcode: str) -> str:
    check = luhn if barcode[2] in "67" else (lambda block: eleven(block, "0"))
    return "".join(barcode[at : at + 11] + check(barcode[at : at + 11]) for at in range(0, 44, 11))


def crc(text: str) -> str:
    value = 0xFFFF
    for byte in text.encode():
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021) & 0xFFFF if value & 0x8000 else value << 1
    return f"{value:04X}"


def tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02}{value}"


def pix(
    name: str,
    city: str,
    amount: str | None = None,
    key: str | None = "a@b.co",
    url: str | None = None,
    txid: str = "***",
) -> str:
    account = tlv("00", "br.gov.bcb.pix") + (tlv("01", key) if key else "") + (tlv("25", url) if url else "")
    body = tlv("00", "01") + tlv("26", account) + "52040000" + "5303986"
    body += (tlv("54", amount) if amount else "") + "5802BR" + tlv("59", name) + tlv("60", city)
    body += tlv("62", tlv("05", txid)) + "6304"
    return body + crc(body)


def cnpj(base: str) -> str:
    for weights in ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        rest = sum((ord(c) - 48) * w for c, w in zip(base, weights, strict=True)) % 11
        base += "0" if rest < 2 else str(11 - rest)
    return base


def invoice_key(state: str, month: str, issuer: str, model: str, series: int, number: int, tail: str) -> str:
    body = f"{state}{month}{issuer}{model}{series:03}{number:09}{tail}"
    return body + eleven(body, "0")
