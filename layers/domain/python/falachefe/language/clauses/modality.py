"""What a clause says about its act: that it happened, was denied, is planned, asked, ordered …

Each rule is a function of the clause; the order of `_RULES` decides. A new way to say that something did not happen
belongs here and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from falachefe.language.clauses.segmentation import Marks, Movement
from falachefe.language.clauses.types import Modality, Verb
from falachefe.language.clauses.verbs import find_verbs, meanings
from falachefe.language.text.normalize import rx

# Requests to write something down. What follows them happened, whatever the mood of the sentence.
REGISTER: Final = (
    r"\b(?:registr(?:a|ar|e|ei|o|em)|lanc(?:a|ar|e|ei|o)|anot(?:a|ar|e|ei|o|em)|adicion(?:a|ar|e|o)|coloc(?:a"
    r"|ar|o)|coloque|"
    r"poe|por ai|ponha|bot(?:a|ar|e)|inclu(?:i|ir|a)|marc(?:a|ar)|marque|cadastr(?:a|ar|e|o)|salv(?:a|ar|e)"
    r"|insir[ae]|insere|"
    r"inserir|computa|computar|contabiliz(?:a|ar|e)|da baixa|joga|soma|guarda)\b"
)
_MONEY_VERB: Final = (
    "gast|pag|compr|receb|vend|entr|cai|abastec|transfer|fatur|ganh|investi|quit|almoc|jant|deposit|cobr|devolv|empr"
)
_DONE_AUXILIARY: Final = (
    r"\b(?:consegui|conseguimos|acabei de|acabamos de|acabou de|acabaram de|terminei de|tive que|tive de"
    r"|tivemos que|tivemos de|precisei|precisamos"
    r"|fui|fomos|mandei|mandamos|vim|resolvi|aproveitei (?:pra|para|e)|ajudei a|pode|podia|quero|queria"
    r"|gostaria de|favor|gentileza"
    r"|esquece de|esqueca de|lembrei de)\s+(?:ja |so |la |ai )*$"
)
_QUESTION_WORD: Final = r"\b(?:quanto|quantos|quantas|qual|quais|cade|quem|quando|sera que|por ?que)\b"


@dataclass(frozen=True, slots=True)
class Clause:
    """A movement with its text, ready for the rules."""

    text: str
    whole: str
    movement: Movement
    marks: Marks
    today: date

    @property
    def registers(self) -> bool:
        return rx(REGISTER).search(self.text) is not None

    def has(self, pattern: str) -> bool:
        return rx(pattern).search(self.text) is not None

    @property
    def head(self) -> Verb | None:
        """The verb that moves the money: the first that is no purpose (`pra pagar`) and no aside (`que consertou`).

        A soft verb counts beside an amount and without a verb of money proper (`chegou a mercadoria, paguei 4 mil`).
        """
        candidates = [v for v in self.movement.verbs if not self._aside(v)]
        proper = [v for v in candidates if not meanings()[v.lemma].soft]
        return next(iter(proper or (candidates if self.movement.sum else ())), None)

    def _aside(self, verb: Verb) -> bool:
        before = self.marks.plain[max(self.movement.start, verb.start - 8) : verb.start]
        led = r"\b(?:pra|para)\s+$" if verb.tense == "infinitive" else r"\b(?:que|quem)\s+$"
        return rx(led).search(before) is not None and (
            len(self.movement.verbs) > 1 or (verb.tense == "infinitive" and verb.event == "sell")
        )

    @property
    def done(self) -> bool:
        """An infinitive behind `acabei de`, `tive que`, `consegui`: done, in the first person."""
        head = self.head
        return (
            head is not None
            and head.tense == "infinitive"
            and rx(_DONE_AUXILIARY).search(self.before(head)) is not None
        )

    def before(self, verb: Verb) -> str:
        return self.marks.plain[self.movement.start : verb.start]

    def after(self, verb: Verb) -> str:
        return self.marks.plain[verb.end : self.movement.end]


def modality(movement: Movement, marks: Marks, today: date) -> Modality:
    clause = Clause(marks.plain[movement.start : movement.end], marks.plain, movement, marks, today)
    for said, rule in _RULES:
        if rule(clause):
            return said
    return "happened"


# Acts on rows, people and reminders: what they name is not a movement of money, whatever category it has.
_ELSEWHERE: Final = (
    r"^\W*(?:(?:por favor|oi|ola|bom dia|boa tarde|pode|voce|favor|ei|opa|ih|ops|entao|eu)\W+)*"
    r"(?:aument[aeo]\w*|reajust\w+|promov\w+|diminu\w+|reduz\w*|mud[ae]\w*|alter[ae]\w*|corrig\w+"
    r"|ajust[ae]\w*|apag\w+|delet\w+"
    r"|exclu\w+|remov\w+|desfaz\w*|desconsider\w+|tir[ae]r? (?:o|a|esse|essa|aquel[ea]) (?!dinheiro)"
    r"|lembr[ae]\w*|me (?:lembr[ae]|avis[ae]|cobr[ae])"
    r"|renomei\w+|transform\w+|aprov[ae]\w*|recus\w+|confirm[ae]r?)\b"
    r"|\bque (?:eu )?(?:ja )?(?:anotei|lancei|registrei|coloquei|botei|marquei|acabei de (?:lancar|anotar|registrar))\b"
    r"|\b(?:aquele|esse|aquela|essa|o|a) (?:lancamento|registro)\b"
)


def _elsewhere(clause: Clause) -> bool:
    head = clause.head
    ours = head is not None and head.tense == "past" and head.person == 1
    return not ours and rx(_ELSEWHERE).search(clause.text) is not None


def _cancelled(clause: Clause) -> bool:
    return clause.has(
        r"\b(?:foi|foram|esta|estava|fica|ficou|acabou)\s+(?:\w+ )?(?:cancelad|desfeit|anulad|suspens|desmarcad)\w+|"
        r"\b(?:cancelei|cancelamos|cancelou|cancelaram|desisti|desistimos|desistiu|desistiram|anulei|suspendi)\b|"
        r"\b(?:caiu|foi) por terra\b|\bnao (?:vingou|rolou|se concretizou|deu certo|foi pra frente|fechou)\b"
        r"|\bcancelad[oa]s?\b"
    ) and not clause.has(
        r"\b(?:cancelou|cancelaram|desistiu|desistiram) (?:\w+ )?(?:mas|e)\b.{0,20}\b(?:pagou|pagaram)\b"
    )


def _asked(clause: Clause) -> bool:
    """`gastei 50 de gasolina?` is a question; `gastei 50 de gasolina, anotou?` and `pode anotar 50?` are not."""
    if clause.registers:
        return clause.has(r"^\W*(?:quanto|quantos|quantas|qual|quais|cade|quando|sera que)\b")
    if clause.has(_QUESTION_WORD) and not clause.has(
        r"\b(?:pra|para|de|a|por|com) quem\b|\bquem (?:pagou|comprou|vendeu|recebeu) foi\b|\bseja qual\b"
    ):
        return (
            "?" in clause.whole
            or clause.has(
                r"^\W*(?:e |me (?:diz|fala|mostra) )?(?:quanto|quantos|quantas|qual|quais|cade|quando|sera que)\b"
            )
            or clause.has(r"\bquanto\b")
        )
    for asked in rx(r"[^.!?;\n]*\?").findall(clause.marks.blanked[clause.movement.start : clause.movement.end]):
        if not ("¦" in asked or find_verbs(asked)):
            continue
        if rx(r",[^,¦\d]{2,25}\?$").sub("", asked) == asked and not rx(
            r"\b(?:ok|ta|viu|beleza|certo|anotou|entendeu|pode ser|blz|ne)\s*\?$"
        ).search(asked):
            return True
    return False


def _conditional(clause: Clause) -> bool:
    head = clause.head
    if head is not None and head.tense == "conditional":
        return True
    return clause.has(
        rf"\bse (?:eu |a gente |nos |ele |ela |eles |o |a |os |as )*(?:[a-z]+ )?(?:tivesse |tiver |for |fosse "
        rf"|houvesse |houver |der\b)?(?:{_MONEY_VERB})?\w*(?:r|sse|rmos|ssemos|rem|ssem)\b"
        r"|\bse (?:der|sobrar|rolar|fechar|precisar|tiver|houver|der certo|o cliente|a cliente|ele|ela)\b"
        r"|\bcaso (?:eu|a gente|o|a|ele|ela)\b|\bimagin(?:a|e|ando)\b|\bsupon(?:ha|do|hamos)\b|\bhipotes\w*"
        r"|\bpor exemplo\b|\btalvez\b"
        r"|\b(?:seria|custaria|gastaria|iria|daria|sairia|ficaria|teria|deveria|poderia)\b|\bde mentira\b"
        r"|^\W*teste\b|\bteste\b\W*$|\bquem sabe\b"
        r"|\bdependendo\b|\bvale a pena\b|\bcompensa\b"
    )


def _denied(clause: Clause) -> bool:
    text = rx(r"\bnao (?:se )?(?:esque\w+|deix\w+)\b(?: de)?").sub("", clause.text)
    negated = rx(
        rf"\b(?:nao|nunca|nem|jamais|ninguem|nenhum|nenhuma)\s+(?:\w+\s+){{0,3}}?(?:{_MONEY_VERB}|sai|saiu|dev"
        rf"|mand|deu|dei|fiz|fez|rolou|teve|houve|foi pag|entreg)\w*"
    )
    if negated.search(text) or rx(r"\bsem (?:pagar|gastar|comprar|receber|vender)\b").search(text):
        return not rx(
            r"\bnao (?:paguei|gastei|recebi|vendi|comprei|foi|deu|saiu)\s*¦?[^,;.]*,?\s*(?:mas|e sim|foi)\b"
        ).search(text) or clause.has(r"\bainda nao\b")
    return clause.has(
        r"\b(?:deixei|deixamos|deixou) de (?:pagar|comprar|receber|vender|gastar)\b|\bnada (?:entrou|caiu"
        r"|saiu|vendido|recebido)\b|\bnenhum (?:real|centavo|tostao)\b|\bnem um (?:real|centavo)\b"
    )


def _reported(clause: Clause) -> bool:
    money = r"(?:gast|pag|compr|vend|receb|fatur|ganh|devolv|transfer)(?:ou|aram|eu|eram|aria|ei|ia|ava|i|iu|iram)\b"
    return clause.has(
        rf"\b(?:disse|diz|falou|fala|contou|comentou|avisou|jurou|jura|ouvi dizer|ouvi|li que|vi que"
        rf"|soube que|parece que|dizem|me contaram|"
        rf"perguntou|reclamou|afirmou|escreveu|mandou dizer|segundo o|segundo a|prometeu)\b.{{0,60}}\b{money}"
    ) or (
        clause.has(
            r"\b(?:vizinh[oa]|amig[oa]s?|concorrent\w+|cunhad[oa]|prim[oa]|ti[oa]|ex|conhecid[oa]|professora?"
            r"|jornal|noticia|presidente|governo|"
            r"prefeito|irma|irmao|sogr[oa])\b.{0,30}\b(?:gast|pag|compr|vend|receb|fatur|ganh)(?:ou|aram|eu|eram)\b"
        )
        and not clause.has(
            r"\b(?:me|nos) (?:pagou|pagaram|deu|deram|mandou|passou|transferiu|devolveu|emprestou|vendeu)\b"
            r"|\bpra (?:mim|gente|nos)\b|\bda loja\b|\bpra loja\b|\bcomprou aqui\b"
        )
    )


_COURTESY: Final = (
    r"^\W*(?:(?:por favor|oi|ola|bom dia|boa tarde|boa noite|e ai|ei|opa|chefe|voce|entao|agora|ja|tambem|e|favor"
    r"|por gentileza)[,.! ]*)*"
)


def _ordered(clause: Clause) -> bool:
    """`paga o boleto de 300`, `faz um pix de 100 pra Maria`, `pode pagar 200 pro João?`."""
    if clause.registers and not clause.has(_COURTESY + r"(?:agend(?:e|ar|a))\b"):
        return False
    return (
        clause.has(
            _COURTESY + r"(?:paga|pague|pagar|compra(?! d[eoa]s?\b| n[oa]s?\b| feita| :|:)|compre|transfere|transfira"
            r"|deposita|deposite|faz (?:um|o|uma) (?:pix|ted|transferencia|pagamento)|"
            r"faca (?:um|o|uma) (?:pix|ted|transferencia|pagamento)|manda (?:um |o )?(?:pix|¦)|mande (?:um "
            r"|o )?(?:pix|¦)|pede|peca|encomenda|encomende|quita|quite|agend(?:e|ar|a (?:o|um|a|pra|¦))|cobra"
            r"|cobre|me cobra|devolve|"
            r"estorna|reembolsa|libera)\b"
        )
        or clause.has(
            r"\b(?:pode|poderia|consegue|da pra voce|tem como) (?:me )?(?:pagar|comprar|transferir|depositar"
            r"|mandar|fazer (?:um|o) pix|quitar|cobrar)\b"
        )
        or clause.has(
            r"\b(?:quero|preciso|queria) que voce (?:pague|compre|transfira|deposite)\b|\bagend(?:a|ar"
            r"|e)\b.{0,15}\b(?:pagamento|pix|transferencia|boleto)\b"
        )
    )


_FUTURE_AUXILIARY: Final = (
    r"\b(?:vou|vamos|vai|vao|ia|iria|iremos|irei|ira|quero|queremos|queria|quer|querem|pretendo|pretendemos"
    r"|penso em|pensei em|pensando em|pensamos em|"
    r"preciso|precisamos|precisa|precisava|tenho que|tenho de|tem que|temos que|tinha que|devo|deveria|deve"
    r"|devemos|posso|podemos|consigo|"
    r"falta|faltam|faltou|gostaria de|planejo|planejando|teria que|teria de|da pra|daria pra|pode ser que|"
    r"acho que vou|bora|hora de|lembrar de|lembra de|lembre de|esqueci de|prestes a|antes de|tentar|tentando"
    r"|combinei de|combinamos de|"
    r"fiquei de|ficou de|ficaram de|prometeu|prometi|to pra|estou pra|estou para|pra eu|quando eu"
    r"|quando a gente|quando)\s+"
    r"(?:(?:eu|a|o|que|de|me|te|lhe|nos|se|ja|mais|so|ainda|agora|amanha|hoje|ter|tambem|ficar|depois|tudo"
    r"|gente|ir|ele|ela|eles|cliente|clientes|la)\s+){0,3}"
)
_DONE: Final = (
    r"\b(?:paguei|recebi|pagou|pagaram|quitei|gastei|comprei|vendi|pagamos|recebemos|compramos|vendemos|entrou|caiu"
    r"|quitou|quitaram|acertou|acertaram|acertei|liquidou|zerou|devolveu|devolveram|devolvi|transferi|transferiu)\b"
)


def _planned(clause: Clause) -> bool:
    head = clause.head
    if rx(_FUTURE_AUXILIARY + rf"(?:{_MONEY_VERB}|mand|dar|fazer|devolv|adiant)\w*(?:r|ndo|rmos)\b").search(
        clause.text
    ):
        return not (
            clause.registers
            and clause.has(r"\b(?:quero|queria|gostaria de|preciso|pode|posso)\b(?! (?:pagar|comprar|gastar))")
        )
    if head is not None and not clause.registers:
        if head.tense == "infinitive":
            return not clause.done and not any(v.tense == "past" for v in clause.movement.verbs)
        if head.tense in ("future", "gerund"):
            return not clause.has(_DONE)
        if head.tense in ("present", "imperative", "imperfect"):
            return not clause.has(_DONE) and head.event not in ("owe", "price")
    if clause.has(_DONE):
        return False
    return not clause.registers and _unsettled(clause)


def _unsettled(clause: Clause) -> bool:
    """A price, an offer, a bill that came or is due: money that has not moved."""
    return clause.has(
        r"\b(?:passei|mandei|enviei|passamos|mandamos|dei) (?:o |um |uma |meu )?(?:orcamento|proposta|cotacao)\b"
        r"|\borcamento (?:d[aeo]s? \w+ )?(?:ficou|deu|foi|e de|veio|saiu|era)\b|\b(?:quer|pediu|pede|cobra"
        r"|esta cobrando|esta pedindo)\s+(?:r\$\s*)?\d"
        r"|\besta (?:a |em |por |r\$ ?)?\d|\bvence(?:m|ra|ndo|u)?\b|\bvencimento\b|\b(?:a|por) pagar\b"
        r"|\b(?:conta|contas|boleto|boletos|divida|reais|\d) (?:pra|para) pagar\b"
        r"|\b(?:a|por|pra|para) receber\b|\bdevendo\b|\b(?:eu |me |nos |te |lhe |ainda )dev(?:o|e|em|ia"
        r"|emos)\b|^\W*devo\b|\bpendente\b|\bem aberto\b|\batrasad[oa]\b"
        r"|\bvai (?:subir|custar|ficar|aumentar|sair|dar|ser)\b|\b(?:subiu|aumentou|passou|subindo|baixou|caiu) pr[ao] "
        r"|\bchegou (?:a|uma|o|um) (?:conta|boleto|fatura)\b|\bveio (?:a|uma|o|um) (?:conta|boleto|fatura)\b"
        r"|\borcou\b|\borcaram\b"
        r"|\bme passou (?:um |o )?(?:orcamento|preco|valor)\b|\bcust(?:a|am)\b|\bquer(?:em)? (?:me )?cobrar\b"
        r"|\bpediu\b.{0,20}\bemprestad"
        r"|\bse der\b|\bprecisando de\b|\b(?:pediu|quer(?! dizer)|querem|pediram)\b|\bvale (?:r\$ ?)?\d|\bfalta(?:m"
        r"|ndo)?\b.{0,12}\d|\brecebo\b|\bcontrato de\b(?!.{0,30}\bsinal)|\bfiado\b|\ba prazo\b"
    )


_RULES: Final[tuple[tuple[Modality, Callable[[Clause], bool]], ...]] = (
    ("corrected", _elsewhere),
    ("cancelled", _cancelled),
    ("asked", _asked),
    ("reported", _reported),
    ("conditional", _conditional),
    ("denied", _denied),
    ("ordered", _ordered),
    ("planned", _planned),
)
