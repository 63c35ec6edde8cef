"""Rules for tickets and articles, and the choice of the article that answers a question. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from falachefe.kernel.errors import invalid_field
from falachefe.kernel.text import fold, one_line, paragraphs

MAX_QUESTION_LENGTH: Final = 300
MAX_ANSWER_LENGTH: Final = 2000
MAX_SUBJECT_LENGTH: Final = 200
MAX_DESCRIPTION_LENGTH: Final = 4000
STATUS_LABELS: Final = {
    "open": "Aberto",
    "in_progress": "Em andamento",
    "resolved": "Resolvido",
    "closed": "Encerrado",
}
# Folded stop words: Postgres does not recognise its own stop words without their accents.
_NOISE: Final = frozenset(
    """
    oi ola opa alo bom boa dia tarde noite por favor pfv pf obrigado obrigada gostaria queria quero
    preciso saber sabe me diz dizer diga informar informacao informacoes duvida pergunta voce voces vc vcs nao sao
    estao ai la aqui qual quais que quanto quando como onde tem ter e eh pode podem consigo
    posso so ja ate tambem sobre isso algum alguma hj hoje amanha pra pro ne entao
    """.split()  # noqa: SIM905  # words read as words
)


def words_asked(question: str) -> str:
    """The question's words without stop words, folded; all its words if none is left."""
    words = "".join(c if c.isalnum() else " " for c in fold(question[:MAX_QUESTION_LENGTH])).split()
    return " ".join(w for w in words if w not in _NOISE) or " ".join(words)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article with how many of the asked words are in its title and anywhere in it."""

    id: UUID
    question: str
    answer: str
    title_hits: int
    hits: int
    rank: float


def best_article(asked: int, candidates: Sequence[Candidate]) -> Candidate | None:
    """The article that answers a question of `asked` words, or None, because a wrong answer is worse than none.

    It must contain half of the words, or two of them, or a third of them with one in its title.
    """
    fitting = [c for c in candidates if _fits(asked, c)]
    return max(fitting, key=lambda c: (2 * c.title_hits + c.hits, c.rank, c.id.int), default=None)


def _fits(asked: int, candidate: Candidate) -> bool:
    if candidate.hits == 0:
        return False
    share = candidate.hits / max(asked, 1)
    return candidate.hits >= 2 or share >= 0.5 or (candidate.title_hits > 0 and share >= 1 / 3)


def ticket_subject(subject: str) -> str:
    text = one_line(subject)
    if not text:
        raise invalid_field("subject", "Diga em uma frase qual é o problema.", "subject_empty")
    if len(text) > MAX_SUBJECT_LENGTH:
        raise invalid_field("subject", f"O assunto passa de {MAX_SUBJECT_LENGTH} caracteres.", "subject_long")
    return text


def ticket_description(description: str, subject: str) -> str:
    """The description; an empty one becomes the subject."""
    text = paragraphs(description) or subject
    if len(text) > MAX_DESCRIPTION_LENGTH:
        raise invalid_field(
            "description", f"A descrição passa de {MAX_DESCRIPTION_LENGTH} caracteres.", "description_long"
        )
    return text


def article_texts(question: str, answer: str) -> tuple[str, str]:
    title, body = one_line(question), paragraphs(answer)
    if not 3 <= len(title) <= MAX_QUESTION_LENGTH:
        raise invalid_field("question", f"A pergunta tem de 3 a {MAX_QUESTION_LENGTH} caracteres.", "question_length")
    if not 1 <= len(body) <= MAX_ANSWER_LENGTH:
        raise invalid_field("answer", f"A resposta tem de 1 a {MAX_ANSWER_LENGTH} caracteres.", "answer_length")
    return title, body
