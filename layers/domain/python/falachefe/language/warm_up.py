"""Compiles the patterns that nearly every message needs, before the first message arrives.

Patterns compile on first use to keep imports fast, and compiling them takes longer than answering fifty messages.
A worker does it during initialisation, when no user is waiting.
"""

from datetime import UTC, datetime
from typing import Final

from falachefe.language.engine import analyze, decide
from falachefe.language.types import Situation, Utterance

# Each conversation takes a different path through the parsers; the decisions are discarded.
_CONVERSATIONS: Final[tuple[tuple[str, ...], ...]] = (
    ("gastei 50,90 de gasolina ontem e a Maria faltou hoje",),
    ("cadastra o Pedro Souza, mecânico, salário 2.500",),
    ("como estão evoluindo minhas vendas nos últimos 3 meses?",),
    ("manda pros clientes sumidos: estamos com saudade, venha tomar um café",),
    ("solicito férias para a Letícia entre 04/01/2027 e 18/01/2027",),
    ("paguei aquele boleto da energia que estava atrasado, 412,33, e recebi 200 da cliente",),
    ("me dá uma ideia de post",),
    ("quanto gastei de 1 a 15 de outubro?",),
    ("o compressor quebrou, abre um chamado",),
    ("que horas vocês abrem no sábado?",),
    ("não gastei 50 ou 60 hoje, o cliente pagou",),
    ("pode anotar duzentos e cinquenta de estacionamento da semana passada?",),
    ("oi, bom dia",),
    ("gastei com gasolina", "Quanto foi?", "uns 50"),
    ("orçamento para água", "De quanto?", "350"),
    ("contratei a Sandra", "Qual vai ser o cargo?", "ela vai ser caixa"),
    ("faz uma campanha para os inativos", "Qual é o texto?", "Vacinou seu pet? Esta semana V10 por R$ 80"),
    ("registra uma falta hoje", "Quem faltou?", "o Roberto"),
    ("férias a partir de 10 de janeiro", "Até que dia?", "15 dias"),
)


def warm_up() -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    for *earlier, text in _CONVERSATIONS:
        history = tuple(Utterance("agent" if i % 2 else "user", phrase) for i, phrase in enumerate(earlier))
        situation = Situation(now, history)
        decide(analyze(text, situation).role, text, situation)
