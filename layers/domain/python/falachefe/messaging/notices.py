"""The texts of notices: sign-in, unreadable and unread messages, plan limit, messages that were not acted on."""

from typing import Final

from falachefe.phone_sign_in.rules import Kind, Outcome

MASK: Final = "••••••"
"""Placeholder of the code, which is filled in only at sending, so that it is not stored."""
MASKED_CODE: Final = MASK
CODE_TEMPLATE: Final = "signin_code"
"""Marks an outbound message with a code."""
VERIFIED: Final = "Número confirmado! Como posso ajudar?"
MESSAGE_HELD: Final = (
    "Guardei a sua mensagem. Para eu responder, digite o código de 6 dígitos que enviei aqui. "
    "Se ele não chegou, escreva *reenviar*."
)
UNAVAILABLE: Final = (
    "No momento o atendimento automático está indisponível. A sua mensagem ficou registrada para a equipe."
)
NOT_READ: Final = {
    "history": (
        "Chegaram agora mensagens suas que ficaram paradas no caminho. Não registrei nada delas: se ainda valem, "
        "mande de novo, por favor."
    ),
    "burst": (
        "Foram muitas mensagens em um minuto e algumas não chegaram até mim. Espere um pouquinho e mande de novo o "
        "que ficou sem resposta, por favor."
    ),
}
"""By the reason why a message was not read."""
NOT_ACTED_ON: Final = (
    "Recebi mensagens suas enquanto o atendimento estava parado e não fiz o que elas pediam, porque já passou muito "
    "tempo. Se ainda precisar, escreva de novo."
)
_UNREADABLE: Final = {
    "audio": "Ainda não consigo ouvir áudios. Pode me escrever em texto?",
    "image": "Ainda não consigo ver imagens. Pode me escrever em texto?",
    "document": "Ainda não consigo abrir documentos. Pode me escrever em texto?",
    "video": "Ainda não consigo assistir a vídeos. Pode me escrever em texto?",
}


def plan_spent(back: str) -> str:
    """`back` is the first day of the next month, in words."""
    return (
        "As mensagens do plano da empresa para este mês acabaram. A sua ficou registrada, mas só volto a responder "
        f"em {back} ou com um plano maior."
    )


def unreadable(kind: str) -> str:
    return _UNREADABLE.get(kind, "Por enquanto só consigo ler mensagens de texto. Pode me escrever?")


def code_text(company_name: str, *, again: bool) -> str:
    opening = "Aqui está um novo código" if again else f"Olá! Antes de continuar, {company_name} precisa confirmar"
    middle = f"{opening}: {MASK}." if again else f"{opening} que este número é seu. Seu código é {MASK}."
    return f"{middle} Ele vale por 5 minutos: digite-o aqui e eu respondo a sua mensagem. Não o mostre a ninguém."


def sign_in_text(outcome: Outcome) -> str | None:
    """The answer to a sign-in step, except for the message with the code (`code_text`)."""
    wait = _wait_text(outcome.wait_s)
    left = "só mais 1 tentativa" if outcome.tries_left == 1 else f"ainda {outcome.tries_left} tentativas"
    return {
        Kind.CODE_PENDING: None if outcome.notified_before else MESSAGE_HELD,
        Kind.WRONG: f"Esse código não confere. Você tem {left}.",
        Kind.LOCKED: f"Por segurança, este número está bloqueado por tentativas erradas. Tente {wait}.",
        Kind.TOO_MANY_ATTEMPTS: f"Foram muitas tentativas em pouco tempo. Tente {wait}.",
        Kind.RESEND_TOO_SOON: f"Acabei de enviar um código. Se ele não chegar, peça outro {wait}.",
    }.get(outcome.kind)


def _wait_text(seconds: int) -> str:
    if seconds < 60:
        return f"daqui a {max(1, seconds)} segundos" if seconds > 1 else "daqui a 1 segundo"
    minutes = -(-seconds // 60)
    return "daqui a 1 minuto" if minutes == 1 else f"daqui a {minutes} minutos"
