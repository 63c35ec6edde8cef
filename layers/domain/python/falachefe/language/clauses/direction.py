"""Which way money went and who moved it: seen from the company, from verb, subject and object together."""

from typing import Final

from falachefe.language.clauses.modality import REGISTER, Clause
from falachefe.language.clauses.types import Direction, MoneyEvent, Subject, Verb
from falachefe.language.clauses.verbs import Meaning, meanings
from falachefe.language.text.normalize import rx
from falachefe.language.values.categories import category_in

_TO_US: Final = (
    r"\b(?:me|nos|pra mim|para mim|pra gente|pra nos|para nos|pra loja|aqui|na minha conta|na conta da (?:loja"
    r"|empresa))\b"
)
_OURSELVES: Final = (
    r"\b(?:eu|nos|a gente|a loja|a empresa|o salao|a oficina|a padaria|a clinica|o caixa|nossa equipe|minha loja"
    r"|minha empresa)\s+(?:ja |hoje |ontem |so |tambem |nao )*$"
)
_CUSTOMER: Final = (
    r"\b(?:client\w+|pacient\w+|tutor\w*|alun[oa]s?|fregues\w*|hospede\w*|turista\w*|comprador\w*|dono d\w+"
    r"|dona d\w+|seu |don[oa] |morador\w*|inquilin\w+|construtora|prefeitura|noiv[oa]|pessoal d[ao]|"
    r"convenio|condominio|plataforma|ifood)\b"
)
_STAFF: Final = (
    r"\b(?:funcionari\w+|entregador\w*|motoboy\w*|motorista\w*|ajudante\w*|diarista\w*|faxineir\w+|pedreir\w+"
    r"|pintor\w*|eletricista\w*|encanador\w*|mecanic\w+|vendedor\w*|atendente\w*|caixa|gerente\w*|"
    r"estagiari\w+|freela\w*|carregador\w*|garco\w+|garconete\w*|cozinheir\w+|segurancas?|contador\w*"
    r"|advogad\w+|fornecedor\w*|motorista|prestador\w*|rapaz|moco|equipe|pessoal|socio|socia)\b"
)
_BILLS: Final = (
    "energia", "agua", "internet_telefone", "aluguel", "impostos", "combustivel", "fornecedores", "tarifas_bancarias",
    "alimentacao", "salarios", "transporte", "material_escritorio",
)  # fmt: skip
_WORK: Final = (
    r"\b[a-z]{3,}ei (?:\d+|dois|duas|tres|quatro|cinco|seis) (?:carros?|motos?|pacientes?|clientes?|caes"
    r"|cachorros?|gatos?|pets?|cabelos?|casas?|alunos?|animais|pessoas)\b"
)
_OWN_UPKEEP: Final = (
    r"\bfiz (?:a |o |uma |um )?(?:revisao|manutencao|vistoria|licenciamento|seguro|limpeza|reforma|pintura"
    r"|dedetizacao|recarga|troca d[eao] \w+|conserto|reparo|instalacao) "
    r"(?:completa |geral |preventiva )?(?:d[oa]s?|n[oa]s?) (?:meu |minha |nosso |nossa )?(?:carro|moto|van"
    r"|kombi|caminhao|caminhonete|furgao|veiculo|loja|salao|oficina|ar|ar condicionado|geladeira|"
    r"freezer|forno|impressora|computador|maquina|maquinas|fachada|letreiro|escritorio|clinica|padaria"
    r"|empresa|galpao|deposito|banheiro|extintor\w*|elevador|trator|celular da loja)\b"
    r"(?!.{0,15}\b(?:client\w+|dona|seu|sr|senhor\w*|dele|dela)\b)(?! d[oae]s? )"
)


def read_direction(clause: Clause) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    """The event of the clause, its direction and who acts. The direction is None where only the thing could tell."""
    head = clause.head
    if rx(_OWN_UPKEEP).search(clause.text) and not (
        head and head.event in ("receive", "sell") and head.lemma != "fazer"
    ):
        return "spend", "out", "us"
    if rx(_LOAN).search(clause.text) and (lent := _loan(clause)):
        return lent
    if head is None or _outweighed(clause, head):
        return _by_noun(clause)
    meaning = meanings()[head.lemma]
    if head.person == 1 or (clause.done and not clause.has(r"\bacab(?:ou|aram) de\b")):
        return _ours(clause, head, meaning)
    return _theirs(clause, head, meaning)


_LOAN: Final = r"\bemprestad[oa]s?\b|\bemprestimos?\b"


def _loan(clause: Clause) -> tuple[MoneyEvent, Direction, Subject] | None:
    """`peguei 5 mil emprestado`, `o banco liberou o empréstimo` came in; `paguei o empréstimo` is a payment."""
    if clause.has(
        r"\b(?:peguei|pegamos|tomei|tomamos|consegui|conseguimos|fiz|fizemos|caiu|entrou|liberou|liberaram"
        r"|recebi|recebemos|saiu|aprovou"
        r"|aprovaram|depositou|depositaram|me deu|nos deu|pedi|contratei)\b"
    ):
        return "borrow", "in", "us"
    return None


def _outweighed(clause: Clause, head: Verb) -> bool:
    """`passei uma venda de 50`, `lança a entrada`: the noun says what moved, the verb nothing."""
    soft = meanings()[head.lemma].soft or head.tense in ("participle", "infinitive")
    return soft and any(n.direction == "in" for n in clause.movement.nouns)


def _ours(  # noqa: PLR0911 - an ordered list of rules
    clause: Clause, head: Verb, meaning: Meaning
) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    after = clause.after(head)
    later = [
        v for v in clause.movement.verbs if v.start > head.start and v.tense == "past" and not meanings()[v.lemma].soft
    ]
    if meaning.event == "sell" and meaning.soft:
        return _work(clause, later)
    if meaning.event == "owe":
        return "owe", "out", "us"
    if head.lemma in ("pegar", "trazer", "tomar", "conseguir") and rx(r"\bemprestad|\bemprestimo\b").search(
        clause.text
    ):
        return "borrow", "in", "us"
    if head.lemma in ("instalar", "consertar", "pintar", "arrumar", "reformar", "trocar", "alugar") and any(
        v.event in ("receive", "charge", "sell") for v in later
    ):
        return "sell", "in", "us"
    if (
        head.lemma == "tirar"
        and not rx(r"\bd[oae]s? (?:caixa|conta|banco|bolso)\b").search(after)
        and not category_in(after, "expense")
    ):
        return "sell", "in", "us"
    if rx(_WORK).search(clause.text) and not category_in(after, "expense"):
        return "sell", "in", "us"
    if head.lemma in ("transferir", "depositar") and rx(
        r"\b(?:minha|nossa|da empresa|poupanca|outra conta|propria)\b"
    ).search(after):
        return "transfer", None, "us"
    if head.lemma == "receber" and rx(r"\b(?:a|uma|o) (?:conta|boleto|fatura|cobranca|multa|orcamento)\b").match(
        after.strip()
    ):
        return "charge", None, "us"
    return meaning.event, meaning.ours, "us"


def _work(clause: Clause, later: list[Verb]) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    """`fiz 3 cortes, 150`; `fiz uma compra de 50`; `fiz um pix de 700`; `fechei o dia com 980`."""
    text = clause.text
    if rx(
        r"\bfi[zz]\w* (?:um |o |uns |uma |a |umas )?(?:pix|ted|compra|compras|transferencia|doacao|recarga"
        r"|pagamento|deposito|emprestimo pr)\b"
    ).search(text):
        return "pay", "out", "us"
    if any(v.event in ("receive", "sell", "charge") or v.person == 3 for v in later):
        return "receive", "in", "us"
    if any(v.event in ("pay", "spend", "buy") for v in later):
        return "pay", "out", "us"
    if rx(
        r"\b(?:fiz|fizemos|tirei|tiramos|fechei|fechamos)\s+(?:r\$\s*)?(?:\d|mil\b|cem\b|cento|[a-z]+centos"
        r"|[a-z]+enta\b)"
    ).search(text):
        return "sell", "in", "us"
    if category_in(text, "expense") and not category_in(text, "income"):
        return "spend", "out", "us"
    return "sell", "in", "us"


def _theirs(clause: Clause, head: Verb, meaning: Meaning) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    before = clause.before(head)
    to_us = rx(_TO_US).search(before[-14:] + clause.after(head)[:40]) is not None
    if rx(_OURSELVES).search(before):
        return meaning.event, meaning.ours or meaning.theirs, "us"
    event, where, who = _by_actor(clause, head, meaning, before, to_us)
    return event, where, who


def _by_actor(  # noqa: PLR0911 - an ordered list of rules, one for each event
    clause: Clause, head: Verb, meaning: Meaning, before: str, to_us: bool
) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    customer = rx(_CUSTOMER).search(before) is not None
    staff = rx(_STAFF).search(before) is not None
    who: Subject = "customer" if customer else "colleague" if staff else "other"
    event = meaning.event
    if event == "sell" and meaning.soft:
        return _by_noun(clause) if not to_us else ("receive", "in", who)
    if event == "sell":
        return (event, "out", who) if to_us else (event, "in", "us")
    if event == "buy":
        return ("sell", "in", who) if customer and not staff else (event, "out", who)
    if event == "receive" and head.lemma in ("receber", "ganhar") and head.tense != "participle":
        named = rx(
            r"\b(?:o|a|os|as|seu|dona|meu|minha|nosso|nossa)\s+[a-z]+(?: [a-z]+)*\s+(?:ja |hoje |ontem "
            r"|so )*$|^\W*[a-z]{3,}\s+$"
        ).search(before)
        third = named is not None or bool(
            [p for p in clause.marks.spans.people if clause.movement.start <= p.start < head.start]
        )
        from_customer = rx(r"\bd[oae]s? (?:client\w+|pacient\w+|fregues\w*)\b").search(clause.after(head))
        return (event, "out", who) if third and not from_customer else (event, "in", "us")
    if (
        event in ("pay",)
        and head.tense in ("past", "present")
        and head.lemma in ("pagar", "quitar", "acertar", "liquidar", "zerar", "saldar")
    ):
        return _payer(clause, head, to_us=to_us, customer=customer, staff=staff)
    if head.tense == "participle":
        return event, meaning.ours, "us"
    if head.lemma in ("dar", "mandar", "passar", "deixar", "fazer", "levar", "pegar", "trazer"):
        given = to_us or rx(r"\bsinal\b|\bentrada\b|\badiantad|\bpix\b|\bem dinheiro\b").search(clause.after(head))
        if head.lemma in ("levar", "pegar"):
            return "pay", "out", who
        if given and not (head.lemma == "dar" and not before.strip()):
            return "receive", "in", who
        return _by_noun(clause)
    if event == "charge":
        return event, "out", who
    if event in ("spend", "lend", "refund", "transfer", "deposit"):
        return event, meaning.theirs, who
    return event, meaning.theirs, who


def _payer(
    clause: Clause, head: Verb, *, to_us: bool, customer: bool, staff: bool
) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    """`a cliente pagou 120 do banho` is income; `a Maria pagou a luz` and `o motoboy pagou o pedágio` are expenses."""
    after = clause.after(head)
    debt = rx(r"\b(?:divida|fiado|devia|devendo|pendencia|debito|faltava|resto|restante)\b").search(after)
    if to_us or customer or debt or rx(r"\bpel[oa] servico|\bsinal\b").search(after):
        return "receive", "in", "customer"
    named = category_in(after, "expense")
    if staff or (named and named[0] in _BILLS and not category_in(after, "income")):
        return "pay", "out", "colleague"
    if not clause.before(head).strip(" ,.") and head.lemma == "pagar" and not after.strip():
        return "pay", None, "other"
    return "receive", "in", "other"


def _by_noun(clause: Clause) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    """`venda de 89`, `despesa: 90`, `caixa do dia 980`, `conta de luz 230`, `gasolina 50`."""
    nouns = clause.movement.nouns
    came = next((n for n in nouns if n.direction == "in"), None)
    went = next((n for n in nouns if n.direction == "out"), None)
    if came and not (went and went.start < came.start):
        return came.event, "in", "us"
    if went:
        return went.event, "out", "us"
    text = clause.text
    if rx(r"\b(?:conta|fatura|boleto|guia|mensalidade) d[aeo]\b").search(text) and category_in(text, "expense"):
        return "pay", "out", "us"
    if rx(
        r"\b(?:caixa (?:do dia|de hoje )?(?:fechou|deu)?|movimento do dia|dinheiro que entrou|fechei o (?:caixa|dia))\b"
    ).search(text) and rx(r"\b(?:fechou|deu|fechei|entrou|do dia)\b").search(text):
        return "sell", "in", "us"
    if rx(
        r"\b(?:caixa|dia|movimento|loja|salao|oficina)\b[^,.;!?\n]{0,12}\b(?:deu|fechou)\b|\bdeu\b.{0,20}\bno caixa\b"
    ).search(text):
        return "sell", "in", "us"
    return _by_thing(clause, text)


def _by_thing(clause: Clause, text: str) -> tuple[MoneyEvent | None, Direction | None, Subject]:
    expense, income = category_in(text, "expense"), category_in(text, "income")
    made = rx(r"\b(?:fez|fechou|deu)\b").search(text)
    if made and made.group() == "fez" and (income or not expense):
        return "sell", "in", "us"
    if rx(_WORK).search(text) and not expense:
        return "sell", "in", "us"
    if expense or (clause.movement.sum and (clause.registers or rx(REGISTER).search(clause.whole))):
        return "spend", "out" if expense or not income else "in", "us"
    if rx(r"^\W*¦\W*(?:de|em|com|n[oa])\s+(?!pix\b|cliente|venda|entrada|cima|dinheiro|cartao|cada)[a-z]{3,}").search(
        clause.marks.blanked[clause.movement.start : clause.movement.end]
    ):
        return "spend", "out", "us"
    if income and rx(r"\bpagamento de\b|\brecebid").search(text):
        return "receive", "in", "us"
    return None, None, "us"
