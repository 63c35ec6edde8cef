"""Compiles what nearly every message needs, before the first one comes.

Importing must stay quick, so patterns compile at first use: together they take longer than fifty messages. A worker
pays that while it starts, where nobody waits for an answer.
"""

from datetime import UTC, datetime
from typing import Final

from falachefe.language.contract import Situation, Utterance
from falachefe.language.engine import analyze, decide

# Each takes another way through the readers; what is understood is of no interest.
_TALKS: Final[tuple[tuple[str, ...], ...]] = (
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
    for *earlier, text in _TALKS:
        history = tuple(Utterance("agent" if i % 2 else "user", said) for i, said in enumerate(earlier))
        situation = Situation(now, history)
        decide(analyze(text, situation).role, text, situation)
