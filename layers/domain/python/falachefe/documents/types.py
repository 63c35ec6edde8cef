"""What a document says. Amounts are in reais, dates are the company's; None means that it does not say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Boleto:
    """A payment slip of a bank (`bank`) or of a utility, city or other collector (`collection`)."""

    kind: Literal["bank", "collection"]
    barcode: str
    """Its 44 digits: the same slip has the same barcode, however it was typed."""
    amount: Decimal | None
    due: date | None
    issuer: str | None
    """The bank, or what kind of collector it is, in pt-BR."""
    start: int = 0
    end: int = 0

    @property
    def reference(self) -> str:
        return f"boleto:{self.barcode}"


@dataclass(frozen=True, slots=True)
class PixCode:
    """A Pix "copia e cola": asks for a payment to `name`."""

    name: str
    city: str
    amount: Decimal | None
    key: str | None
    description: str | None
    txid: str | None
    url: str | None
    start: int = 0
    end: int = 0

    @property
    def dynamic(self) -> bool:
        """Made for one payment: its details lie behind `url`."""
        return self.url is not None

    @property
    def reference(self) -> str | None:
        """None for a static code, which may be paid many times."""
        return f"pix:{self.url}" if self.url else None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An electronic invoice by its key of 44 characters; total and day only where its QR code carries them."""

    key: str
    model: str
    """Its kind in pt-BR: NF-e, NFC-e, CT-e, CF-e."""
    state: str
    month: date
    """The first day of the month in which it was issued."""
    issuer: str
    """CNPJ, or the CPF of a farmer, without punctuation."""
    number: int
    total: Decimal | None = None
    day: date | None = None
    start: int = 0
    end: int = 0

    @property
    def reference(self) -> str:
        return f"nfe:{self.key}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A bank's receipt of a Pix or a transfer."""

    amount: Decimal
    direction: Literal["out", "in"] | None
    """None where the receipt reads the same for both sides."""
    payer: str | None
    payee: str | None
    day: date | None
    bank: str | None
    transaction: str | None
    start: int = 0
    end: int = 0

    @property
    def reference(self) -> str | None:
        return f"recibo:{self.transaction}" if self.transaction else None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that looks like a document and is none; `reason` is a pt-BR sentence for the person."""

    kind: Literal["boleto", "pix", "invoice"]
    reason: str
    start: int = 0
    end: int = 0


type Document = Boleto | PixCode | Invoice | Receipt
