"""Tells messages that try to command the assistant itself from messages that ask it to work.

A message that trips the guard runs no tool at all: what a person writes is data, and data never changes the rules, the
tenant or the permissions. The permissions hold on the server whatever this module thinks.
"""

import base64
import binascii
import re
import unicodedata
from functools import lru_cache
from typing import Final

from falachefe.crews.offline.contract import TOOLS
from falachefe.crews.offline.text import fold, rx, visible

# Far beyond what is ever read for meaning; the rest of a longer text is only ever data.
_SCAN_LIMIT: Final = 6000
# One invisible character inside a word may be a slip of a keyboard; two are concealment.
_HIDDEN_LIMIT: Final = 2
_ORDERS = (
    r"(?:instruc\w*|regras?|ordens|orientac\w*|comandos?|restric\w*|prompts?|diretriz\w*|"
    r"politicas?|limitac\w*|limites?|configurac\w*|programac\w*|treinamento|protocolos?|"
    r"filtros?|travas?|aprovac\w*|permiss\w*|seguranca|tudo (?:o )?que (?:te |lhe )?(?:disse|"
    r"falar|mand|escrev|veio|foi|esta)\w*|tudo (?:acima|antes)|o que (?:te )?(?:disseram|"
    r"mandaram|foi dito|veio antes)|quem voce e|mensagens anteriores|contexto)"
)
_PATTERNS: Final[tuple[str, ...]] = (
    (
        r"\b(?:ignor\w+|esque[cç]\w+|desconsider\w+|desobede\w+|descart\w+|burl\w+|contorn\w+|"
        r"pul[ea]r?\b|desativ\w+|desabilit\w+|desliga\w*|sobrescrev\w+|substitu\w+|viol\w+|"
        r"passe por cima d|nao sig\w+|nao obede\w+|pare de seguir|deixe de seguir|anul\w+|"
        r"apag\w+|remov\w+)\s+(?:(?:de|todas?|todos?|tod\w+|as|os|a|o|suas?|seus?|das?|dos?|"
        r"essas?|esses?|quaisquer|qualquer|minhas|tua|tuas|teu|teus)\s+){0,4}(?:\w+\s+){0,1}"
    )
    + _ORDERS,
    (
        r"\b(?:ignore|disregard|forget|override|bypass|skip|disobey|discard)\b[^.\n]{0,40}\b(?:instruction\w*|"
        r"rules?|prompts?|previous|above|prior|guidelines?|policy|policies|restrictions?|"
        r"filters?|everything|approval|context|system|safety|guardrails?|constraints?)"
    ),
    (
        r"\b(?:you are|you're|u are) (?:now|no longer|a|an|my)\b|\bact as\b|\bpretend\b|"
        r"\bjailbreak\w*|\bdo anything now\b|\bdeveloper mode\b|\bnew instructions?\b|\bsystem "
        r"prompt\b|\bfrom now on\b"
    ),
    (
        r"\b(?:reveal|print|show|repeat|output|display|dump|leak)\b[^.\n]{0,30}\b(?:prompt|"
        r"instructions?|system|secrets?|password|tokens?|key|config\w*|database|rules|above)\b"
    ),
    (
        r"\b(?:call|run|execute|invoke|use|trigger)\b (?:the |this |a )?(?:tool|function|"
        r"command)\b|\b(?:delete|drop|wipe|erase|remove) (?:all|every|the)\b|\btransfer "
        r"all\b"
    ),
    (
        r"\b(?:add|register|record|create|insert|log|list|show|send|give|delete|approve|"
        r"transfer)\b (?:an|the|all|me|every|\$|r\$|\d)"
    ),
    (
        r"(?:^|\n|[\[<({#*|`\"'>]|\.\s|\boi |\bola )\s*[/#*\[<|]*\s*(?:system|sistema|assistant|"
        r"assistente|developer|desenvolvedor|admin|administrador|root|instruction|instruc(?:ao|"
        r"oes)|user|usuario|tool|function|role|prompt|override|operador)\s*(?:message|prompt|"
        r"note|do sistema|override|mode)?\s*[\]>|]*\s*(?::|=|\]|>|\|)(?!\s*(?:paguei|gastei|"
        r"comprei|\d|r\$))"
    ),
    (
        r"\[/?inst\]|<\|?/?(?:im_start|im_end|system|assistant|user|endoftext|tool|tool_call|"
        r"function|instructions?)\b|<<sys>>|###\s*(?:system|instruc|instruction|new|nova|"
        r"human|user|response)|```|<!--|<script|<iframe|\$\{|\{\{|\{%|javascript:"
    ),
    (
        r"\b(?:voce|vc|tu) (?:agora|a partir de agora|sera|vai ser|passa a ser|deve ser|"
        r"tem que ser|virou|nao e mais|esta (?:agora )?(?:livre|autorizad|sem|em modo)|pode "
        r"tudo)\b(?! (?:o|a) (?:empresa|loja))"
    ),
    (
        r"\b(?:a partir de agora|de agora em diante|daqui pra frente|novas? regras?(?! "
        r"d[aeo]s? (?:agendamento|troca|funcionamento|atendimento|uso|devolucao|"
        r"convivencia|casa|loja|estacionamento|entrega))|"
        r"nova instrucao|novas instrucoes|nova ordem do sistema|nova politica|novo prompt)\b"
    ),
    (
        r"\b(?:finja|finge|fingir|faz de conta|faca de conta|simule ser|simula ser|interprete "
        r"(?:o papel|um)|aja como|atue como|age como|comporte-se como|assuma (?:o papel|"
        r"a identidade|que voce)|imagine que voce|imagina que voce e|se passe por|roleplay|"
        r"role-play|role play|vamos jogar um jogo|responda como se|voce e (?:o |a |um |uma "
        r")?(?:admin\w*|root|hacker|dan|desenvolvedor|terminal|ia sem|super\w*|gerente|dono|"
        r"gestor|banco|sistema|outro|linux|shell))\b"
    ),
    (
        r"\bmodo\s+(?:de\s+)?(?:desenvolvedor|dev|admin\w*|debug|depuracao|deus|god|root|"
        r"livre|irrestrito|sem (?:filtro|restric|limite)\w*|manutencao ativad\w*|teste ativad\w*|"
        r"super\w*)\b"
    ),
    (
        r"\b(?:eu )?sou (?:o |a |um |uma |seu |sua )?(?:novo |nova )?(?:admin\w*|root|desenvolvedor\w*|"
        r"programador\w* (?:do|da|deste) (?:sistema|bot|plataforma)|criador\w*|engenheir\w* "
        r"d[aeo] (?:sistema|plataforma|falachefe|openai)|super ?usuario|suporte (?:tecnico "
        r")?d[aeo] (?:falachefe|plataforma|sistema)|dono do (?:sistema|falachefe|bot)|auditor\w*|"
        r"funcionario d[ao] (?:falachefe|plataforma|openai))\b"
    ),
    (
        r"\b(?:me )?(?:da|de|dar|libera|libere|liberar|conceda|concede|conceder|ativa|ative|"
        r"habilita|habilite|eleve|escale|promova|torne|torna|quero|preciso de)\w*(?:-me)? "
        r"(?:me )?(?:o |a |um |uma |meu |minha |minhas |todas as |todos os )?(?:acesso|permiss\w+|"
        r"privileg\w+|poderes|direitos?|modo|perfil|nivel)\b[^.\n]{0,25}\b(?:admin\w*|root|"
        r"total|master|irrestrit\w*|super\w*|banco de dados|todos|todas|tudo|dono|gerente)\b"
    ),
    (
        r"\b(?:libera|libere|destrava|destrave) (?:tudo|todos|todas|o sistema|o "
        r"acesso|acesso)\b|\bme (?:torne|torna|promova|faca|coloque como|deixe como) (?:o "
        r"|a |um |uma )?(?:admin|administrador|dono|root|gerente)"
    ),
    (
        r"\b(?:company|tenant|empresa|user|usuario|cliente|customer|account|channel|crew|"
        r"org|organization)[_ ]?id\b|\bid d[ao] (?:empresa|tenant|usuario)\b|\brole\s*[=:]|"
        r"\btenant\b|\bx-company|\bset_config\b|\bis_admin\b|\bpermissions?\s*[=:]|\bauthorization\b|"
        r"\bbearer \w"
    ),
    (
        r"\b(?:d[aeo]s?|n[ao]s?|para|pra|pras|em|as|os|com|a|o) (?:todas as |todos os )?outr[ao]s? "
        r"(?:empresas?|companhias?|inquilin\w+|lojas? d[ao] (?:sistema|plataforma)|contas? "
        r"d[ao] (?:sistema|plataforma)|clientes? d[ao] (?:sistema|plataforma|falachefe)|"
        r"usuarios? d[ao] (?:sistema|plataforma))\b|\btodas as empresas\b|\bqualquer empresa\b|"
        r"\btodos os tenants\b"
    ),
    (
        r"\b(?:mostr\w+|ver|veja|list\w+|acess\w+|consult\w+|me (?:da|de|passa|passe|manda|"
        r"mande|conta|fala|diz|diga)|quanto|quais|qual|quero|exib\w+|abr[aei]\w*|pux\w+|"
        r"busca\w*|relatorio|extrato|saldo|faturamento|dados|despesas|receitas|funcionarios)\b[^.\n]{0,50}\b(?:d"
        r"[ao]s? |n[ao]s? )(?:minhas? |meus? |meu )?(?:empresa (?!que\b|toda\b|inteira\b|"
        r"esse\b|este\b|hoje\b|ontem\b|no\b|em\b|na\b|do\b|da\b|de\b|mes\b|nesse\b|neste\b|"
        r"por\b|ate\b|com\b|e\b|pra\b|para\b|semana\b|esta\b|essa\b|atual\b|dos\b|desde\b|"
        r"nos\b|nas\b|ano\b|agora\b|pf\b|por favor\b)\w+|concorrent\w+|vizinh\w+ d[ao] (?:loja|"
        r"empresa))"
    ),
    (
        r"\b(?:registr\w+|lanc[ae]\w*|anot\w+|adicion\w+|inclu\w+|cadastr\w+|cri[ae]\w*|"
        r"coloc\w+|transf\w+|troc\w+|mud\w+|entr\w+|apag\w+)\b[^.\n]{0,60}\b(?:para|pra|"
        r"na|em nome d[ae]|na conta d[ae]|no sistema d[ae]|da|pela) (?:a |outra )?empresa "
        r"(?!de\b|do\b|da\b|que\b|toda\b|hoje\b|ontem\b|e\b|no\b|na\b|em\b|como\b|por\b|"
        r"com\b|mesmo\b|dia\b|mes\b)(?:[a-z]\w*|\d+)"
    ),
    (
        r"\b(?:d[ae]|n[ao]|para a|pra|pela) empresa\s*(?:n[º°o]\s*|numero\s*|#\s*|id\s*)?\d+\b|"
        r"\bd[ao] (?:cliente|usuario|conta|tenant) (?:n[º°o]\s*|numero\s*|#\s*|id\s*)\d+\b"
    ),
    (
        r"\b(?:drop|truncate|alter) (?:table|database|schema)\b|\bdelete from\b|\binsert "
        r"into\b|\bunion (?:all )?select\b|\bselect\b.{1,60}\bfrom\b|\bupdate \w+ set\b|"
        r"'\s*or\s*'?1'?\s*=\s*'?1|\bor 1\s*=\s*1\b|;\s*--|\bxp_cmdshell\b|\bpg_sleep\b|"
        r"\bgrant all\b|--\s*$|\brm -rf\b|\bsudo\b|\bcurl http|\bos\.system\b|\beval\(|\bexec\(|"
        r"__import__|\bimport os\b|\bsubprocess\b"
    ),
    (
        r"\b(?:apag\w+|delet\w+|exclu[ia]\w*|zer[ae]r?\b|elimin\w+|destru[ia]\w*|limp[ae]r?\b|"
        r"remov\w+|reset\w*|format\w+|sumi\w* com|some com)\b[^.\n]{0,15}?\s(?:tudo|tod[oa]s|"
        r"(?:o|a|os|as|do|no) (?:banco|base|dados|historico|registros|sistema|tabela\w*|"
        r"cadastros?|lancamentos|caixa|livro|logs?)\b)"
    ),
    (
        r"\b(?:banco|base) de dados\b|\btabela (?:transactions|employees|users|transacoes|"
        r"usuarios)\b"
    ),
    (
        r"\b(?:sem|nao|dispens\w+|pul\w+|burl\w+|evit\w+|desativ\w+|remov\w+|ignor\w+) (?:precis\w+ "
        r")?(?:de |da |a |pedir |passar |solicitar |por |exigir |precisar |esperar |perguntar "
        r"|nenhuma |qualquer |minha |sua |por nenhuma |pela ){0,4}(?:aprovac\w+|autorizac\w+|"
        r"confirmac\w+|permissao|verificac\w+|validac\w+)\b"
    ),
    (
        r"\b(?:ja (?:esta|foi|estao|ta) (?:pre[- ]?)?(?:aprovad|autorizad)\w+|pre[- ]?aprovad\w+|"
        r"(?:considere|marque|trate|dê|de) (?:como )?aprovad\w+|aprove (?:automaticamente|"
        r"tudo|todas|todos|a despesa|o pagamento)|auto[- ]?aprov\w+|aprovacao automatica|"
        r"aprova (?:tudo|todas|todos|sozinho)|com permissao de admin\w*|como (?:se fosse "
        r")?(?:o )?admin\w*)\b"
    ),
    (
        r"\b(?:prompt|system message|mensagem de sistema|instrucoes (?:internas|do sistema|"
        r"iniciais|secretas|ocultas|originais|que voce recebeu|que te deram))\b"
    ),
    (
        r"\b(?:quais|qual|mostr\w+|repit\w+|revel\w+|me (?:diga|conte|fale|mostre|passa|"
        r"manda|envia|de|da)|liste|escreva|imprim\w+|copi\w+|cole|exib\w+|traduz\w+|resum\w+)\b[^.\n]{0,25}\b(?:"
        r"suas|seu|tuas|as|teu|seus|todas as|acima) ?(?:instruc\w+|regras internas|diretriz\w+|"
        r"configurac\w+|codigo[- ]fonte|ferramentas internas|tools|funcoes internas|texto "
        r"acima|mensagens? acima)"
    ),
    (
        r"\b(?:repita|repete|traduza|escreva|copie)\b[^.\n]{0,15}\b(?:acima|anterior do "
        r"sistema|palavra por palavra)\b"
    ),
    (
        r"\b(?:pass[ae]|mand[ae]|mostr\w+|dig[ao]|diz|da|quais|qual|quero|preciso|"
        r"list\w+|revel\w+|envi\w+|fornec\w+|acess\w+|respond\w+|copi\w+)\b[^.\n]{0,40}\b(?:senhas?|"
        r"password|api[- _]?keys?|chaves? (?:de|da) (?:api|acesso|openai|aws|"
        r"sistema)|tokens?(?! de (?:fidelidade|onibus))|credencia\w+|secret[- _]?keys?|access[- _]?keys?|"
        r"codigo[- ]fonte|variaveis de ambiente|\.env)\b(?=[^.\n]{0,30}\b(?:banco|admin\w*|"
        r"sistema|outr\w+|openai|aws|servidor|usuari\w+|clientes?|acesso|api)\b)"
    ),
    (
        r"\b(?:me )?(?:passa|passe|manda|mande|mostra|mostre|diga|diz|envia|envie|qual e?)\b[^.\n]{0,20}\b(?:sen"
        r"ha|token|api key|chave secreta|credencia\w+)\b(?!\s*(?:do )?wi-?fi)"
    ),
    (
        r"\b(?:mud\w+|alter\w+|troc\w+|reescrev\w+|edit\w+|redefin\w+)\b (?:(?:as|os|a|o|"
        r"suas?|seus?|minhas?|meus?|sua) ){0,2}(?:regras|permiss\w+|instruc\w+|papel de "
        r"usuario|nivel de acesso|privilegios|identidade|empresa ativa|prompt|limites? de "
        r"aprovacao)\b"
    ),
    (
        r"\b(?:execut\w+|rod[ae]r?|cham[ae]r?|invoqu\w+|invoc\w+|acion\w+|us[ea]r?) (?:a "
        r"|o |as |os |essa |este |esta |esse |uma? )?(?:ferramentas?|funcao|funcoes|tools?|"
        r"comandos?|scripts?|codigo|query|sql|api|endpoint|handoff)\b"
    ),
    r"\b(?:base64|rot13|hex decod\w+|decodifi\w+|decode)\b",
    (
        r"\b(?:hackea\w*|hacker|invad\w+ (?:o|a) (?:sistema|conta|banco)|fraude|lavar dinheiro|"
        r"lavagem de dinheiro|caixa dois|caixa 2|nota fria|burlar|sonega\w+)\b"
    ),
    (
        r"[\"']?\b(?:tool|tool_name|tool_call|function|function_call|args|arguments|parameters|"
        r"name|amount|category|role|content|action|method)\b[\"']\s*[:=]"
    ),
    (
        r"\bamount\s*=|\bcategory\s*=|\bdescription\s*=|\bsegment\s*=|\bhandoff\s*\(|\bargs\s*[=:]|"
        r"\bfunction\s*[=:]\s*\w"
    ),
)
# About the assistant itself, and an order to write: no honest entry speaks of both.
_ABOUT_RULES: Final = (
    r"\b(?:comandos?|instruc(?:ao|oes)|regras?|diretriz(?:es)?|prompts?|override|admin|administrador(?:a)? d[oe] "
    r"(?:sistema|bot)|assistentes?|politicas?|restric(?:ao|oes)|filtros de|robo|chatbot|inteligencia artificial|"
    r"modelo de linguagem|autoridade|ordeno|obedec\w+|permiss(?:ao|oes)|autoriz(?:ou|ado|ada|ei|acao total)|novo papel|"
    r"voce e (?:o|a|um|uma|meu|minha)|usuarios?|sem (?:perguntar|questionar|conferir|"
    r"checar|o dono saber|ninguem saber)|"
    r"escond\w+|em segredo|as escondidas|suporte (?:d[oea] )?(?:falachefe|plataforma|tecnico)|falachefe|plataforma)\b"
)
_ORDER: Final = (
    r"\b(?:registr(?:a|ar|e)|lanc(?:a|ar|e)|anot(?:a|ar|e)|adicion(?:a|ar|e)|inclu(?:a|ir|i)|cadastr(?:a|ar|e)|"
    r"aprov(?:a|ar|e)|transf(?:ere|ira|erir)|execut(?:a|ar|e)|apag(?:a|ar|ue))\b"
)
_NO_RULES: Final = (
    r"\s--[a-z]+(?:-[a-z]+)+|\bempresa (?:do lado|vizinha|ao lado|da frente|concorrente)\b|"
    r"\bsem (?:nenhuma? |qualquer )?(?:regras?|filtros?|restric\w+|limites?|censura|"
    r"travas?)\b|\boutr[oa] (?:assistente|ia|bot|robo|sistema de ia)\b|"
    r"\b(?:instruc\w+|regras|ordens|diretriz\w+)\b.{0,30}\b(?:nao val\w+|deixam "
    r"de valer|perde\w*|revogad\w+|suspens\w+|cancelad\w+|"
    r"nao se aplic\w+|foram (?:alterad|mudad|atualizad|trocad)\w+)|\bhttps?://\S+.{0,40}\b(?:dados|"
    r"tudo|clientes)|\b(?:dados|clientes|tudo|lista)\b.{0,40}\bhttps?://"
)
_TOOL_NAME: Final = r"\b(?:" + "|".join(name for name in TOOLS if "_" in name) + r")\b"
_BASE64: Final = re.compile("[A-Za-z0-9+/_-]{20,}={0,2}")


@lru_cache(maxsize=1)
def _whole() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in (_TOOL_NAME, _NO_RULES, *_PATTERNS)))


def commands_the_assistant(message: str) -> bool:
    """True for a message that tries to give the assistant orders, other rights or another company."""
    scanned = message[:_SCAN_LIMIT]
    if _conceals(scanned):
        return True
    clean = visible(scanned)
    folded = fold(clean)
    if rx(_ORDER).search(folded) and rx(_ABOUT_RULES).search(folded):
        return True
    return _whole().search(folded) is not None or _encoded(clean) or _spaced(clean)


def _conceals(message: str) -> bool:
    """Direction overrides, tag characters, or zero-width characters inside words."""
    if message.isascii():
        return False
    if any(
        "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" or "\U000e0020" <= c <= "\U000e007e" for c in message
    ):
        return "🏴" not in message
    return len(rx(r"(?<=[^\W\d_])[\u200b\u200c\u2060\ufeff\u00ad](?=[^\W\d_])").findall(message)) >= _HIDDEN_LIMIT


def _encoded(clean: str) -> bool:
    """A word that is base64 of readable text: nobody writes to a colleague like that."""
    for match in _BASE64.finditer(clean):
        word = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        if word.isalpha() and (word.islower() or word.isupper() or word.istitle()):
            continue
        try:
            decoded = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if all(c.isprintable() or c in "\r\n\t" for c in decoded) and sum(
            c.isalpha() or c == " " for c in decoded
        ) > 0.7 * len(decoded):
            return True
    return False


def _spaced(clean: str) -> bool:
    """`i g n o r e  a s  r e g r a s`, `i-g-n-o-r-e`: letters pulled apart to slip by."""
    for match in rx(r"(?:\b\w[\s.\-_*]{1,2}){7,}\w\b").finditer(clean):
        joined = "".join(c for c in unicodedata.normalize("NFKD", match.group()) if c.isalpha()).lower()
        if any(
            word in joined
            for word in (
                "ignor",
                "esquec",
                "instruc",
                "system",
                "sistema",
                "admin",
                "desconsider",
                "regist",
                "apag",
                "prompt",
            )
        ):
            return True
    return False
