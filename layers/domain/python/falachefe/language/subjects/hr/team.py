"""Orders about the team: who is off, decisions on time off, changes of position and salary, departures."""

from calendar import monthrange
from datetime import date
from typing import Final

from falachefe.language.spans.days import read_days
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool, money
from falachefe.language.subjects.sums import find_sums
from falachefe.language.subjects.wording import order
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.text.person_names import any_name, name_after, name_before
from falachefe.language.types import JsonValue

_OFF: Final = r"(?:folgas?|ferias|licencas?|time off|afastad[oa]s?|folgando)"
_WHO_IS_OFF: Final = (
    r"\bquem (?:e que |que )?(?:faltou|faltaram|nao veio|nao apareceu)\b|"
    rf"\b{_OFF}\b.{{0,25}}\bquem\b|"
    rf"\b(?:quem|quais|que funcionari\w+|alguem|quantos|qual)\b.{{0,30}}\b{_OFF}\b|\bquem (?:folga|nao (?:vem|"
    rf"trabalha)|vai (?:folgar|estar fora)|tira ferias|sai de ferias)\b|"
    rf"\b(?:list\w+|mostr\w+|ver|veja|quais|cade|me (?:diz|fala|mostra|manda|passa)|escala d[ae]|calendario d[ae]|"
    rf"agenda d[ae])\b.{{0,25}}\b{_OFF}\b|"
    rf"\b(?:tem|ha|existe) (?:alguma |algum )?(?:pedido d[ae] )?{_OFF}\b|\bpedidos? (?:d[ae]|pendentes d[ae]) {_OFF}\b"
)


def parse_time_off_list(text: Text, today: date) -> Interpretation | None:
    """`quem está de folga amanhã?`, `quais as férias de dezembro?`"""
    if not text.has(_WHO_IS_OFF) or text.has(
        r"\b(?:aprov\w+|reje?it\w+|recus\w+|neg(?:a|ar|ue)|marc(?:a|ar)|agend\w+|registr\w+|direito|quantos dias|"
        r"meus dias|saldo|politica|regra|minhas? )\b"
    ):
        return None
    past = text.has(r"\bquem\b.{0,10}\b(?:falt|nao veio|nao apareceu)")
    days = [d for d in read_days(text, today, prefer="past" if past else "future") if d.kind != "impossible"]
    start = min((d.first for d in days), default=today)
    end = max((d.last for d in days), default=None) or _month_end(start)
    args: dict[str, JsonValue] = {"start": start.isoformat(), "end": end.isoformat()}
    return for_tool(Draft("list_time_off", args), confidence=0.93)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


_DECIDE: Final = (
    r"(?P<yes>aprov(?:a|ar|e|o|ado|ada)|autoriz(?:a|ar|e|o|ado)|liber(?:a|ar|e|ado)|aceit(?:a|ar|e|o)|confirm(?:a|ar|"
    r"e)|ok n[ao]|ok pr[ao]|concede)|"
    r"(?P<no>neg(?:a|ar|ue|o|ado)|recus(?:a|ar|e|o|ado)|rejeit(?:a|ar|e|o|ado)|reprov(?:a|ar|e|o|ado)|"
    r"nao (?:aprov\w+|autoriz\w+|liber\w+|aceit\w+)|indefer\w+|barra)"
)


def parse_time_off_decision(text: Text, today: date) -> Interpretation | None:
    """`aprova a folga da Maria`, `nega as férias do João porque é dezembro`."""
    ordered = order(text, _DECIDE)
    if ordered is None:
        return _decision_on_request(text)
    off = rx(rf"\b(?:pedido d[ae] )?{_OFF}\b").search(text.plain, ordered.end())
    if off is None or off.start() - ordered.end() > 18:
        return None
    args: dict[str, JsonValue] = {"decision": "approve" if ordered.group("yes") else "reject"}
    name = (
        name_after(text, off.end(), loose=True)
        if rx(r"\s*(?:d[aeo]s?|pr[ao]|para)\s").match(text.plain, off.end())
        else None
    )
    name = name or any_name(text)
    if name:
        args["employee"] = name
    reason = text.find(
        r"\b(?:porque|pois|por causa d[aeo]|motivo:?|ja que|por conta d[aeo]|que)\s+(?P<r>[^.;\n]{3,80})"
    )
    told = text.plain[: reason.start()] if reason else text.plain
    if days := [d for d in read_days(normalize(told), today, prefer="future") if d.kind == "day"]:
        args["start"] = days[0].first.isoformat()
    if reason:
        args["reason"] = text.original(reason.start("r"), reason.end("r"))
    return for_tool(Draft("decide_time_off", args, () if name else ("employee",)), confidence=0.93)


def _decision_on_request(text: Text) -> Interpretation | None:
    """`não dá pra liberar o Marcos, recusa o pedido dele`: the person is named before the order."""
    said = text.find(
        rf"\b(?:{_DECIDE}) (?:o |esse )?(?:pedido|folga|ferias)(?: de folga| de ferias)? (?:del[ea]|d[ao]\b)"
    )
    name = any_name(text) if said else None
    if said is None or name is None:
        return None
    args: dict[str, JsonValue] = {"decision": "approve" if said.group("yes") else "reject", "employee": name}
    return for_tool(Draft("decide_time_off", args), confidence=0.9)


_SALARY: Final = r"\b(?:salario|ordenado|pagamento mensal|remuneracao)\b"
_RAISE: Final = (
    r"aument(?:a|ar|e|ei|amos)|mud(?:a|ar|e|ei)|alter(?:a|ar|e|ei)|atualiz(?:a|ar|e|ei)|reajust(?:a|ar|e|ei)|"
    r"ajust(?:a|ar|e|ei)|corrig(?:e|ir|i)|"
    r"pass(?:a|ar|e|ei|ou)|sub(?:a|ir|iu)|troc(?:a|ar|ou|quei)|define|coloca"
)
_PROMOTED: Final = (
    r"\b(?:promov\w+|virou|vai virar|passou a ser|agora e|agora vai ser|foi promovid[oa]|muda pra|mudou (?:de cargo|"
    r"de funcao)? ?pr[ao]|passa a ser)\b"
)
_POSITION_END: Final = (
    r"(?=\s*(?:$|[,.;:!?\n\d]|\bcom\b|\bganhando\b|\ba partir\b|\be (?:o )?salario\b|\bhoje\b|\bagora\b|\bpor favor\b))"
)


def parse_employee_change(text: Text) -> Interpretation | None:
    """`aumenta o salário da Maria pra 2.000`, `promove a Ana a gerente`, `o cargo do João agora é caixa`."""
    if text.has(r"^\W*(?:paguei|gastei|contratei|recebi|quanto|quem|qual)\b|\?"):
        return None
    salary, ordered = text.find(_SALARY), order(text, _RAISE)
    if salary and (
        ordered
        or text.has(
            r"\bsalario d[aeo] .{2,40}\b(?:agora e|passou (?:a ser|pra)|vai (?:ser|pra)|foi pra|subiu pra|e de|sera|"
            r"mudou pra)\b"
        )
    ):
        return _new_salary(text, salary.end())
    changed = text.find(r"\b(?:cargo|funcao) d[aeo]\s+(?=[a-z])")
    if changed and (ordered or text.has(r"\bagora\b|\bpassou\b|\bpassa\b|\bmudou\b|\bvai ser\b")):
        return _new_position(text, name_after(text, changed.end(), loose=True), changed.end())
    promoted = text.find(_PROMOTED)
    if promoted is None or text.has(r"\b(?:promocao|campanha|cliente|post)\b"):
        return None
    name = name_before(text, promoted.start()) or name_after(text, promoted.end())
    return _new_position(text, name, promoted.start())


def _new_salary(text: Text, start: int) -> Interpretation | None:
    name = (
        name_after(text, start, loose=True)
        if rx(r"\s*(?:d[aeo]s?|pr[ao])\s").match(text.plain, start)
        else any_name(text)
    )
    amounts = [a for a in find_sums(text.plain) if a.flaw is None]
    if not amounts and not name:
        return None
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    for slot, value in (("employee", name), ("salary", money(amounts[-1].value) if amounts else None)):
        if value:
            args[slot] = value
        else:
            missing.append(slot)
    return for_tool(Draft("update_employee", args, tuple(missing)), confidence=0.93)


def _new_position(text: Text, name: str | None, start: int) -> Interpretation | None:
    said = rx(
        r"\b(?:pr[ao]|para|a|como|de|virou|virar|ser|agora e|e)\s+(?:o |a |um |uma |cargo de |funcao de |"
        r"nov[oa] )*(?P<p>(?!salario|partir|cargo|"
        + (rx(r"\W+").sub("|", name.lower()) if name and name.isascii() else "¦")
        + r")[a-z][a-z\- ]{2,40}?)"
        + _POSITION_END
    ).search(text.plain, start)
    if name is None or said is None:
        return None
    args: dict[str, JsonValue] = {"employee": name, "position": text.original(said.start("p"), said.end("p"))}
    amounts = [a for a in find_sums(text.plain) if a.flaw is None]
    if len(amounts) == 1 and text.has(_SALARY + r"|\b(?:ganhando|recebendo)\b"):
        args["salary"] = money(amounts[0].value)
    return for_tool(Draft("update_employee", args), confidence=0.9)


_LEFT: Final = (
    r"\b(?:demit(?:i|imos|iu|e|ir)|mandei embora|mandamos embora|dispens(?:ei|amos)|deslig(?:a|ar|uei|amos|ue)|"
    r"rescindi (?:com|o contrato)|"
    r"(?:pediu|pediram) (?:demissao|as contas|pra sair|conta)|(?:saiu|foi desligad[oa]|foi demitid[oa]|"
    r"nao trabalha mais|nao faz mais parte|se desligou)"
    r"(?: (?:d[ae] (?:empresa|equipe|firma|loja)|aqui|com a gente|conosco|comigo|do quadro|do time))?|encerr(?:a|ar|"
    r"e) o contrato d[aeo]|"
    r"(?:ultimo dia d[aeo]|da baixa n[ao] (?:funcionari\w+|contrato d[aeo])))\b"
)


def parse_departure(text: Text, today: date) -> Interpretation | None:
    """`demiti o João`, `a Carla pediu demissão`, `desliga o Pedro a partir de sexta`."""
    left = text.find(_LEFT)
    if left is None or text.has(
        r"\?|\b(?:se eu|vou ter que|quero|queria|penso em|pensando em|talvez|nao (?:vou|quero) demitir|quanto|"
        r"saiu (?:pra|por|a|de|do|da (?!empresa|equipe|firma|loja)|r\$|\d|caro|barato|mais|para|no|na|com))\b"
    ):
        return None
    bare = left.group() == "saiu" or (
        left.group().startswith("desliga") and not text.has(r"\b(?:funcionari|equipe|quadro)")
    )
    name = name_before(text, left.start()) or name_after(text, left.end()) or any_name(text)
    if name is None and bare:
        return None
    if left.group() == "saiu" and not text.has(r"\b(?:empresa|equipe|firma|emprego|loja)\b"):
        return None
    ahead = text.has(r"\ba partir\b|\bdesliga|\bultimo dia\b")
    days = [d for d in read_days(text, today, prefer="future" if ahead else "past") if d.kind == "day"]
    args: dict[str, JsonValue] = {"date": (days[0].first if days else today).isoformat()}
    if name:
        args["employee"] = name
    return for_tool(Draft("end_employment", args, () if name else ("employee",)), confidence=0.93)
