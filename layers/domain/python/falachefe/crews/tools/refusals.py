"""Turns validation errors of a tool's arguments into the pt-BR sentence that the sender reads."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from falachefe.crews.tools.spec import ToolSpec
from falachefe.http.validation import message
from falachefe.kernel.errors import InvalidValue

_WORDS: Final[Mapping[str, str]] = {
    "amount": "valor",
    "bill": "conta",
    "category": "categoria",
    "confirmed": "confirmação",
    "counterparty": "nome",
    "date": "data",
    "description": "descrição",
    "direction": "a pagar ou a receber",
    "due": "vencimento",
    "employee": "funcionário",
    "end": "fim",
    "entry": "lançamento",
    "kind": "tipo",
    "limit": "quantidade",
    "instalments": "parcelas",
    "message": "mensagem",
    "month": "mês",
    "months": "meses",
    "name": "nome",
    "person": "pessoa",
    "position": "cargo",
    "question": "pergunta",
    "reason": "motivo",
    "reminder": "lembrete",
    "repeats": "repetição",
    "salary": "salário",
    "segment": "público",
    "start": "começo",
    "subject": "assunto",
    "text": "texto",
    "topic": "tema",
    "until": "até",
    "whole_message": "mensagem inteira",
}


def refusal(spec: ToolSpec, error: ValidationError) -> str:
    """Messages of the domain's rules are used as they are; others are prefixed with the argument's name."""
    said = dict.fromkeys(_sentence(detail) for detail in error.errors(include_url=False, include_input=False))
    return " ".join((f"Não consegui {spec.action}.", *said))


def _sentence(detail: Mapping[str, Any]) -> str:
    sentence = message(detail)
    name = str(next(iter(detail["loc"]), ""))
    if name not in _WORDS or isinstance((detail.get("ctx") or {}).get("error"), InvalidValue):
        return sentence
    return f"{_WORDS[name].capitalize()}: {sentence[:1].lower()}{sentence[1:]}"
