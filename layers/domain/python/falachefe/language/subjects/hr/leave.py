"""Parses absences and requests for time off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from falachefe.language.days.calendar import add_months
from falachefe.language.days.number_words import COUNTS
from falachefe.language.spans.days import read_days
from falachefe.language.spans.types import When
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.text.person_names import any_name, name_after, name_before
from falachefe.language.types import JsonValue

ABSENT: Final = (
    r"\b(?:faltou|faltaram|faltando|vai faltar|vao faltar|vou faltar|falto|(?:nao|num) (?:veio|"
    r"vem|vieram|vira|apareceu|compareceu|vai vir|vai poder vir|pode vir|vai trabalhar|"
    r"foi trabalhar|veio trabalhar|consegue vir|conseguiu vir|pode trabalhar|trabalhou|"
    r"trabalha|chegou pra trabalhar|deu as caras|bateu ponto|vai comparecer|apareceram|"
    r"virao|vou (?:poder )?(?:ir|trabalhar)|vou conseguir (?:ir|trabalhar)|consigo ir|"
    r"fui trabalhar)|(?:esta|estava|ficou|entrou|apresentou|trouxe|pegou|deu|mandou|"
    r"esta com|com|de|entregou)(?: (?:um|de|com|o|no))? (?:atestado)|(?:esta|estava|ficou|"
    r"caiu|amanheceu) (?:doente|gripad[oa]|com (?:febre|dengue|covid|gripe|virose)|afastad[oa]|"
    r"de cama|internad[oa]|passando mal)|passou mal|afastad[oa]|ausente|se ausentou|ausentou|"
    r"(?:deu|deram) (?:o |um )?(?:cano|bolo|perdido|migue)(?= |$|[,.!])|furou (?:hoje|ontem|de novo|com a gente|"
    r"comigo|o"
    r" (?:turno|plantao|expediente))|sumiu (?:hoje|ontem|do (?:trabalho|servico|mapa))|perdeu o dia|"
    r"matou (?:o )?(?:servico|trabalho|trampo|turno)|nao (?:deu pra vir|"
    r"cumpriu|foi ao trabalho|chegou ate agora|tem vindo)|"
    r"teve que (?:ir embora|sair pro medico)|foi (?:pro|ao|no) (?:medico|hospital|pronto "
    r"socorro))\b"
)
_ABSENCE_NOUN: Final = r"\b(?:falta|faltas|ausencia|ausencias|atestado)\b"
TIME_OFF: Final = (
    r"\b(?:ferias|folga|folgas|folgar|folgo|day off|dayoff|recesso|licenca (?:maternidade|"
    r"paternidade|medica|premio|gala|nojo|casamento)?|descanso semanal|dia livre|dias? "
    r"de descanso|tirar (?:o |um |uns |dois |tres |\d+ )?dias?|abonar|abono|dia off|emendar (?:a|o|na|no) (?:sexta|"
    r"segunda|feriado|quinta|terca)|me ausentar|"
    r"pediu (?:de|do dia) \d{1,2} (?=a|ate|ao)\w+|(?:me )?dispens(?:a|ar|e|ado|"
    r"ada) (?!o |a )"
    r"(?=.{0,25}(?:\d|feira|amanha|segunda|terca|quarta|quinta|sexta|sabado|domingo))|me liber(?:a|ar|e)|"
    r"(?:preciso|precisava|precisarei|posso|poderia|queria|tem como eu|da pra eu|vou precisar|"
    r"gostaria de)(?: eu)? (?:faltar|"
    r"nao vir|nao ir)|(?:liber|dispens)(?:a|ar|e) (?:o|a) [a-z]+ (?:n[ao]|em|dia|amanha|segunda|terca|quarta|quinta|"
    r"sexta|"
    r"sabado))\b"
)


# `em janeiro, do dia 10 ao 25`
_MONTH_FIRST: Final = (
    r"\b(?:em|no mes de|de) (?P<m>janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|"
    r"dezembro)"
    r"[,:]? (?:de |do |entre )?(?:o )?(?:dia )?(?P<a>\d{1,2}) (?:a|ao|ate|e|"
    r"ate o) (?:o )?(?:dia )?(?P<b>\d{1,2})\b(?! de)"
)


# `ninguém faltou`, `o João não faltou`: told, and denied.
_NOBODY_ABSENT: Final = (
    r"\b(?:ninguem|nenhum\w*(?: [a-z]+)?|nao|nunca|nem) (?:me |mais |tinha |tem |vai )?(?:falt\w+|se ausentou)\b"
    r"|\bnao falt\w+ ninguem\b"
)
_MOST_DAYS: Final = 7


def parse_absence(text: Text, today: date) -> Interpretation | None:
    verb = None if text.has(_NOBODY_ABSENT) else text.find(ABSENT)
    noun = text.find(_ABSENCE_NOUN)
    if not verb and (
        not (
            noun
            and text.has(
                r"\b(?:registr|lanc|anot|bot|aplic|marc|coloc|cadastr|inclu|poe|da falta|adicion|avis|inform|comunic"
                r"|houve|quero|"
                r"preciso)\w*\b|^(?:a |uma )?(?:falta|ausencia|atestado)\b|\blevou falta|\btomou "
                r"falta|\bteve falta|\btem atestado|\b(?:chegou|recebi|trouxe|entregou|segue|mandou) (?:um |"
                r"o )?atestado"
            )
        )
    ):
        return None
    if text.has(
        r"\b(?:quem|quant[oa]s|quais|cade)\b|\bfalta de (?!hoje|ontem|anteontem)|\bfalta "
        r"(?:receber|pagar|comprar|entrar|vender|cair|quanto|pouco|so)\b|\bfaltou (?:luz|"
        r"agua|energia|material|farinha|internet|dinheiro|pagar|produto|troco|mercadoria|"
        r"peca|comprar|um|uma|\d)|\bnao (?:vem|veio) (?:nota|com|o|a|mais nenhum)\b|\bcliente "
        r"(?:nao|faltou)|\bpacient|\bsem falta\b|\bfaz falta\b|\bfornecedor nao|"
        r"\b(?:pneu|camara|mangueira|cliente|produto|dinheiro|pix|mercadoria|estoque|sinal|chave|celular|"
        r"pedido)s? (?:furou|sumiu)"
    ):
        return None
    if verb and text.has(r"\bse (?:o |a )?\w+ (?:faltar|nao vier)\b"):
        return None
    prefer_future = text.has(
        r"\b(?:vai|vao|vou) (?:faltar|estar|ficar)|\bnao (?:vem|vai|vira|pode|vou|consegue|"
        r"consigo)\b"
    ) and not text.has(r"\bnao pode vir\b.{0,25}\b(?:foi|teve|tava|estava|ficou)\b")
    days = read_days(text, today, prefer="future" if prefer_future else "past")
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    employee = _absentee(text, verb.start() if verb else None, noun.end() if noun else None)
    if employee:
        args["employee"] = employee
    else:
        missing.append("employee")
    flaw = None
    if any(w.kind == "impossible" for w in days):
        missing.append("date")
        flaw = "impossible_date"
    else:
        told = _days_absent(text.plain, days, today)
        args |= {"date": told[0].isoformat()} if told else {}
        missing += () if told else ("date",)
    if reason := absence_reason(text):
        args["reason"] = reason
    others = _other_absentees(text, verb.start(), employee) if verb and employee else []
    too = rx(r"(?:\be|,) (?:(?:o|a|seu|dona) )?(?P<n>[a-z]+(?: [a-z]+)?) tambem\b").search(
        text.plain, verb.end() if verb else 0
    )
    if too and employee and (another := name_after(text, too.start("n"))) and another != employee:
        others.insert(0, another)
    drafts = [Draft("register_absence", {**args, "employee": name}, tuple(missing), flaw) for name in others]
    drafts.append(Draft("register_absence", args, tuple(missing), flaw))
    if flaw is None and "date" in args:
        more = [day.isoformat() for day in told[1:]]
        drafts = [replace(d, args={**d.args, "date": day}) for d in drafts for day in (d.args["date"], *more)]
    return for_tool(*drafts)


def _days_absent(plain: str, days: Sequence[When], today: date) -> list[date]:
    """Every day that the message names, today without any; none where it must be asked (`semana passada`)."""
    told = [w for w in days if w.kind == "day" or not rx(r"\b(?:semana|mes|ano)\b").search(plain[w.start : w.end])]
    if not told:
        return [] if any(w.last < today for w in days) else [today]
    found = {w.first + timedelta(days=n) for w in told for n in range(min((w.last - w.first).days, _MOST_DAYS) + 1)}
    return sorted(found) if len(found) <= _MOST_DAYS else []


def _absentee(text: Text, verb: int | None, noun: int | None) -> str | None:
    if verb is not None:
        stated = rx(
            r"\b(?:ligou|avisou|disse|falou|mandou|informou|pediu|acordou|amanheceu|teve|passou|"
            r"escreveu|me|esta)\b"
        ).search(text.plain[:verb])
        found = (name_before(text, stated.start()) if stated else None) or name_before(text, verb)
        if found:
            return found
        match = rx(ABSENT).match(text.plain, verb)
        after = name_after(text, match.end()) if match else None
        if after:
            return after
    if noun is not None:
        match = rx(
            r"\s*(?:hoje |ontem |anteontem |de hoje |de ontem )?(?:d[aeo]|pr[ao]|para [ao]?|"
            r"ao?|no|na|:)\s+"
        ).match(text.plain, noun)
        if match and (found := name_after(text, match.end(), loose=True)):
            return found
        match = rx(r"\b(?:pr[ao]|para [ao]|d[ao]|no|na|ao)\s+(?=[a-z])").search(text.plain, noun)
        if match and (found := name_after(text, match.end())):
            return found
    return any_name(text)


def _other_absentees(text: Text, verb: int, last: str) -> list[str]:
    """`a Maria e o João faltaram`: the names before the one next to the verb."""
    if not rx(r"(?:faltaram|nao vieram|nao virao|nao vem|vao faltar|nao apareceram|estao)").match(text.plain, verb):
        return []
    names: list[str] = []
    for part in rx(r"(?:^|\b)(?:(?:o|a|seu|dona)\s+)?([a-z][a-z ]{1,40}?)\s*(?:,|\be\b)").finditer(text.plain[:verb]):
        found = name_after(text, part.start(1))
        if found and found != last:
            names.append(found)
    return names


def absence_reason(text: Text) -> str | None:
    match = text.find(
        r"\b(?:porque|pois|motivo:?|por causa d[aeo]|por conta d[aeo]|alegando|devido a[o]?|"
        r"justificativa:?)\s+(?P<r>[^.;\n]{3,80})"
    )
    if match:
        return text.original(match.start("r"), match.end("r"))
    match = text.find(
        r"\b(?:sem justificativa|sem avisar|sem aviso|atestado(?: medico)?|doente|gripad[oa]|"
        r"dengue|covid|febre|virose|passou mal|consulta|luto|acidente|(?:foi|vai|ta|esta) "
        r"(?:no|ao|pro|para o) (?:medico|hospital|dentista)|problemas? (?:de|com) \w+|filho "
        r"doente|medico)\b"
    )
    return text.original(match.start(), match.end()) if match else None


def parse_time_off(text: Text, today: date) -> Interpretation | None:
    if not text.has(TIME_OFF) or text.has(
        r"\b(?:quem|quant[oa]s|quando|qual|quais|saldo|paguei|pagamos|pagar|recebi|recibo|"
        r"calcul\w+|adiantamento|direito a|terco|vencid\w+|voltou d|voltei d|cancel\w+|politica|"
        r"regra)\b"
    ):
        return None
    if (
        text.has(r"\blicenca\b")
        and (
            not text.has(
                r"\blicenca (?:maternidade|paternidade|medica|premio|gala|nojo|casamento)|\b(?:tirar|"
                r"pedir|pediu|de|entrar de) licenca|\blicenca d[aeo] [a-z]+|\b(?:ferias|folga)\b"
            )
        )
    ) or text.has(r"\b(?:licenca de (?:software|uso|funcionamento)|com licenca)\b"):
        return None
    args: dict[str, JsonValue] = {}
    if employee := _person_on_leave(text):
        args["employee"] = employee
    period = time_off_period(text, today)
    missing: tuple[str, ...] = ()
    if period:
        args["start"], args["end"] = (period[0].isoformat(), period[1].isoformat())
    else:
        missing = ("start", "end")
        begun = time_off_start(text, today)
        if begun:
            args["start"], missing = (begun.isoformat(), ("end",))
    impossible = any(w.kind == "impossible" for w in read_days(text, today, prefer="future"))
    return for_tool(Draft("request_time_off", args, missing, "impossible_date" if impossible else None))


def _person_on_leave(text: Text) -> str | None:
    verb = text.find(
        r"\b(?:quer|queria|pediu|pede|vai tirar|vai sair|vai folgar|vai estar|vai ter|vai "
        r"entrar|vai pegar|vai ficar|precisa|solicitou|solicita|tira|tirou|tirar|sai|entra|"
        r"esta pedindo|ta pedindo|folga|folgou|marcou|esta de|fica de|pode tirar|gostaria|"
        r"pegou|estara|tera|tem)\b"
    )
    if verb and (found := name_before(text, verb.start())) and (found.lower() not in ("eu", "vou")):
        return found
    for match in rx(r"\b(?:pr[ao]|para (?:[ao] )?|d[ao]|ao)\s+(?=[a-z])").finditer(text.plain):
        if found := name_after(text, match.end()):
            return found
    noun = text.find(r"\b(?:ferias|folga|licenca)\s+(?:d[aeo]\s+|pr[ao]\s+|para\s+)?(?=[a-z])")
    if noun and (found := name_after(text, noun.end())):
        return found
    return any_name(text)


def time_off_period(text: Text, today: date) -> tuple[date, date] | None:  # noqa: PLR0911 - an ordered list of rules
    """First and last day off, or None when either is unknown."""
    named_month = text.find(_MONTH_FIRST)
    if named_month:
        stated = rx(_MONTH_FIRST).sub(r"de \g<a> a \g<b> de \g<m>", text.plain, count=1)
        return time_off_period(normalize(stated), today)
    days = read_days(text, today, prefer="future")
    if any(w.kind == "impossible" for w in days):
        return None
    ranges = [w for w in days if w.kind == "range"]
    exact = list({w.first: w for w in days if w.kind == "day"}.values())
    back = text.find(r"\b(?:volt|retorn)\w+\b")
    if len(exact) == 2 and back and exact[0].start < back.start() < exact[1].start and exact[0].first < exact[1].first:
        return exact[0].first, exact[1].first - timedelta(days=1)
    length = rx(r"\b(\d{1,3}|" + "|".join(COUNTS) + r")\s+(dias?|semanas?|mes|meses)\b").search(text.plain)
    if (
        length
        and exact
        and (not rx(r"\bdaqui\s+(?:a\s+)?$").search(text.plain[: length.start()]))
        and (not any(w.start <= length.start() < w.end for w in exact))
    ):
        return (exact[0].first, _last_day(exact[0].first, _number(length.group(1)), length.group(2)))
    if ranges:
        return _whole_range(text, ranges[0], today)
    if not exact:
        return None
    if len(exact) == 2 and timedelta(0) < exact[1].first - exact[0].first <= (
        timedelta(days=1) if text.has(r"\be\b") else timedelta(days=60)
    ):
        return (exact[0].first, exact[1].first)
    if len(exact) > 1:
        return None
    if text.has(r"\bferias\b|\ba partir d|\bcomecando\b|\brecesso\b|\bdesde\b") and (
        not text.has(r"\bfolga|\b(?:1|um) dia\b")
    ):
        return None
    return (exact[0].first, exact[0].first)


def _whole_range(text: Text, mention: When, today: date) -> tuple[date, date] | None:
    phrase = text.plain[mention.start : mention.end]
    whole_month = (
        mention.first.day == 1
        and (mention.last - mention.first).days >= 27
        and (not rx(r"\d").search(phrase.replace(str(mention.first.year), "")))
    )
    if whole_month and (not text.has(r"\b(?:inteiro|todo|toda|o mes de|mes que vem)\b")):
        return None
    if "semana" in phrase and mention.first < today:
        return None
    return (mention.first, mention.last)


def _number(word: str) -> int:
    return COUNTS.get(word) or int(word)


def _last_day(start: date, count: int, unit: str) -> date:
    if unit.startswith("mes"):
        return add_months(start, min(count, 24)) - timedelta(days=1)
    return start + timedelta(days=max(1, min(count, 400)) * (7 if unit.startswith("semana") else 1) - 1)


def time_off_start(text: Text, today: date) -> date | None:
    exact = [w for w in read_days(text, today, prefer="future") if w.kind == "day"]
    return exact[0].first if len(exact) == 1 else None
