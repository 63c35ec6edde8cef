"""Taking back the last act of the conversation, whatever it was."""

from typing import Final

from falachefe.language.subjects.interpretation import Draft, Interpretation
from falachefe.language.text.normalize import Text

_UNDO: Final = (
    r"^\W*(?:(?:nao|opa|ops|epa|eita|ei|pera|por favor|pode|voce pode|quero|errei|foi engano|desculpa|perai|ah|ih|putz|"
    r"agora|"
    r"chefe|entao)[\s,.!:]+)*"
    r"(?:desfa[zc]\w*(?: (?:isso|essa|esse|o ultimo|a ultima|ultim[oa]|tudo isso|o que (?:eu |"
    r"voce )?(?:acabei de fazer|fez|fiz)|"
    r"essa acao|a acao|(?:a|essa|o|esse) (?:exclusao|correcao|mudanca|alteracao|lancamento|registro|baixa|cadastro|"
    r"cancelamento|anotacao)|por favor|ai|ultima acao|o ultimo (?:comando|pedido)|a ultima (?:acao|coisa)))*"
    r"|volt(?:a|ar|e) atras(?: (?:nisso|disso|nessa|nesse)(?: ai)?)?|revert(?:e|er|a)\w*(?: (?:isso|esse|essa|"
    r"o ultimo|a ultima|a ultima acao))?"
    r"|(?:cancel|apag|anul|delet|exclu|remov|estorn|tir)\w*(?: (?:isso|isso ai|esse|essa|esse ai|essa ai|ele|ela|"
    r"(?:isso|esse|essa|o) que (?:voce|vc|eu) (?:acab\w+ de )?(?:anot|lanc|registr|mand|fal|faz|fez|fiz|cadastr)\w*|"
    r"esse ultimo|essa ultima|o que (?:eu )?(?:acabei de (?:mandar|lancar|falar|anotar)|mandei|falei)|"
    r"o que voce (?:acabou de )?(?:fez|anotou|lancou|fazer|registrou))))"
    r"(?:[\s,.!]+(?:por favor|pfv|ai|foi engano|errei|lancei errado|foi sem querer|ta errado|esta errado|por engano|"
    r"nao era isso|agora|foi errado|obrigad[oa]))*[\s.!]*$"
    r"|^\W*(?:foi engano|foi sem querer|deu por engano|engano meu)[\s,.!]*(?:(?:pode )?(?:desfa[zc]\w*|apag\w+|"
    r"cancel\w+)"
    r"(?: isso)?)?[\s.!]*$"
)

_UNDO_ALL: Final = r"^\W*(?:entao |pode )?desfa[zc]\w* tudo(?: isso)?(?:[\s,.!]+por favor)?[\s.!]*$"
"""What the reply to an undo offers when the message had led to several acts."""


_UNDO_BESIDE: Final = (  # with a reason before or behind: `desfaz, esse eu já tinha`, `ela só atrasou. desfaz`
    r"^\W*(?:desfa[zc]\w*|volta atras)(?: (?:isso|essa|esse|o ultimo|a ultima))?[,.;!] .{3,60}$"
    r"|[,.;!] ?(?:desfa[zc]\w*|volta atras|pode desfazer|entao desfaz)(?: (?:isso|essa|esse|ai|por favor))*[\s.!]*$"
)


def parse_undo(text: Text) -> Interpretation | None:
    """`desfaz`, `apaga isso`, `foi engano`; `desfaz tudo` for all acts of the last message."""
    if text.has(_UNDO_ALL):
        return Interpretation("undo", "orchestrator", (Draft("undo", {"whole_message": True}),), 0.93, explicit=False)
    if not (text.has(_UNDO) or text.has(_UNDO_BESIDE)):
        return None
    return Interpretation("undo", "orchestrator", (Draft("undo"),), 0.93, explicit=False)
