"""Finds names of people in a message and returns them as written."""

from typing import Final

from falachefe.language.text.lexicon import FIRST_NAMES, SURNAMES, words
from falachefe.language.text.normalize import Text, rx

_NOT_NAMES: Final = words(
    """
    hoje ontem amanha anteontem o a os as um uma meu minha seu nosso nossa que e de do da dos das em no na ele
    ela eu voce alguem ninguem gente pessoal todos todo toda funcionario funcionaria funcionarios colaborador
    colaboradora menino menina rapaz moca moco cara pessoa dona seu sr sra dr dra doutor doutora entao oi ola
    bom dia boa tarde noite aviso avisa registra registrar registre marca marcar anota anotar lanca lancar falta
    faltas por favor pra pro para porque pois mas tambem ja nao sim ai aqui la ferias folga quero quer preciso
    precisa pode posso como com sem justificativa atestado doente medico mais outra outro novo nova esse essa
    este esta isso segunda terca quarta quinta sexta sabado domingo feira semana mes ano janeiro fevereiro marco
    abril maio junho julho agosto setembro outubro novembro dezembro padeiro confeiteiro mecanico ajudante
    auxiliar recepcionista gerente atendente vendedor vendedora pedreiro servente eletricista pintor
    cabeleireira manicure veterinario veterinaria tosador caixa estagiario estagiaria motorista entregador
    cozinheiro cozinheira garcom faxineira secretaria balconista esteticista mestre obras equipe time empresa
    loja tirar marcar agendar programar solicitar pedir solicitou pediu foi vai era nome cargo salario cadastra
    cadastrar adiciona adicionar inclui incluir coloca colocar contratei contratamos admiti funcao chama chamado
    chamada ter dar dias dia periodo inteiro ligou dizendo avisou avisando disse falou mandou informou
    informando escreveu mensagem ligando falando faltou nem so eles elas quem qual quando dele dela ok certo ta
    beleza informo informar comunicado comunicar ausencia gostaria queria favor tudo bem chefe senhor senhora ao
    aos temos assinei carteira comunico solicito mais mim sistema quadro cadastro peguei arrumei trouxe fechei
    conta partir libera liberar dispensa comecou comeca hj bota poe prezado prezada prezados segue
    """
)


def _tokens(text: Text) -> list[tuple[str, int, int]]:
    return [(m.group(), m.start(), m.end()) for m in rx(r"[a-z][a-z'\-]*|[^\sa-z]").finditer(text.plain)]


def _is_marco(text: Text, token: tuple[str, int, int]) -> bool:
    """`Marco` with a capital and no cedilla is a person, `março` a month."""
    return token[0] == "marco" and text.original(token[1], token[2]) == "Marco"


def _looks_like_name(text: Text, token: tuple[str, int, int]) -> bool:
    """Capitalised in a text that is not all capitals, or a common first name or surname."""
    written = text.original(token[1], token[2])
    shouted = text.raw.isupper()
    return (written[:1].isupper() and (not shouted)) or token[0] in FIRST_NAMES or token[0] in SURNAMES


def person_name(written: str) -> str:
    """The name with its capitals completed: `maria da silva` to `Maria da Silva`."""
    small = {"da", "de", "do", "dos", "das", "e"}
    words = written.split()
    tidy = [
        w.lower()
        if w.lower() in small
        else w
        if w[:1].isupper() and (not (w.isupper() and len(w) > 3))
        else w[:1].upper() + w[1:].lower()
        for w in words
    ]
    return " ".join(tidy)


def _can_be_name(text: Text, token: tuple[str, int, int]) -> bool:
    word = token[0]
    return _is_marco(text, token) or (word[0].isalpha() and word not in _NOT_NAMES and (len(word) > 1))


def name_after(text: Text, offset: int, *, loose: bool = False) -> str | None:
    """The name at or just after `offset`, skipping articles and titles. `loose` accepts an unknown first word."""
    tokens = [t for t in _tokens(text) if t[1] >= offset]
    skip = {
        "o",
        "a",
        "os",
        "as",
        "do",
        "da",
        "de",
        "pro",
        "pra",
        "para",
        "ao",
        "funcionario",
        "funcionaria",
        "colaborador",
        "colaboradora",
        "seu",
        "dona",
        "um",
        "uma",
        "meu",
        "minha",
        ":",
        "-",
        "novo",
        "nova",
        "chamado",
        "chamada",
        "se",
        "chama",
        "nome",
        "e",
        "dele",
        "dela",
        "ser",
        ",",
        "ai",
        "aqui",
        "mim",
        "no",
        "na",
        "sistema",
        "quadro",
    }
    i = 0
    while i < len(tokens) and i < 5 and (tokens[i][0] in skip):
        i += 1
    if i >= len(tokens) or not _can_be_name(text, tokens[i]) or (not (loose or _looks_like_name(text, tokens[i]))):
        return None
    return person_name(text.original(tokens[i][1], _name_end(text, tokens, i)))


def _name_end(text: Text, tokens: list[tuple[str, int, int]], i: int) -> int:
    end, j = (tokens[i][2], i + 1)
    while j < len(tokens) and j < i + 6:
        if (
            tokens[j][0] in ("da", "de", "do", "dos", "das")
            and j + 1 < len(tokens)
            and _can_be_name(text, tokens[j + 1])
            and _continues_name(text, tokens[j + 1])
        ):
            end, j = (tokens[j + 1][2], j + 2)
        elif _can_be_name(text, tokens[j]) and _continues_name(text, tokens[j]):
            end, j = (tokens[j][2], j + 1)
        else:
            break
    return end


def _continues_name(text: Text, token: tuple[str, int, int]) -> bool:
    written = text.original(token[1], token[2])
    return (written[:1].isupper() and (not text.raw.isupper())) or token[0] in SURNAMES or token[0] in FIRST_NAMES


def name_before(text: Text, offset: int) -> str | None:
    """The subject that ends right before `offset`: `o joão`, `Ana Paula`, `a Maria da Silva`."""
    tokens = [t for t in _tokens(text) if t[2] <= offset]
    while tokens and tokens[-1][0] in (
        "ja",
        "tambem",
        "so",
        "ai",
        "ontem",
        "hoje",
        "amanha",
        "que",
        "hj",
        "nao",
        "segunda",
        "terca",
        "quarta",
        "quinta",
        "sexta",
        "sabado",
        "de",
        "novo",
        "esta",
    ):
        tokens.pop()
    j = len(tokens)
    while (
        j > 0
        and _can_be_name(text, tokens[j - 1])
        and (len(tokens) - j < 4)
        and (j == len(tokens) or _looks_like_name(text, tokens[j - 1]) or (not _looks_like_name(text, tokens[j])))
    ):
        j -= 1
        if (
            j > 1
            and tokens[j - 1][0] in ("da", "de", "do", "dos")
            and _can_be_name(text, tokens[j - 2])
            and _looks_like_name(text, tokens[j - 2])
            and _looks_like_name(text, tokens[j])
        ):
            j -= 1
    if (
        1 < j < len(tokens)
        and tokens[j - 1][0] in ("da", "do")
        and not _looks_like_name(text, tokens[j])
        and _looks_like_name(text, tokens[j - 2])
    ):
        # `a Cláudia da recepção`: the place is not part of the name.
        return name_before(text, tokens[j - 1][1])
    chosen = tokens[j:]
    if not chosen or (len(chosen) > 1 and (not any(_looks_like_name(text, t) for t in chosen))):
        return None
    named = [t for t in chosen if _looks_like_name(text, t)]
    start = named[0][1] if named else chosen[0][1]
    article = j > 0 and tokens[j - 1][0] in ("o", "a", "seu", "dona", "funcionario", "funcionaria")
    if not named and (not article) and (j > 0):
        return None
    return person_name(text.original(start, chosen[-1][2]))


def any_name(text: Text) -> str | None:
    """The first token that is a name with certainty: a known first name, or capitalised inside a sentence."""
    for i, token in enumerate(tokens := _tokens(text)):
        sentence_start = i == 0 or tokens[i - 1][0] in (".", "!", "?", ":", "\n")
        if not _can_be_name(text, token):
            continue
        known = token[0] in FIRST_NAMES
        if known or (_looks_like_name(text, token) and (not sentence_start)):
            return person_name(text.original(token[1], _name_end(text, tokens, i)))
    return None
