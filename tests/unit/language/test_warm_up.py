"""`warm_up` compiles the patterns that the next messages need."""

from datetime import datetime

from falachefe.language import Situation, analyze, decide
from falachefe.language.dialogue.interpreter import interpret
from falachefe.language.text import normalize as text
from falachefe.language.warm_up import warm_up

NOW = datetime.fromisoformat("2026-11-23T09:00:00-03:00")


def test_after_warm_up_a_common_message_compiles_few_new_patterns() -> None:
    for cached in (text.rx, text._normalized, interpret):  # an earlier test may have warmed up in this process
        cached.cache_clear()
    warm_up()
    compiled = text.rx.cache_info().misses

    for message in ("gastei 32 no almoço anteontem", "o João não veio hoje", "quanto entrou esse mês?"):
        decide(analyze(message, Situation(NOW)).role, message, Situation(NOW))

    assert text.rx.cache_info().misses - compiled <= 0.05 * compiled
