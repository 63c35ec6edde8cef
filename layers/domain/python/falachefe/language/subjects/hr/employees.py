"""Parses HR requests: hirings and the list of employees here, absences and time off in `leave`."""

import re
from datetime import date
from typing import Final

from falachefe.language.spans.days import read_days
from falachefe.language.subjects.hr.leave import (
    ABSENT,
    TIME_OFF,
    parse_absence,
    parse_time_off,
)
from falachefe.language.subjects.interpretation import (
    Draft,
    Interpretation,
    for_tool,
    money,
)
from falachefe.language.subjects.sums import find_sums
from falachefe.language.text.blanking import masked
from falachefe.language.text.normalize import (
    Text,
    fold_characters,
    normalize,
    rx,
)
from falachefe.language.text.person_names import any_name, name_after, name_before
from falachefe.language.types import JsonValue

# Occupations. Words that also name a thing (`caixa`) are left out.
OCCUPATION: Final = (
    r"(?:padeir[oa]|confeiteir[oa]|garcom|garconete|cozinheir[oa]|ajudante|auxiliar|assistente|atendente|balconista|"
    r"recepcionista|vendedor[a]?|motorista|entregador[a]?|motoboy|manicure|cabeleireir[oa]|barbeir[oa]|pedreir[oa]|"
    r"servente|pintor[a]?|mecanic[oa]|eletricista|soldador[a]?|estagiari[oa]|gerente|supervisor[a]?|faxineir[oa]|"
    r"zelador[a]?|porteir[oa]|secretari[oa]|estoquista|repositor[a]?|costureir[oa]|tosador[a]?|veterinari[oa]|"
    r"operador[a]?|(?:jovem )?aprendiz|professor[a]?|instrutor[a]?|encarregad[oa]|frentista|acougueir[oa]|copeir[oa]|"
    r"camareir[oa]|vigia|vigilante|chapeir[oa]|pizzaiolo|marceneir[oa]|esteticista|depilador[a]?|analista|"
    r"farmaceutic[oa]|enfermeir[oa]|salgadeir[oa]|forneir[oa]|borracheir[oa]|funileir[oa]|lavador[a]?|telefonista)"
)
# `fechei com o Genivaldo pra ser padeiro` is a hiring, not a sale: matched before ledger entries.
HIRED: Final = (
    r"\b(?:fechei|acertei|combinei|peguei|arrumei|arranjei|chamei|trouxe|consegui|botei|coloquei|contratei|achei|"
    r"efetivei|promovi)\b.{0,40}\b(?:pr[ao]|para) (?:ser|trabalhar|ajudar|ficar|atender|a vaga|o cargo|cuidar)\b"
    r"|\b(?:fechei|acertei|peguei|arrumei|arranjei|chamei|trouxe|consegui|botei|coloquei|tem|temos|entrou|chegou)\b"
    r".{0,12}\b(?:um|uma) (?:rapaz|moc[ao]|menin[oa]|mulher|senhor|senhora|garot[oa]|pessoa)\b.{0,12}\b(?:pr[ao]|"
    r"para|nov[oa])\b"
    r"|\b(?:comecou|comeca|comecando|vai comecar|iniciou|inicia|entrou|entra|vai entrar)\b.{0,45}\b(?:como|de|na vaga"
    r" de|pr[ao]|para) (?:o |a |um |uma |nov[oa] )?(?:" + OCCUPATION + r"|caixa\b(?=.{0,12}\bsalario))"
    r"|\bassin(?:ei|amos|ou) (?:a )?carteira d[aeo]\b|\bregistr(?:ei|amos|ou|a|ar) (?:a |na )?carteira\b"
    r"|\badmissao\s*(?::|d[aeo]\b)"
    r"|\b(?:vai|passa a|comecou a|comeca a|comecando a) trabalhar (?:aqui|com a gente|comigo|conosco|com nos|"
    r"na (?:loja|"
    r"equipe)|como|de|no|na)\b(?!.{0,15}\b(?:feriado|sabado|domingo|natal|casa|ate))"
    r"|\b(?:a partir de|desde) (?:hoje|amanha|segunda)\b.{0,30}\btrabalh\w+\b"
    r"|\b(?:comecou|comeca|entrou|entra|vem)\b(?: hoje| amanha)? (?:o|a) (?!pagamento|pix|dinheiro|valor|salario|"
    r"parcela|boleto|venda|grana|deposito|aluguel)[a-z]+"
    r"\b.{0,40}\b(?:salario|ganhando)\b"
    r"|\b(?:foi|sera|esta sendo|acaba de ser) (?:admitid|contratad|efetivad)[oa]\b"
    r"|\b(?:botei|coloquei|peguei|contratei|arrumei|trouxe|temos|tenho) mais (?:um|uma) " + OCCUPATION + r"\b"
    r"|\b(?:vai comecar a|comecou a|comeca a) (?:me |nos )?ajudar\b"
    r"|\b(?:funcionari[oa]|colaborador[a]?|empregad[oa]|ajudante|vendedor[a]?|atendente|menin[oa]|moc[ao]|"
    r"rapaz) nov[oa]\b"
    r"(?!.{0,15}\b(?:falt|nao|pediu|quer|cust|ganh))"
    r"|\b(?:mais um|mais uma) (?:pra|para|na|no) (?:a |o |nossa |nosso )?(?:equipe|time)\b"
    r"|\b(?:o|a|um|uma) nov[oa] " + OCCUPATION + r"\b(?=\W+(?:e |se chama |chama |chamad[oa] )?(?:[oa] )?[a-z]+)"
    r"(?!.{0,15}\b(?:falt|nao|pediu|quer|cust))"
)
_HIRE: Final = (
    r"\b(?:contratei|contratamos|contratou|admiti|admitimos|efetivei|efetivamos|nov[oa]s? "
    r"(?:funcionari[oa]|colaborador\w*|contratad[oa]|integrante|empregad[oa]|membro|"
    r"pessoa na equipe|contratacao)|gente nova\b|(?:entrou|chegou|tem) (?:mais )?(?:um|"
    r"uma) (?:nov[oa]|pessoa nova|menin[oa] nov[oa]|gente nova)|(?:comecou|comeca|vai "
    r"comecar|entrou|vai entrar|entra|iniciou|inicia) (?:hoje |ontem |amanha |segunda "
    r")?(?:a trabalhar|na equipe|no time|na empresa|aqui|como)|contratacao d[aeo])\b"
    r"|\b(?:comecou|comeca|vai comecar|entrou|entra|iniciou|inicia)\b.{0,15}\b(?:ganhando|com salario|salario de|no"
    r" cargo)\b"
    r"|\b(?:entrou|chegou|temos) (?:o|a|nosso|nossa) nov[oa] [a-z]{2,}(?:or|ora|eir[oa]|ista|ante|ente|ari[oa]"
    r"|ic[oa]|om|onete)\b"
    r"|^\W*(?:temos |chegou |tem )?(?:um |uma |o |a )?nov[oa] (?!cliente|campanha|fornecedor|horario|contrato|salario)"
    r"[a-z]{2,}(?:or|ora|eir[oa]|ista|ante|ente|ari[oa]|ic[oa]|ess[oa])\s*:"
    r"|\b(?:comecou|comeca|entrou|iniciou)(?: a trabalhar)?(?: hoje| ontem| segunda| esta semana| essa semana)?\s*:"
    r"|" + HIRED
)
_ENROL: Final = (
    r"\b(?:cadastr\w+|adicion\w+|registr\w+|inclu\w+|coloc\w+|inser\w+|bot[ae]r?|poe|"
    r"admit\w+|contrat[ae]r?|cria\w*)\b"
)
_ENROLS_OCCUPATION: Final = (
    _ENROL
    + r"(?: (?:ai|aqui|pra mim|no sistema|por favor|hoje))*(?: (?:o|a|um|uma|nov[oa]|nosso|nossa|meu|minha))* "
    + OCCUPATION
)
_STAFF: Final = (
    r"\b(?:funcionari[oa]s?|colaborador\w*|empregad[oa]s?|equipe|time|quadro|staff|trabalhador\w*|"
    r"pessoal|contratad[oa]s?)\b"
)
# `a filha da Nena, a Laís`: the employee is Laís, not Nena.
_KIN: Final = (
    r"\b(?:filh[oa]|irmao?|sobrinh[oa]|espos[oa]|prim[oa]|net[oa]|mulher|marido|amig[oa]|cunhad[oa]) d[aeo] (?:seu |"
    r"dona )?"
    r"[a-z]+\s*,"
)
_LIST: Final = (
    (
        r"\b(?:list\w+|mostr\w+|quais|quem (?:sao|e|esta|faz parte)|quant[oa]s|ver|relacao|"
        r"cade|nomes?|me (?:da|de|manda|passa|fala|diz|envia)|exib\w+|minha|meus|consult\w+|"
        r"puxa\w*|qual)\b.{0,25}"
    )
    + _STAFF
    + (
        r"|\bquem (?:trabalha|sao os|esta) (?:aqui|comigo|pra mim|na empresa|na loja|conosco|"
        r"com a gente|na equipe|no time|na oficina|no salao|na clinica|hoje)\b|\bquem (?:e que |que )?(?:trabalha|"
        r"esta na"
        r" equipe)\b|\b(?:rapaziada|galera|turma|gente|povo) que trabalha\b|\b(?:cargo|funcao) de cada (?:um|"
        r"funcionari)|"
        r"\b(?:rapaziada|galera|turma) (?:da|do) (?:loja|empresa|trampo|trabalho)\b|"
        r"\bquant[oa]s somos\b|\bquem esta trabalhando\b|\bquant[oa]s (?:pessoas|gente) (?:trabalha|tem|tenho|"
        r"temos)\w*|^(?:lista d[eo]s? "
        r"|minha |a )?(?:funcionarios|equipe|colaboradores)(?: atual| atuais| completa| toda| de hoje)?[?!. ]*$"
    )
)
_POSITION: Final = (
    r"(?:\bcargo\s*(?:de\b|e\b|:|=|como\b|sera\b)?\s*|\bfuncao\s*(?:de\b|e\b|:|sera\b)?\s*|"
    r"\b(?:pra|para|pro) (?:o cargo de|cargo de|a vaga de|vaga de|a funcao de|ser|trabalhar "
    r"(?:como|de|na|no)|atuar como|a area de)\s*|\bno cargo de\s*|\bna (?:funcao|vaga) "
    r"de\s*|\bvai ser (?:o |a |nosso |nossa )?|\bvai trabalhar (?:como|de|na|no)\s*|"
    r"\bcomo (?:o |a |um |uma |novo |nova |nosso |nossa )?|\btrabalhar (?:como|de)\s*|"
    r"\b(?:ele|ela) (?:e|sera|fica como|vai de) (?:o |a |um |uma |nosso |nossa )?|\b(?:ficar|ajudar|atender) (?:como|"
    r"de|na|no)\s*|"
    r"\bpr[ao]\s+(?!trabalh|ajud|fic|nossa|ca|equipe|time|gente|empresa|loja)|\b(?:aqui )?de\s+(?!hoje|"
    r"cada))(?P<p>[a-z][a-z\- ]{2,60}?)(?=\s"
    r"*(?:$|[,.;:()\n\d?!¦]|\br\$|\bcom\b|\bpor\b|\bganhando\b|\bsalario\b|\brecebendo\b|"
    r"\ba partir\b|\bdesde\b|\bhoje\b|\bontem\b|\bamanha\b|\bna equipe\b|\bno time\b|"
    r"\be (?:o |vai|salario|ganha)|\bque\b|\bpra\b|\bpro\b|\bpara\b|\bno valor\b|\bcomeca\w*|"
    r"\bvai\b|\bna (?:loja|empresa|clinica|padaria|oficina)\b|\bcom inicio\b|\bmil\b|"
    r"\bpagando\b|\bganha\b|\brecebe\b|\bpor mes\b|\bem\b|\bsegunda\b|\bno sistema\b))"
)


def parse_hr(text: Text, today: date) -> Interpretation | None:
    """The HR request of the message, or None."""
    if text.has(r"\b(?:campanha|promocao|orcamento)\b|\b(?:abr\w+|cri\w+|um|o|novo) chamado\b(?! [a-z]+,)"):
        return None
    if (
        not text.has(_HIRE)
        and text.has(
            r"^(?:\W|oi|ola|por favor|e)*\b(?:quem|quant[oa]s|quais|list\w*|mostr\w*|ver|relacao|"
            r"me (?:mostra|fala|diz|manda))\b"
        )
        and (listed := _parse_list(text, today))
    ):
        return listed
    for parser in (_parse_hire, parse_time_off, parse_absence, _parse_list):
        parsed = parser(text, today)
        if parsed:
            return parsed
    return None


def _parse_hire(text: Text, today: date) -> Interpretation | None:
    if " / " in text.raw:
        text = normalize(text.raw.replace(" / ", ", "))
    hired = text.find(_HIRE)
    enrolled = text.find(_ENROL) if not hired else None
    staffed = text.has(_STAFF)
    if (
        text.has(ABSENT)
        or text.has(TIME_OFF)
        or text.has(
            r"\b(?:falta|atestado|despesa|receita|gasto|gastei|paguei|recebi|vale|adiantamento|"
            r"cliente)\b"
        )
    ):
        return None
    if text.has(
        r"\b(?:como|quando|quanto)\b.{0,12}\bcontrat\w+|\b(?:devo|vale a pena|compensa|quero|"
        r"pretendo|vou|preciso) (?:\w+ )?contratar\b|\bcontrat\w+ (?:um |o )?(?:servico|"
        r"plano|seguro|sistema|internet|emprestimo)\b"
    ):
        return None
    if not hired:
        if not enrolled:
            return None
        candidate = name_after(text, enrolled.end())
        if candidate is None and rx(_ENROLS_OCCUPATION).match(text.plain, enrolled.start()):
            candidate = any_name(text)
        if candidate is None and text.has(r"\b(?:cadastr|admit|contrat)\w+\b.{0,60}\b(?:salario|cargo|funcao)\b"):
            candidate = any_name(text)
        named = candidate is not None and text.has(
            r",|\bcomo\b|\bcargo\b|\bfuncao\b|\bsalario\b|\bn[ao] (?:equipe|vaga|quadro|time)\b|\bganhando\b|"
            r"\bde [a-z]+eir[oa]\b"
        )
        crowd = not text.has(r"\b(?:funcionari|colaborador|empregad|contratad|trabalhador)\w*")
        if crowd and not named and find_sums(text.plain):
            return None
        if not (staffed or named) or (find_sums(text.plain) and (not (named or staffed))):
            return None
    stated = hired or enrolled
    args, missing = hire_args(text, today, stated.end() if stated else 0)
    return for_tool(Draft("add_employee", args, missing))


def hire_args(text: Text, today: date, offset: int) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """Name, position and salary found in the text, and the missing slots."""
    args: dict[str, JsonValue] = {}
    name = _hired_name(text, offset)
    position = _position(text, name)
    if name:
        args["name"] = name
    if position:
        args["position"] = position
    days = read_days(text, today, prefer="past")
    amounts = find_sums(text.plain, [(w.start, w.end) for w in days])
    missing = [field for field in ("name", "position") if field not in args]
    sound = [a for a in amounts if a.flaw is None or a.flaw == "each"]
    if len({a.value for a in sound}) == 1 and len(sound) == len(amounts):
        args["salary"] = money(sound[0].value)
    elif amounts:
        missing.append("salary")
    return (args, tuple(missing))


def _hired_name(text: Text, offset: int) -> str | None:
    kin = text.find(_KIN)
    if kin and (found := name_after(text, kin.end())):
        return found
    label = text.find(r"\bnome\s*(?:e|:|=|dele e|dela e|completo:?)?\s+")
    if label and (found := name_after(text, label.end(), loose=True)):
        return found
    if found := name_after(text, offset):
        return found
    match = text.find(r"\b(?:chamad[oa]|se chama)\s+(?=[a-z])|(?::)\s*(?=[a-z])")
    if match and (found := name_after(text, match.end())):
        return found
    begun = text.find(_HIRE)
    if begun and (found := name_before(text, begun.start())):
        return found
    return any_name(text)


def _position(text: Text, name: str | None) -> str | None:
    """The position after `como`, `cargo` or `de`, between commas, or before the name (`a manicure Carla`)."""
    plain, hide = (text.plain, [])
    if name:
        found = rx(r"\b" + _folded(name) + r"\b").search(plain)
        if found:
            hide.append(found.span())
            after = rx(
                r"(?: hoje| ontem)?\s*(?:,|-|\(|:|/)\s*(?!(?:salario|com|por|ganhando|cargo|funcao|comeca|para|pra|"
                r"que|como|de|vai|a partir|inicio)\b)(?P<p>[a-z][a-z\- ]{2,50}?)(?=\s*(?:$|[,.;()/\n\d]|"
                r"\br\$|\bcom\b|\bpor\b|\bganhando\b|\bsalario\b|\brecebendo\b|\ba partir\b|\bmil\b))"
            ).match(plain, found.end())
            if after and (
                not rx(
                    r"^(?:na|no|equipe|hoje|ontem|ele|ela|mil|um|dois|tres|cem|"
                    r"\w+centos)\b"
                ).match(after.group("p"))
            ):
                return text.original(after.start("p"), after.end("p"))
            plain = masked(plain, [found.span()])
    labelled = rx(r"\b(?:cargo|funcao)\b|\bcomo (?=" + OCCUPATION + ")").search(plain)
    for match in rx(_POSITION).finditer(plain, labelled.start() if labelled else 0):
        phrase = match.group("p").strip()
        if phrase in (
            "funcionario",
            "funcionaria",
            "colaborador",
            "colaboradora",
            "novo funcionario",
            "nova funcionaria",
        ) or rx("^(?:hoje|ontem|um|uma|ele|ela|funcionari|salario|equipe|trabalho)").match(phrase):
            continue
        return text.original(match.start("p"), match.end("p"))
    before = rx(
        r"\b(?:o|a|um|uma|nov[oa]) (?!funcionari|colaborador|contrata|integrante|empregad|"
        r"equipe|pessoa)(?:nov[oa] )?(?P<p>[a-z][a-z\-]{3,}(?: de [a-z]+)?)\s*(?:,|:|chamad[oa]|"
        r"¦)"
    ).search(plain)
    return text.original(before.start("p"), before.end("p")) if before else None


def _folded(name: str) -> str:
    return re.escape(fold_characters(name))


def _parse_list(text: Text, _: date) -> Interpretation | None:
    if not text.has(_LIST) or text.has(
        r"\b(?:quanto|salario|paguei|gastei|folha de pagamento|gastos|falt\w+|despesas?|"
        r"reuniao)\b|\bpessoal\b.{0,20}\b(?:cliente|promo)"
    ):
        return None
    return for_tool(Draft("list_employees"), confidence=0.9)
