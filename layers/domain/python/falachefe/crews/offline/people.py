"""Staff: absences, time off, new people, the list of the team."""

from datetime import date, timedelta
from typing import Final
from falachefe.crews.offline.amounts import find_amounts
from falachefe.crews.offline.contract import JsonValue
from falachefe.crews.offline.dates import COUNTS, When, add_months, find_dates
from falachefe.crews.offline.drafts import Draft, Reading, for_tool, money
from falachefe.crews.offline.lexicon import FIRST_NAMES
from falachefe.crews.offline.text import Text, rx

_ABSENT: Final = (
    r"\b(?:faltou|faltaram|faltando|vai faltar|vao faltar|vou faltar|falto|nao (?:veio|"
    r"vem|vieram|vira|apareceu|compareceu|vai vir|vai poder vir|pode vir|vai trabalhar|"
    r"foi trabalhar|veio trabalhar|consegue vir|conseguiu vir|pode trabalhar|trabalhou|"
    r"trabalha|chegou pra trabalhar|deu as caras|bateu ponto|vai comparecer|apareceram|"
    r"virao|vou (?:poder )?(?:ir|trabalhar)|vou conseguir (?:ir|trabalhar)|consigo ir|"
    r"fui trabalhar)|(?:esta|estava|ficou|entrou|apresentou|trouxe|pegou|deu|mandou|"
    r"esta com|com|de|entregou)(?: (?:um|de|com|o|no))? atestado|(?:esta|estava|ficou|"
    r"caiu|amanheceu) (?:doente|gripad[oa]|com (?:febre|dengue|covid|gripe|virose)|afastad[oa]|"
    r"de cama|internad[oa]|passando mal)|passou mal|afastad[oa]|ausente|se ausentou|"
    r"teve que (?:ir embora|sair pro medico)|foi (?:pro|ao|no) (?:medico|hospital|pronto "
    r"socorro))\b"
)
_ABSENCE_NOUN: Final = r"\b(?:falta|faltas|ausencia|ausencias|atestado)\b"
_TIME_OFF: Final = (
    r"\b(?:ferias|folga|folgas|folgar|folgo|day off|dayoff|recesso|licenca (?:maternidade|"
    r"paternidade|medica|premio|gala|nojo|casamento)?|descanso semanal|dia livre|dias? "
    r"de descanso|tirar (?:o |um |uns |dois |tres |\d+ )?dias?|abonar|abono|dia off)\b"
)
_HIRE: Final = (
    r"\b(?:contratei|contratamos|contratou|admiti|admitimos|efetivei|efetivamos|nov[oa]s? "
    r"(?:funcionari[oa]|colaborador\w*|contratad[oa]|integrante|empregad[oa]|membro|"
    r"pessoa na equipe|contratacao)|gente nova\b|(?:entrou|chegou|tem) (?:mais )?(?:um|"
    r"uma) (?:nov[oa]|pessoa nova|menin[oa] nov[oa]|gente nova)|(?:comecou|comeca|vai "
    r"comecar|entrou|vai entrar|entra|iniciou|inicia) (?:hoje |ontem |amanha |segunda "
    r")?(?:a trabalhar|na equipe|no time|na empresa|aqui|como)|contratacao d[aeo])\b"
)
_ENROL: Final = (
    r"\b(?:cadastr\w+|adicion\w+|registr\w+|inclu\w+|coloc\w+|inser\w+|bot[ae]r?|poe|"
    r"admit\w+|contrat[ae]r?|cria\w*)\b"
)
_STAFF: Final = (
    r"\b(?:funcionari[oa]s?|colaborador\w*|empregad[oa]s?|equipe|time|quadro|staff|trabalhador\w*|"
    r"pessoal|contratad[oa]s?)\b"
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
        r"com a gente|na equipe|no time|na oficina|no salao|na clinica|hoje)\b|\bquem trabalha\b|"
        r"\bquant[oa]s (?:pessoas|gente) (?:trabalha|tem|tenho|temos)\w*|^(?:lista d[eo]s? "
        r"|minha |a )?(?:funcionarios|equipe|colaboradores)[?!. ]*$"
    )
)
_NOT_NAMES: Final = frozenset(
    """
    hoje ontem amanha anteontem o a os as um uma meu minha seu nosso nossa que e de do da dos das em no na ele ela
    eu voce alguem ninguem gente pessoal todos todo toda funcionario funcionaria funcionarios colaborador
    colaboradora menino menina rapaz moca moco cara pessoa dona seu sr sra dr dra doutor doutora entao oi ola bom
    dia boa tarde noite aviso avisa registra registrar registre marca marcar anota anotar lanca lancar falta
    faltas por favor pra pro para porque pois mas tambem ja nao sim ai aqui la ferias folga quero quer preciso
    precisa pode posso como com sem justificativa atestado doente medico mais outra outro novo nova esse essa este
    esta isso segunda terca quarta quinta sexta sabado domingo feira semana mes ano janeiro fevereiro marco abril
    maio junho julho agosto setembro outubro novembro dezembro padeiro confeiteiro mecanico ajudante auxiliar
    recepcionista gerente atendente vendedor vendedora pedreiro servente eletricista pintor cabeleireira manicure
    veterinario veterinaria tosador caixa estagiario estagiaria motorista entregador cozinheiro cozinheira garcom
    faxineira secretaria balconista esteticista mestre obras equipe time empresa loja tirar marcar agendar
    programar solicitar pedir solicitou pediu foi vai era nome cargo salario cadastra cadastrar adiciona adicionar
    inclui incluir coloca colocar contratei contratamos admiti funcao chama chamado chamada ter dar dias dia
    periodo inteiro ligou dizendo avisou avisando disse falou mandou informou informando escreveu mensagem ligando
    falando faltou nem so eles elas quem qual quando dele dela ok certo ta beleza informo informar comunicado
    comunicar ausencia gostaria queria favor tudo bem chefe senhor senhora ao aos
    """.split()
)
_SURNAMES: Final = frozenset(
    (
        "silva souza sousa santos oliveira lima pereira ferreira costa rodrigues almeida "
        "nascimento alves carvalho araujo ribeiro gomes martins barbosa rocha dias moreira "
        "nunes mendes freitas cardoso teixeira correia\n    moraes melo castro pinto cavalcanti "
        "monteiro moura batista campos andrade vieira borges machado lopes fernandes duarte "
        "reis ramos aparecida"
    ).split()
)
_POSITION: Final = (
    r"(?:\bcargo\s*(?:de\b|e\b|:|=|como\b|sera\b)?\s*|\bfuncao\s*(?:de\b|e\b|:|sera\b)?\s*|"
    r"\b(?:pra|para|pro) (?:o cargo de|cargo de|a vaga de|vaga de|a funcao de|ser|trabalhar "
    r"(?:como|de|na|no)|atuar como|a area de)\s*|\bno cargo de\s*|\bna (?:funcao|vaga) "
    r"de\s*|\bvai ser (?:o |a |nosso |nossa )?|\bvai trabalhar (?:como|de|na|no)\s*|"
    r"\bcomo (?:o |a |um |uma |novo |nova |nosso |nossa )?|\btrabalhar (?:como|de)\s*|"
    r"\bpr[ao]\s+(?!trabalh|nossa|ca|equipe|time|gente|empresa|loja)|\bde\s+)(?P<p>[a-z][a-z\- ]{2,60}?)(?=\s"
    r"*(?:$|[,.;:()\n\d?!¦]|\br\$|\bcom\b|\bpor\b|\bganhando\b|\bsalario\b|\brecebendo\b|"
    r"\ba partir\b|\bdesde\b|\bhoje\b|\bontem\b|\bamanha\b|\bna equipe\b|\bno time\b|"
    r"\be (?:o |vai|salario|ganha)|\bque\b|\bpra\b|\bpro\b|\bpara\b|\bno valor\b|\bcomeca\w*|"
    r"\bvai\b|\bna (?:loja|empresa|clinica|padaria|oficina)\b|\bcom inicio\b|\bmil\b|"
    r"\bpagando\b|\bem\b|\bsegunda\b|\bno sistema\b))"
)


def read_people(text: Text, today: date) -> Reading | None:
    """The HR request in the message, or None."""
    if text.has(r"\b(?:campanha|promocao|orcamento)\b|\b(?:abr\w+|cri\w+|um|o|novo) chamado\b(?! [a-z]+,)"):
        return None
    if text.has(
        (
            r"^(?:\W|oi|ola|por favor|e)*\b(?:quem|quant[oa]s|quais|list\w*|mostr\w*|ver|relacao|"
            r"me (?:mostra|fala|diz|manda))\b"
        )
    ) and (listed := _read_list(text, today)):
        return listed
    for reader in (_read_hire, _read_time_off, _read_absence, _read_list):
        reading = reader(text, today)
        if reading:
            return reading
    return None


def _tokens(text: Text) -> list[tuple[str, int, int]]:
    return [(m.group(), m.start(), m.end()) for m in rx(r"[a-z][a-z'\-]*|[^\sa-z]").finditer(text.plain)]


def _named(text: Text, token: tuple[str, int, int]) -> bool:
    """Written with a capital among small letters, or a name everybody knows."""
    written = text.original(token[1], token[2])
    shouted = text.raw.isupper()
    return written[:1].isupper() and (not shouted) or token[0] in FIRST_NAMES or token[0] in _SURNAMES


def person_name(written: str) -> str:
    """As written, with capitals where the author left them out."""
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


def _usable(word: str) -> bool:
    return word[0].isalpha() and word not in _NOT_NAMES and (len(word) > 1)


def name_after(text: Text, place: int, *, loose: bool = False) -> str | None:
    """The name that begins at or just after `place`, skipping articles and titles. `loose` takes an unknown first word."""
    tokens = [t for t in _tokens(text) if t[1] >= place]
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
    }
    i = 0
    while i < len(tokens) and i < 5 and (tokens[i][0] in skip):
        i += 1
    if i >= len(tokens) or not _usable(tokens[i][0]) or (not (loose or _named(text, tokens[i]))):
        return None
    return person_name(text.original(tokens[i][1], _name_end(text, tokens, i)))


def _name_end(text: Text, tokens: list[tuple[str, int, int]], i: int) -> int:
    end, j = (tokens[i][2], i + 1)
    while j < len(tokens) and j < i + 6:
        if (
            tokens[j][0] in ("da", "de", "do", "dos", "das")
            and j + 1 < len(tokens)
            and _usable(tokens[j + 1][0])
            and _strictly_named(text, tokens[j + 1])
        ):
            end, j = (tokens[j + 1][2], j + 2)
        elif _usable(tokens[j][0]) and _strictly_named(text, tokens[j]):
            end, j = (tokens[j][2], j + 1)
        else:
            break
    return end


def _strictly_named(text: Text, token: tuple[str, int, int]) -> bool:
    written = text.original(token[1], token[2])
    return written[:1].isupper() and (not text.raw.isupper()) or token[0] in _SURNAMES or token[0] in FIRST_NAMES


def name_before(text: Text, place: int) -> str | None:
    """The subject that ends right before `place`: `o joão`, `Ana Paula`, `a Maria da Silva`."""
    tokens = [t for t in _tokens(text) if t[2] <= place]
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
        and _usable(tokens[j - 1][0])
        and (len(tokens) - j < 4)
        and (j == len(tokens) or _named(text, tokens[j - 1]) or (not _named(text, tokens[j])))
    ):
        j -= 1
        if (
            j > 1
            and tokens[j - 1][0] in ("da", "de", "do", "dos")
            and _usable(tokens[j - 2][0])
            and _named(text, tokens[j - 2])
        ):
            j -= 1
    chosen = tokens[j:]
    if not chosen or (len(chosen) > 1 and (not any((_named(text, t) for t in chosen)))):
        return None
    named = [t for t in chosen if _named(text, t)]
    start = named[0][1] if named else chosen[0][1]
    article = j > 0 and tokens[j - 1][0] in ("o", "a", "seu", "dona", "funcionario", "funcionaria")
    if not named and (not article) and (j > 0):
        return None
    return person_name(text.original(start, chosen[-1][2]))


def any_name(text: Text) -> str | None:
    """The first thing in the message that is surely a name."""
    for i, token in enumerate((tokens := _tokens(text))):
        sentence_start = i == 0 or tokens[i - 1][0] in (".", "!", "?", ":", "\n")
        if not _usable(token[0]):
            continue
        known = token[0] in FIRST_NAMES
        if known or (_named(text, token) and (not sentence_start)):
            return person_name(text.original(token[1], _name_end(text, tokens, i)))
    return None


def _read_absence(text: Text, today: date) -> Reading | None:
    verb = text.find(_ABSENT)
    noun = text.find(_ABSENCE_NOUN)
    if not verb and (
        not (
            noun
            and text.has(
                (
                    r"\b(?:registr|lanc|anot|marc|coloc|cadastr|inclu|poe|da falta|adicion|avis|quero|"
                    r"preciso)\w*\b|^(?:a |uma )?(?:falta|ausencia|atestado)\b|\blevou falta|\btomou "
                    r"falta|\bteve falta|\btem atestado"
                )
            )
        )
    ):
        return None
    if text.has(
        (
            r"\b(?:quem|quant[oa]s|quais|cade)\b|\bfalta de (?!hoje|ontem|anteontem)|\bfalta "
            r"(?:receber|pagar|comprar|entrar|vender|cair|quanto|pouco|so)\b|\bfaltou (?:luz|"
            r"agua|energia|material|farinha|internet|dinheiro|pagar|produto|troco|mercadoria|"
            r"peca|comprar|um|uma|\d)|\bnao (?:vem|veio) (?:nota|com|o|a|mais nenhum)\b|\bcliente "
            r"(?:nao|faltou)|\bpacient|\bsem falta\b|\bfaz falta\b|\bfornecedor nao"
        )
    ):
        return None
    if verb and text.has(r"\bse (?:o |a )?\w+ (?:faltar|nao vier)\b"):
        return None
    prefer_future = text.has(
        (
            r"\b(?:vai|vao|vou) (?:faltar|estar|ficar)|\bnao (?:vem|vai|vira|pode|vou|consegue|"
            r"consigo)\b"
        )
    )
    days = [w for w in find_dates(text.plain, today, "future" if prefer_future else "past") if w.kind != "range"]
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    employee = _absent_person(text, verb.start() if verb else None, noun.end() if noun else None)
    if employee:
        args["employee"] = employee
    else:
        missing.append("employee")
    flaw = None
    if any((w.kind == "impossible" for w in days)):
        missing.append("date")
        flaw = "impossible_date"
    else:
        args["date"] = (days[0].start if days else today).isoformat()
    if reason := absence_reason(text):
        args["reason"] = reason
    return for_tool(Draft("register_absence", args, tuple(missing), flaw))


def _absent_person(text: Text, verb: int | None, noun: int | None) -> str | None:
    if verb is not None:
        told = rx(
            (
                r"\b(?:ligou|avisou|disse|falou|mandou|informou|pediu|acordou|amanheceu|teve|passou|"
                r"escreveu|me|esta)\b"
            )
        ).search(text.plain[:verb])
        found = (name_before(text, told.start()) if told else None) or name_before(text, verb)
        if found:
            return found
        match = rx(_ABSENT).match(text.plain, verb)
        after = name_after(text, match.end()) if match else None
        if after:
            return after
    if noun is not None:
        match = rx(
            (
                r"\s*(?:hoje |ontem |anteontem |de hoje |de ontem )?(?:d[aeo]|pr[ao]|para [ao]?|"
                r"ao?|no|na|:)\s+"
            )
        ).match(text.plain, noun)
        if match and (found := name_after(text, match.end(), loose=True)):
            return found
        match = rx(r"\b(?:pr[ao]|para [ao]|d[ao]|no|na|ao)\s+(?=[a-z])").search(text.plain, noun)
        if match and (found := name_after(text, match.end())):
            return found
    return any_name(text)


def absence_reason(text: Text) -> str | None:
    match = text.find(
        (
            r"\b(?:porque|pois|motivo:?|por causa d[aeo]|por conta d[aeo]|alegando|devido a[o]?|"
            r"justificativa:?)\s+(?P<r>[^.;\n]{3,80})"
        )
    )
    if match:
        return text.original(match.start("r"), match.end("r"))
    match = text.find(
        (
            r"\b(?:sem justificativa|sem avisar|sem aviso|atestado(?: medico)?|doente|gripad[oa]|"
            r"dengue|covid|febre|virose|passou mal|consulta|luto|acidente|(?:foi|vai|ta|esta) "
            r"(?:no|ao|pro|para o) (?:medico|hospital|dentista)|problemas? (?:de|com) \w+|filho "
            r"doente|medico)\b"
        )
    )
    return text.original(match.start(), match.end()) if match else None


def _read_time_off(text: Text, today: date) -> Reading | None:
    if not text.has(_TIME_OFF) or text.has(
        (
            r"\b(?:quem|quant[oa]s|quando|qual|quais|saldo|paguei|pagamos|pagar|recebi|recibo|"
            r"calcul\w+|adiantamento|direito a|terco|vencid\w+|voltou d|voltei d|cancel\w+|politica|"
            r"regra)\b"
        )
    ):
        return None
    if (
        text.has(r"\blicenca\b")
        and (
            not text.has(
                (
                    r"\blicenca (?:maternidade|paternidade|medica|premio|gala|nojo|casamento)|\b(?:tirar|"
                    r"pedir|pediu|de|entrar de) licenca|\blicenca d[aeo] [a-z]+|\b(?:ferias|folga)\b"
                )
            )
        )
        or text.has(r"\b(?:licenca de (?:software|uso|funcionamento)|com licenca)\b")
    ):
        return None
    args: dict[str, JsonValue] = {}
    if employee := _vacationer(text):
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
    impossible = any((w.kind == "impossible" for w in find_dates(text.plain, today, "future")))
    return for_tool(Draft("request_time_off", args, missing, "impossible_date" if impossible else None))


def _vacationer(text: Text) -> str | None:
    verb = text.find(
        (
            r"\b(?:quer|queria|pediu|pede|vai tirar|vai sair|vai folgar|vai estar|vai ter|vai "
            r"entrar|vai pegar|vai ficar|precisa|solicitou|solicita|tira|tirou|tirar|sai|entra|"
            r"esta pedindo|ta pedindo|folga|folgou|marcou|esta de|fica de|pode tirar|gostaria|"
            r"pegou|estara|tera|tem)\b"
        )
    )
    if verb and (found := name_before(text, verb.start())) and (found.lower() not in ("eu", "vou")):
        return found
    for match in rx(r"\b(?:pr[ao]|para (?:[ao] )?|d[ao]|ao)\s+(?=[a-z])").finditer(text.plain):
        if found := name_after(text, match.end()):
            return found
    match = text.find(r"\b(?:ferias|folga|licenca)\s+(?:d[aeo]\s+|pr[ao]\s+|para\s+)?(?=[a-z])")
    if match and (found := name_after(text, match.end())):
        return found
    return any_name(text)


def time_off_period(text: Text, today: date) -> tuple[date, date] | None:
    """First and last day off, when both can be told."""
    days = find_dates(text.plain, today, "future")
    if any((w.kind == "impossible" for w in days)):
        return None
    ranges = [w for w in days if w.kind == "range"]
    exact = [w for w in days if w.kind == "day"]
    length = rx(r"\b(\d{1,3}|" + "|".join(COUNTS) + r")\s+(dias?|semanas?|mes|meses)\b").search(text.plain)
    if (
        length
        and exact
        and (not rx(r"\bdaqui\s+(?:a\s+)?$").search(text.plain[: length.start()]))
        and (not any((w.a <= length.start() < w.b for w in exact)))
    ):
        return (exact[0].start, _last_day(exact[0].start, _number(length.group(1)), length.group(2)))
    if ranges:
        return _whole_range(text, ranges[0], today)
    if not exact:
        return None
    if len(exact) == 2 and timedelta(0) < exact[1].start - exact[0].start <= (
        timedelta(days=1) if text.has(r"\be\b") else timedelta(days=60)
    ):
        return (exact[0].start, exact[1].start)
    if len(exact) > 1:
        return None
    if text.has(r"\bferias\b|\ba partir d|\bcomecando\b|\brecesso\b|\bdesde\b") and (
        not text.has(r"\bfolga|\b(?:1|um) dia\b")
    ):
        return None
    return (exact[0].start, exact[0].start)


def _whole_range(text: Text, when: When, today: date) -> tuple[date, date] | None:
    said = text.plain[when.a : when.b]
    whole_month = (
        when.start.day == 1
        and (when.end - when.start).days >= 27
        and (not rx(r"\d").search(said.replace(str(when.start.year), "")))
    )
    if whole_month and (not text.has(r"\b(?:inteiro|todo|toda|o mes de|mes que vem)\b")):
        return None
    if "semana" in said and when.start < today:
        return None
    return (when.start, when.end)


def _number(word: str) -> int:
    return COUNTS.get(word) or int(word)


def _last_day(start: date, count: int, unit: str) -> date:
    if unit.startswith("mes"):
        return add_months(start, min(count, 24)) - timedelta(days=1)
    return start + timedelta(days=max(1, min(count, 400)) * (7 if unit.startswith("semana") else 1) - 1)


def time_off_start(text: Text, today: date) -> date | None:
    exact = [w for w in find_dates(text.plain, today, "future") if w.kind == "day"]
    return exact[0].start if len(exact) == 1 else None


def _read_hire(text: Text, today: date) -> Reading | None:
    hired = text.find(_HIRE)
    enrolled = text.find(_ENROL) if not hired else None
    staffed = text.has(_STAFF)
    if (
        text.has(_ABSENT)
        or text.has(_TIME_OFF)
        or text.has(
            (
                r"\b(?:falta|atestado|despesa|receita|gasto|gastei|paguei|recebi|vale|adiantamento|"
                r"cliente)\b"
            )
        )
    ):
        return None
    if text.has(
        (
            r"\b(?:como|quando|quanto)\b.{0,12}\bcontrat\w+|\b(?:devo|vale a pena|compensa|quero|"
            r"pretendo|vou|preciso) (?:\w+ )?contratar\b|\bcontrat\w+ (?:um |o )?(?:servico|"
            r"plano|seguro|sistema|internet|emprestimo)\b"
        )
    ):
        return None
    if not hired:
        if not enrolled:
            return None
        candidate = name_after(text, enrolled.end())
        named = candidate is not None and text.has(
            (
                r",|\bcomo\b|\bcargo\b|\bfuncao\b|\bsalario\b|\bna (?:equipe|vaga)\b|\bganhando\b|"
                r"\bde [a-z]+eir[oa]\b"
            )
        )
        if not (staffed or named) or (find_amounts(text.plain) and (not (named or staffed))):
            return None
    args, missing = hire_args(text, today, (hired or enrolled).end() if hired or enrolled else 0)
    return for_tool(Draft("add_employee", args, missing))


def hire_args(text: Text, today: date, place: int) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """Name, position and salary told by the text; what must still be asked."""
    args: dict[str, JsonValue] = {}
    name = _new_name(text, place)
    position = _position(text, name)
    if name:
        args["name"] = name
    if position:
        args["position"] = position
    days = find_dates(text.plain, today, "past")
    amounts = find_amounts(text.plain, [(w.a, w.b) for w in days])
    missing = [field for field in ("name", "position") if field not in args]
    sound = [a for a in amounts if a.flaw is None or a.flaw == "each"]
    if len({a.value for a in sound}) == 1 and len(sound) == len(amounts):
        args["salary"] = money(sound[0].value)
    elif amounts:
        missing.append("salary")
    return (args, tuple(missing))


def _new_name(text: Text, place: int) -> str | None:
    label = text.find(r"\bnome\s*(?:e|:|=|dele e|dela e|completo:?)?\s+")
    if label and (found := name_after(text, label.end(), loose=True)):
        return found
    if found := name_after(text, place):
        return found
    match = text.find(r"\b(?:chamad[oa]|se chama)\s+(?=[a-z])|(?::)\s*(?=[a-z])")
    if match and (found := name_after(text, match.end())):
        return found
    begun = text.find(_HIRE)
    if begun and (found := name_before(text, begun.start())):
        return found
    return any_name(text)


def _position(text: Text, name: str | None) -> str | None:
    """After `como`, `cargo`, `de`; or set off by commas; or before the name (`a manicure Carla`)."""
    plain, hide = (text.plain, [])
    if name:
        found = rx(r"\b" + _folded(name) + r"\b").search(plain)
        if found:
            hide.append(found.span())
            after = rx(
                (
                    r"\s*(?:,|-|\(|:)\s*(?!(?:salario|com|por|ganhando|cargo|funcao|comeca|para|pra|"
                    r"que|como|de|vai|a partir|inicio)\b)(?P<p>[a-z][a-z\- ]{2,50}?)(?=\s*(?:$|[,.;()\n\d]|"
                    r"\br\$|\bcom\b|\bpor\b|\bganhando\b|\bsalario\b|\brecebendo\b|\ba partir\b|\bmil\b))"
                )
            ).match(plain, found.end())
            if after and (not rx(r"^(?:na|no|equipe|hoje|ontem)\b").match(after.group("p"))):
                return text.original(after.start("p"), after.end("p"))
            plain = plain[: found.start()] + "¦" * (found.end() - found.start()) + plain[found.end() :]
    for match in rx(_POSITION).finditer(plain):
        said = match.group("p").strip()
        if said in (
            "funcionario",
            "funcionaria",
            "colaborador",
            "colaboradora",
            "novo funcionario",
            "nova funcionaria",
        ) or rx("^(?:hoje|ontem|um|uma|ele|ela|funcionari|salario|equipe|trabalho)").match(said):
            continue
        return text.original(match.start("p"), match.end("p"))
    before = rx(
        (
            r"\b(?:o|a|um|uma|nov[oa]) (?!funcionari|colaborador|contratad|integrante|empregad|"
            r"equipe|pessoa)(?:nov[oa] )?(?P<p>[a-z][a-z\-]{3,}(?: de [a-z]+)?)\s*(?:,|:|chamad[oa]|"
            r"¦)"
        )
    ).search(plain)
    return text.original(before.start("p"), before.end("p")) if before else None


def _folded(name: str) -> str:
    from falachefe.crews.offline.text import fold

    return fold(name).replace("-", r"\-").replace("'", r"\'")


def _read_list(text: Text, _: date) -> Reading | None:
    if not text.has(_LIST) or text.has(
        (
            r"\b(?:quanto|salario|paguei|gastei|folha de pagamento|gastos|falt\w+|despesas?|"
            r"reuniao)\b|\bpessoal\b.{0,20}\b(?:cliente|promo)"
        )
    ):
        return None
    return for_tool(Draft("list_employees"), confidence=0.9)
