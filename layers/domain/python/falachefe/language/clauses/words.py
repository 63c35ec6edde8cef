"""Words that carry no meaning of their own in a clause: what is left after them is what the clause is about."""

from typing import Final

from falachefe.language.clauses.verbs import verb_forms
from falachefe.language.text.lexicon import words
from falachefe.language.text.normalize import rx

# Prepositions, articles, courtesy, ways of paying and times of day.
EMPTY: Final = words(
    """
    oi ola bom boa dia dias tarde noite entao ai aqui la por favor obrigado obrigada eu gente nos a o as os um
    uma de da do das dos em no na nas com pra pro pras pros para pelo pela pelos pelas e ou reais real foi deu
    ficou hoje ja so mais valor referente ref que me meu minha hein ne viu ok beleza tudo certo certinho chefe
    mano cara amigo uns umas agora acabei tive categoria pode voce esse essa nesse nessa nao esquece esqueca
    esquecer data total opa salve fala quero gostaria despesa gasto gastos despesas saida receita entrada via
    cada se foram era ao aos num numa sem entre ate cedo ontem anteontem amanha menos apos depois antes pix
    cartao debito credito dinheiro vista avista paga pago pagos pagas quitado recebido gasta gastas isso isto
    ele ela eles elas tambem mas custou veio saiu fechou olha acho lance conto contos pila pilas prata r rs brl
    valores anotou anota ali aquele aquela pois quanto ta esta estava inteiro mesmo ainda registrar lancar
    anotar fim cima casa mim te vence vencem vencendo vencimento venceu devendo to fiquei ficaram tenho tem temos
    tinha deve devo devia todo toda todos deixa anotado marca fiado restante resto
    """
)
_WORD: Final = r"[a-z][a-z0-9'\-]*"


def content(plain: str) -> list[str]:
    """The words of `plain` that say something: no empty words and no verbs of money."""
    return [w for w in rx(_WORD).findall(plain) if w not in EMPTY and w not in verb_forms()]


def has_own_item(plain: str) -> bool:
    return bool(content(plain))
