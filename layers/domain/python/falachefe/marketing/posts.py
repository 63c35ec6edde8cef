"""Suggestions for posts from topic, company and calendar: deterministic for the same day."""

import re
from datetime import date
from hashlib import sha256
from typing import Final

from falachefe.kernel.errors import invalid_field
from falachefe.kernel.text import fold, one_line
from falachefe.marketing.calendar import named_occasion, next_occasion

MAX_TOPIC_LENGTH: Final = 120
_ARTICLE: Final = re.compile(r"^(?:[oa]s?|uma?|nossos?|nossas?|meus?|minhas?)\s+", re.IGNORECASE)
_MAX_TAGS: Final = 3

# Matched in this order: a new opening time is a notice, an anniversary offer is an offer.
_SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "notice": ("horario", "feriado", "funcionamento", "aviso", "fechado", "ferias", "mudanca", "endereco"),
    "team": ("vaga", "vagas", "contratando", "contratacao", "equipe", "bastidores", "funcionario", "trabalhe"),
    "tip": ("dica", "dicas", "como", "cuidados", "cuidado", "passo", "curiosidade", "truque"),
    "offer": ("promocao", "promo", "desconto", "oferta", "liquidacao", "queima", "combo", "cupom", "sale", "black"),
    "thanks": ("agradecimento", "agradecer", "obrigado", "aniversario", "clientes", "anos"),
    "news": ("lancamento", "novidade", "novo", "nova", "novos", "novas", "inauguracao", "estreia", "chegou", "colecao"),
}
_OPENINGS: Final[dict[str, tuple[str, ...]]] = {
    "offer": (
        "🔥 {topic}: é por tempo limitado!",
        "💸 Seu bolso vai gostar: {topic}.",
        "📣 Atenção para esta: {topic}!",
    ),
    "news": (
        "✨ Tem novidade por aqui: {topic}!",
        "🚀 Chegou o que faltava: {topic}.",
        "👀 Adivinhe o que acabou de chegar… {topic}!",
    ),
    "thanks": (
        "💛 Hoje o assunto é gratidão: {topic}.",
        "🙏 Tem coisa que só se faz com vocês: {topic}.",
        "🎉 Motivo para comemorar: {topic}!",
    ),
    "tip": (
        "💡 Dica de quem entende: {topic}.",
        "📌 Salve este post: {topic}.",
        "🤓 Você sabia? Hoje o papo é {topic}.",
    ),
    "team": (
        "👋 Gente que faz acontecer: {topic}.",
        "🤝 Por trás de cada entrega tem uma equipe: {topic}.",
        "📢 Para quem quer crescer com a gente: {topic}.",
    ),
    "notice": (
        "📅 Anote aí: {topic}.",
        "ℹ️ Aviso importante: {topic}.",
        "🕒 Para você se programar: {topic}.",
    ),
    "theme": (
        "✨ {topic}: do jeito que você gosta.",
        "😍 Hoje é dia de falar de {topic}.",
        "💬 Conte para a gente: o que não pode faltar em {topic}?",
        "🌟 {topic}, feito com capricho para você.",
    ),
}
_MIDDLES: Final[dict[str, tuple[str, ...]]] = {
    "offer": (
        "Separamos condições especiais, mas só enquanto durar o estoque.",
        "Aproveite agora e indique para quem também vai querer.",
        "Quem chega primeiro escolhe melhor: não deixe para depois.",
    ),
    "news": (
        "Preparamos tudo com cuidado e queremos saber a sua opinião.",
        "Venha conhecer de perto e conte o que achou.",
        "Foi pensado a partir do que vocês mais pediam.",
    ),
    "thanks": (
        "Cada pedido, cada indicação e cada mensagem fazem a nossa história.",
        "Sem vocês nada disso teria acontecido.",
        "Marque aqui quem faz parte dessa caminhada.",
    ),
    "tip": (
        "Uma mudança simples já faz diferença no dia a dia.",
        "Ficou com dúvida? Pergunte nos comentários que a gente responde.",
        "Guarde para não esquecer e mande para quem precisa ver.",
    ),
    "team": (
        "Aqui, cada pessoa conta, e a gente faz questão de mostrar.",
        "Conhece alguém que combina com a gente? Marque nos comentários.",
        "É esse cuidado que chega até você todos os dias.",
    ),
    "notice": (
        "Qualquer mudança, avisamos por aqui e pelo WhatsApp.",
        "Assim você se organiza e não perde a viagem.",
        "Compartilhe com quem costuma vir com você.",
    ),
    "theme": (
        "Qualidade, preço justo e atendimento de verdade.",
        "Marque aquela pessoa que precisa ver isto.",
        "Tem para todos os gostos: é só chamar.",
        "Feito com atenção a cada detalhe.",
    ),
}
_CALLS: Final = (
    "👉 Chame no WhatsApp e garanta o seu.",
    "📲 Mande uma mensagem: respondemos rapidinho.",
    "📍 Passe aqui ou peça pelo WhatsApp.",
    "💬 Comente “eu quero” que a gente chama você.",
)

_NOTICE_CALLS: Final = (
    "💬 Ficou com dúvida? Chame no WhatsApp.",
    "📲 Qualquer dúvida, é só mandar uma mensagem.",
)


def suggest_post(topic: str, company_name: str, today: date | None = None) -> str:
    """A post in pt-BR about `topic`, ready to be copied. With `today`, an upcoming occasion is mentioned.

    The wording depends on topic, company and ISO week, the occasion on the day. Raises `InvalidInput` for an empty
    topic or one of more than 120 characters.
    """
    subject = _topic(topic)
    kind = _kind(subject)
    week = f"{today:%G-%V}" if today else ""
    seed = sha256(f"{fold(subject)}|{fold(company_name)}|{week}".encode()).digest()
    occasion = next_occasion(today) if today else None
    opening = _picked(_OPENINGS[kind], seed[0])
    lines = [_opened(opening, subject), "", _picked(_MIDDLES[kind], seed[1])]
    if occasion and kind not in ("notice", "team") and not named_occasion(subject):
        lines.append(occasion.call)
    lines += [
        "",
        _picked(_NOTICE_CALLS if kind == "notice" else _CALLS, seed[2]),
        "",
        " ".join(_tags(subject, company_name)),
    ]
    return "\n".join(lines)


def _topic(topic: str) -> str:
    subject = _ARTICLE.sub("", one_line(topic).strip(" .!?:;,-“”\"'"))
    if not subject:
        raise invalid_field("topic", "Diga sobre o que deve ser o post.", "topic_empty")
    if len(subject) > MAX_TOPIC_LENGTH:
        raise invalid_field("topic", f"O assunto passa de {MAX_TOPIC_LENGTH} caracteres.", "topic_long")
    return subject


def _kind(subject: str) -> str:
    words = set(fold(subject).split())
    return next((kind for kind, signs in _SIGNS.items() if words.intersection(signs)), "theme")


def _picked(choices: tuple[str, ...], number: int) -> str:
    return choices[number % len(choices)]


def _opened(opening: str, subject: str) -> str:
    at_start = opening.split("{", maxsplit=1)[0].strip(" 🔥✨🌟") == ""
    return opening.replace("{topic}", subject[:1].upper() + subject[1:] if at_start else subject)


_SMALL_WORDS: Final = frozenset(
    "a o as os de da do das dos e em na no nas nos para pra com por um uma sobre".split()  # noqa: SIM905
)


def _tags(subject: str, company_name: str) -> list[str]:
    words = [w for w in ("".join(c for c in word if c.isalnum()) for word in subject.split()) if w]
    content = [w for w in words if w.casefold() not in _SMALL_WORDS]
    joined = ["".join(w[:1].upper() + w[1:] for w in some) for some in (company_name.split(), content[:_MAX_TAGS])]
    tags = ["".join(c for c in tag if c.isalnum()) for tag in (*joined, "CompreDoPequeno")]
    return [f"#{tag}" for tag in dict.fromkeys(tags) if tag]
