"""What a clause is judged to say: its modality, who acts, which way money goes, and the verb that tells it."""

from dataclasses import dataclass
from typing import Literal

type Modality = Literal[
    "happened", "denied", "planned", "conditional", "ordered", "asked", "reported", "cancelled", "corrected"
]
"""What the author says about the act. Only `happened` may be booked.

- `happened`: it took place (`gastei 50`, `almoço 32`, `anota 50 de gás`).
- `denied`: it did not (`não paguei`, `não entrou um real`, `ninguém faltou`).
- `planned`: it shall (`vou pagar`, `pago amanhã`, `preciso comprar`).
- `conditional`: only if (`se eu pagar`, `pagaria`).
- `ordered`: somebody shall do it (`paga o boleto`, `manda um pix`).
- `asked`: a question (`quanto gastei?`, `paguei a luz?`).
- `reported`: somebody else's words (`o vizinho disse que gastou 50`).
- `cancelled`: it was taken back (`a compra de 640 foi cancelada`).
- `corrected`: it replaces an earlier statement (`não, foi 60`, `era 50, não 500`) of an earlier message; a correction
  inside one message is settled before claims are made.
"""

type Subject = Literal["us", "me", "colleague", "customer", "other"]
"""Who acts. `us` is the company (also for a clause without a subject), `other` somebody outside it."""

type Direction = Literal["in", "out"]
"""Which way money goes, seen from the company."""

type MoneyEvent = Literal[
    "pay", "spend", "buy", "sell", "receive", "refund", "lend", "borrow", "repay", "wages", "transfer", "withdraw",
    "deposit", "owe", "charge", "price",
]  # fmt: skip
"""What happens to money. `owe`: a debt that stands (`ficou devendo`); `charge`: a bill that came (`chegou a conta`)."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb form found at `plain[start:end]`. `person` is 1 or 3; `event` is None for verbs that move no money."""

    start: int
    end: int
    lemma: str
    tense: Literal[
        "past", "imperfect", "present", "future", "conditional", "imperative", "infinitive", "participle", "gerund"
    ]
    person: int = 3
    event: MoneyEvent | None = None
