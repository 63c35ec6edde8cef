"""Parses marketing requests: campaigns to the company's customers, their results, ideas for posts."""

from typing import Final

from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.text.normalize import Text, rx
from falachefe.language.types import JsonValue

_CAMPAIGN: Final = (
    r"\b(?:campanhas?|promoc(?:ao|oes)|disparos?|divulgac(?:ao|oes)|mensagem em massa|"
    r"dispar(?:a|ar|e) (?:uma |a )?mensagem|lista de transmissao|acao de marketing|email marketing)\b"
)
_AUDIENCE: Final = (
    r"\b(?:(?:meus |os |as |minhas |nossos |todos os |todas as |dos |pr[ao]s |aos |para "
    r"os )?(?:clientes?|clientela|freguesia|fregueses|contatos|tutores|pacientes|alunos)|"
    r"todo mundo|pra todos|para todos|(?:a |minha |toda a )?base(?: toda| inteira| de "
    r"clientes)?|pra galera|pr[ao]s (?:inativos|ativos|novos|sumidos|antigos)|(?:inativos|"
    r"sumidos)|pr[ao]s novat[oa]s|(?:reativar|resgatar|reconquistar) (?:quem|os que|a turma que)|(?:pr[ao]s?|para|"
    r"a) (?:galera |"
    r"turma |gente |pessoal |povo )?(?:quem|que) (?:nao|ja|sempre|"
    r"comprou|compra|sumiu|parou|esta|veio|vem|faz|ha|fez))\b"
)
_CREATE: Final = (
    r"\b(?:cri[ae]r?|crie|fa[zc]\w*|mont[ae]r?|prepar[ae]r?|dispar[ae]r?|mand[ae]r?|"
    r"envi[ae]r?|lanc[ae]r?|lance|program[ae]r?|agend[ae]r?|quero|queria|preciso|bora|"
    r"vamos|nova|comec\w+|inici\w+|divulg\w+|anunci\w+|avis\w+|comunic\w+|elabor\w+|"
    r"escrev\w+|rod[ae]r?|solt[ae]r?|inform[ae]r?|convid\w+|lembr[ae]r?|cham[ae]r?|faria|"
    r"gostaria|pode|da pra|vou)\b"
)
_SEND: Final = (
    r"\b(?:dispar[ae]r?|mand[ae]r?|mande|envi[ae]r?|avis[ae]r?|avise|comunic\w+|inform[ae]r?|"
    r"reativ\w+|resgat\w+|reconquist\w+|divulg\w+|convid[ae]r?|convide|lembr[ae]r?|lembre|anunci[ae]r?|solt[ae]r?)\b"
)
_LIST: Final = (
    r"\b(?:quais|que|list\w+|mostr\w+|ver|minhas|todas as|tenho|temos|tem|quant[oa]s|cade|"
    r"exib\w+|me (?:da|manda|passa|fala|diz)|quero ver|consult\w+|existem|puxa\w*)\b.{0,30}\b(?:campanhas|"
    r"disparos|promocoes)\b|\bcampanhas (?:ativas|criadas|feitas|enviadas|agendadas|"
    r"em andamento|cadastradas|salvas|passadas|prontas|registradas|no sistema|que (?:eu )?(?:fiz|tenho|criei|"
    r"temos))\b|\b(?:tem|temos|existe|ha|"
    r"tenho)\b.{0,15}\bcampanhas?\b.{0,15}\b(?:rolando|ativas?|no ar|em andamento|agendadas?|"
    r"programadas?|aberta)\b|\bcampanhas? (?:(?:que )?(?:esta|estao|temos|tem|tenho) )?(?:rodando|valendo|rolando"
    r"|ativas?|no ar)|\bcampanhas,? "
    r"(?:quais|qual)\b|\bhistorico de (?:campanhas|promocoes|disparos)\b|^(?:as )?campanhas[?!. ]*$"
)
_RESULT: Final = (
    r"\b(?:resultados?|desempenho|retorno|deu certo|performance|estatisticas?|metricas|"
    r"numeros|relatorio|funcionou|rendeu|deu resultado|bombou|trouxe|gerou|converteu|vingou|balanco|como (?:foi|esta|"
    r"anda|vai|vendeu|ficou|foram|esta indo|saiu|se saiu|que foi)|quant[oa]s (?:pessoas|clientes|"
    r"vendas|gente|mensagens|respostas|respond\w+|abr\w+|visualiz\w+|leram|receberam)?|"
    r"abriram|responderam|alcance|conversao|taxa de (?:abertura|resposta)|quanta gente|deu quanto|(?:atualiza|"
    r"novidade|informac|noticia)\w*|vendeu|respondeu|repercutiu|"
    r"pegou|valeu a pena)\b"
)
_POST: Final = (
    r"\b(?:posts?(?!-?it)|postar|postagem|postagens|story|stories|storys|reels?|legendas?|feed|"
    r"publicac(?:ao|oes)|publicar|conteudos?)\b|\b(?:texto|arte|foto|video|criativo|"
    r"carrossel|frase|chamada)\b.{0,20}\b(?:instagram|facebook|tiktok|redes sociais|"
    r"feed)\b|\bo que (?:eu )?(?:posto|posta)\b|\bposto (?:hoje |algo |alguma coisa "
    r")?(?:no|nas|sobre)\b (?:instagram|facebook|redes|sobre)|\bideias? (?:pro|pra|para "
    r"o) (?:instagram|facebook|tiktok)"
)
_SAYING: Final = (
    r"(?:\b(?:dizendo|falando|avisando|informando|contando|comunicando|lembrando|anunciando|"
    r"oferecendo|com (?:a |o |esta |essa |este |esse |a seguinte |o seguinte )?(?:mensagem|"
    r"texto)|(?:a )?mensagem (?:e|sera|vai ser)|(?:a )?mensagem(?=\s*[:\"])|(?:o )?texto "
    r"(?:e|sera)|(?:o )?texto(?=\s*[:\"])|que diz|que diga|que fala|escrito|escrita|(?:mensagem|recado|texto) assim|"
    r"com os dizeres)\b\s*(?:assim\b|o seguinte\b)?\s*(?:que\b)?\s*[:,\-]?\s*)"
)


def parse_marketing(text: Text) -> Interpretation | None:
    if (
        text.has(_POST)
        and (not (text.has(_AUDIENCE) and text.has(_SEND)))
        and (not text.has(r"\b(?:paguei|gastei|gastamos)\b|\bposto (?:de gasolina|ipiranga|shell)"))
    ):
        return _parse_post(text)
    if text.has(
        r"^(?:\W|hoje |ontem |oi |ola |bom dia )*(?:ja )?(?:gastei|paguei|recebi|vendi|comprei|"
        r"entrou|faturei|investi)\b"
    ):
        return None
    if _asks_results(text):
        return _parse_results(text)
    if text.has(_LIST) and (not text.has(r"\bpromoc\w+ (?:voces|hoje)|\bvoces\b")):
        return for_tool(Draft("list_campaigns"))
    return _parse_campaign(text)


def _asks_results(text: Text) -> bool:
    offset = text.find(r"\b(?:campanha|disparo|promocao)\b")
    asked = text.find(_RESULT)
    if not offset or not asked or text.has(r"\bquant[oa]s campanhas\b"):
        return False
    return (
        asked.start() < offset.start()
        or text.has(r"\?")
        or text.has(r"\b(?:deu certo|funcionou|rendeu|como foi|resultados?)\b")
    )


def _parse_results(text: Text) -> Interpretation:
    name = campaign_name(text)
    if name:
        return for_tool(Draft("campaign_results", {"name": name}))
    return for_tool(Draft("campaign_results", {}, ("name",)))


def _quoted(text: Text, start: int = 0) -> tuple[int, int] | None:
    match = rx(r"\"(?P<q>[^\"\n]{2,})\"|«(?P<r>[^»]{2,})»|(?<!\w)'(?P<s>[^'\n]{2,})'(?!\w)").search(text.plain, start)
    if not match:
        return None
    group = "q" if match.group("q") else "r" if match.group("r") else "s"
    return match.span(group)


def campaign_name(text: Text) -> str | None:
    """The campaign's name: quoted, or the words after `campanha (de)`."""
    called = text.find(r"\b(?:chamad[oa]|com (?:o )?nome(?: de)?|nome|intitulad[oa]|titulo)\s*:?\s*(?:de )?(?=\S)")
    offset = text.find(r"\b(?:campanha|disparo|promocao)\b\s*:?\s*")
    for match in (called, offset):
        if not match:
            continue
        quoted = rx(r"\s*(?:d[aeo]s? )?(?:ontem |hoje |semana passada )?[\"']").match(text.plain, match.end())
        if quoted and (span := _quoted(text, quoted.end() - 1)):
            return text.original(*span)
        words = rx(
            r"(?:d[aeo]s? |n[ao]s? )?(?P<n>[a-z0-9][^,.;:?!\n\"¦]*?)(?=\s*(?:$|[,.;:?!\n\"]|"
            r"\bpr[ao]s?\b|\bpara\b|\bcom\b|\bdizendo\b|\bfalando\b|\bdeu\b|\bfoi\b|\besta\b|"
            r"\bate agora\b|\bfuncionou\b|\bem massa\b|\bno whatsapp\b|\bteve\b|"
            r"\brendeu\b|\b(?:vendeu|teve|pegou|repercutiu|valeu|ja|trouxe|gerou|converteu|vingou|bombou)\b|"
            r"\bmensagem\b|"
            r"\btexto\b|\baos\b|\bsegmento\b|\bhoje\b|\bque\b|\bavisando\b|\bpor favor\b))"
        ).match(text.plain, match.end())
        if (
            words
            and words.group("n")
            not in ("nova", "ultima", "minha", "a ultima", "passada", "de", "do", "da", "anterior", "no", "na", "e")
            and (
                not rx(
                    "^(?:nova|ultima|passad|cliente|inativ|ativ|mes|semana(?! d[oa] [a-z])|ontem|funcion|deu|anterior)"
                ).match(words.group("n"))
            )
        ):
            return text.original(words.start("n"), words.end("n"))
    return None


def _parse_campaign(text: Text) -> Interpretation | None:  # noqa: PLR0911 - an ordered list of rules
    topic = text.find(_CAMPAIGN)
    audience = text.find(_AUDIENCE)
    send = text.find(_SEND)
    create = text.find(_CREATE)
    if (
        topic
        and (not topic.group().startswith("campanha"))
        and (not audience)
        and (
            not (
                create
                and text.has(
                    r"\b(?:cri|faz|fac|mont|dispar|lanc|prepar|divulg|envi|mand)\w*\b.{0,20}\b(?:promoc|disparo|"
                    r"divulg|mensagem em massa|lista de trans)"
                )
            )
        )
    ):
        return None
    spoken = audience is not None and rx(r"^.{0,25}(?::|\")").match(text.plain[audience.end() :]) is not None
    addressed = audience is not None and (
        (send is not None and send.start() < audience.start()) or (create is not None and spoken)
    )
    if not topic and (not addressed):
        return None
    if (
        topic
        and (not create)
        and (not text.has(r":|^(?:uma |nova )?campanha\b|\bcampanha p[ar]"))
        and (not text.has(r"\bcampanha\b"))
    ):
        return None
    if text.has(
        r"\b(?:quanto custa|como (?:faco|fazer|crio|criar)|cancela\w*|paus\w+|apag\w+|exclu\w+)\b.{0,20}\bcampan"
        r"ha|\bvoces (?:tem|fazem|estao)\b.{0,20}\bpromoc"
    ):
        return None
    if not topic and text.has(
        r"\b(?:manda|mande|envia|mandar|enviar)\b.{0,30}\b(?:relatorio|boleto|nota|orcamento|"
        r"lista|fluxo)\b"
    ):
        return None
    if (
        not topic
        and audience
        and (
            not text.has(
                r"\bclientes\b|\btodos?\b|\btodas\b|\bbase\b|\bcontatos\b|\binativos\b|\bsumidos\b|"
                r"\btutores\b|\bpacientes\b|\bgalera\b|\balunos\b|\bfreg|\bclientela\b|\bcada cliente\b|"
                r"\bativos\b|\bnovos\b|\bnovat[oa]s\b|\bantigos\b|\b(?:quem|que) (?:nao|ja|sempre|comprou|compra|"
                r"sumiu|parou|faz|ha)\b"
            )
        )
    ):
        return None
    return for_tool(campaign_draft(text, audience.end() if audience else 0))


def campaign_draft(text: Text, audience_end: int = 0) -> Draft:
    span = _message_span(text, audience_end)
    head = text.plain if span is None else text.plain[: span[0]] + " ¦ " + text.plain[span[1] :]
    args: dict[str, JsonValue] = {"segment": segment_in(head)}
    name = campaign_name(text)
    message = text.original(*span) if span else None
    if message:
        message = message.strip().strip("\"'“”").strip()
    if name and name != message:
        args["name"] = name[:80]
    if not message:
        return Draft("create_campaign", args, ("message",))
    args["message"] = message
    args.setdefault("name", " ".join(message.split()[:5])[:80])
    return Draft("create_campaign", args)


def _message_span(text: Text, audience_end: int) -> tuple[int, int] | None:
    plain = text.plain
    named = rx(r"\b(?:chamad[oa]|nome|campanha)\s*:?\s*(?:d[aeo]s? )?$")
    at = 0
    while span := _quoted(text, at):
        if not named.search(plain[: span[0] - 1]) or rx(r"\bmensagem\b|\btexto\b|\bdizendo\b").search(
            plain[max(0, span[0] - 25) : span[0]]
        ):
            return span
        at = span[1] + 1
    phrase = rx(_SAYING).search(plain)
    colon = rx(r":\s*(?=\S)").search(plain)
    if colon and rx(r"\b(?:nome|titulo|segmento|publico)\s*$").search(plain[: colon.start()]):
        colon = rx(r"\b(?:mensagem|texto)\s*:\s*(?=\S)").search(plain)
    if (
        colon
        and (not (phrase and phrase.start() < colon.start() - 25))
        and (not rx(r"\d$").search(plain[: colon.start()]))
    ):
        return _trimmed(plain, colon.end())
    if phrase and len(plain[phrase.end() :].split()) >= 2:
        return _trimmed(plain, phrase.end())
    stated = rx(r"\s*(?:[a-z]+\s+){0,2}?(?:que|sobre)\s+(?=\S)").match(plain, audience_end) if audience_end else None
    if (
        stated
        and stated.group().strip().endswith("que")
        and rx(_SEND).search(plain)
        and (not rx(r"^(?:nao|sumiram|pararam|compr|estao|estiver|vier|fiz|ja)\w*").match(plain[stated.end() :]))
        and (
            rx(r"\b(?:avis|inform|lembr|comunic)\w+").search(plain[:audience_end])
            or not plain.startswith("tem ", stated.end())
        )
    ):
        return _trimmed(plain, stated.end())
    return None


def _trimmed(plain: str, start: int) -> tuple[int, int] | None:
    body = plain[start:]
    return (start, start + len(body.rstrip())) if len(body.strip()) > 1 else None


def segment_in(plain: str) -> str:
    """The customer segment that the campaign addresses; `all` when none is named."""
    if rx(
        r"\binativ\w*|\bsumid\w*|\bparad[oa]s?\b|\bafastad\w*|\bperdid\w*|\bnao (?:vem|compram?|"
        r"voltam?|voltaram|aparecem?|apareceram|vieram|compraram|retornaram|vem mais)\b|"
        r"\bsumi(?:u|ram)\b|\bparou de\b|\bpararam de\b|\bdeixaram de\b|\bfaz tempo que\b|\bha (?:muito )?tempo "
        r"(?:que )?(?:nao|sem)\b|\bsem (?:comprar|vir|aparecer)\b"
    ).search(plain):
        return "inactive"
    if rx(
        r"\b(?:clientes?|contatos|tutores|pacientes|alunos|publico|segmento|base|fregueses|"
        r"pr[ao]s|dos|aos|os|para|pra|so|somente|apenas|quem e) (?:mais )?(?:nov[oa]s?|novat[oa]s|recentes|"
        r"recem\w*)\b|\bnov[oa]s (?:clientes|contatos|tutores|pacientes|alunos|cadastros|"
        r"fregueses)\b|\bprimeira (?:compra|visita|vez)\b|\bacabaram de (?:chegar|comprar)\b|"
        r"\bchegaram (?:agora|recente)|\brecem[- ]?(?:chegad|cadastrad)\w+|\bsegmento:? "
        r"?(?:new|novos?)\b"
    ).search(plain):
        return "new"
    if rx(
        r"\bativ[oa]s?\b|\bfieis\b|\bfrequentes\b|\bcompram sempre\b|\bvem sempre\b|\bsempre "
        r"(?:vem|compram?)\b|\brecorrentes\b|\bassiduos\b"
    ).search(plain):
        return "active"
    return "all"


def _parse_post(text: Text) -> Interpretation | None:
    if text.has(
        r"\b(?:quanto custa|apag\w+|paguei|impulsion\w+)\b|^\W*(?:foi|deu|custou|saiu|anota|lanca|"
        r"registra)\b.{0,15}\d"
    ):
        return None
    topic = post_topic(text)
    return for_tool(Draft("suggest_post", {"topic": topic or "novidades da empresa"}), confidence=0.9)


def post_topic(text: Text) -> str | None:
    clause = (
        r"(?P<t>[^.;?!\n]{2,100}?)(?=\s*(?:$|[.;?!\n]|,? por favor|,? pf\b|\bno (?:instagram|"
        r"facebook)\b|\bpr[ao] (?:instagram|facebook)\b|\bpro (?:instagram|facebook|tiktok|"
        r"status|feed)\b|\bhoje\s*$|\bpara o instagram\b))"
    )
    for lead in (
        (
            r"\b(?:sobre|falando d[aeo]s?|falando|com o tema(?: d[aeo])?|tema:?|com tema(?: "
            r"d[aeo])?|a respeito d[aeo]s?|divulgando|anunciando|mostrando|assunto:?)\s+(?:[ao]s? "
            r"(?=meu|minha|nos))?"
        ),
        (
            r"\b(?:posts?|postagem|postagens|texto|story|stories|reels?|legenda|publicacao|conteudo|"
            r"publicar|postar|posto)\s*:?\s+(?:pr[ao] |para )?(?:(?:instagram|facebook|feed|"
            r"tiktok|status|o instagram|o facebook|as redes sociais|redes sociais) )?(?:d[aeo]s? "
            r"|pr[ao]s? |para (?:o |a |os |as )?|n[ao] )"
        ),
        r"\b(?:posts?|postagem|legenda|story|reels?|conteudo|texto)\s*:\s*",
    ):
        match = rx(lead + clause).search(text.plain)
        if match and match.group("t") not in (
            "instagram",
            "facebook",
            "feed",
            "hoje",
            "loja",
            "tiktok",
            "empresa",
            "salao",
            "story",
            "stories",
            "status",
            "redes sociais",
        ):
            return text.original(match.start("t"), match.end("t")).strip(" :,\"'")
    return None
