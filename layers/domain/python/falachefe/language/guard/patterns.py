"""Patterns of prompt injection, and of harmless wording that resembles it.

They match folded text, except TITLE and OTHER_COMPANY, which match the text as written.
"""

from typing import Final

_ORDERS = (
    r"(?:instruc\w*|regras?|ordens|orientac\w*|comandos?|restric\w*|prompts?|diretriz\w*|"
    r"politicas?|limitac\w*|limites?|configurac\w*|programac\w*|treinamento|protocolos?|"
    r"filtros?|travas?|aprovac\w*|permiss\w*|seguranca|tudo (?:o )?que (?:te |lhe )?(?:disse|"
    r"falar|mand|escrev|veio|foi|esta)\w*|tudo (?:acima|antes)|o que (?:te )?(?:disseram|"
    r"mandaram|foi dito|veio antes)|quem voce e|mensagens anteriores|contexto)"
)
# "From now on" alone may announce a change to customers; only together with _ASSISTANT is it an injection.
_FROM_NOW_ON: Final = (
    r"\b(?:a partir d(?:e agora|e hoje|esse momento|este momento|esta mensagem|aqui|essa mensagem)|de (?:agora|hoje)"
    r" em "
    r"diante|daqui (?:pra frente|por diante|em diante|para frente|pra adiante))\b"
)
_ASSISTANT: Final = (
    r"(?:voces? (?:e|sera|deve\w*|so|nao|vai (?:me|se|ser|aceitar|obedecer|responder|lancar|registrar)|me|aceita\w*|"
    r"pode\w* (?:tudo|registrar|lancar|aprovar|fazer)|"
    r"respond\w+|obedec\w+|est[ae]\w*|tem (?:que|permiss\w+|acesso)|ignor\w+|atend\w+ por|se chama)|obedec\w+|"
    r"assistente|bot\b|robo|aprovad\w+|"
    r"aprov[ae]\w*|sem (?:confirm\w+|perguntar|restric\w+|limites?|checar|aprovac\w+)|modo|admin\w*|"
    r"respond[ae] (?:como|so|apenas|em)|aceit[ae] (?:tudo|qualquer|minhas)|"
    r"minhas? (?:ordens?|palavra|regras?)|sou (?:seu|o seu|admin\w*|o dono)|as regras|todas? (?:as )?despesas?"
    r"|ignor[ae]\w*)"
)
PATTERNS: Final[tuple[str, ...]] = (
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
        r"tudo)\b(?! (?:(?:o|a) (?:empresa|loja)|tem|ganha|recebe|paga|compra|encontra|pode (?:pagar|comprar|pedir|"
        r"agendar|parcelar|retirar|receber)|vai (?:ganhar|receber|ter)|bem[- ]vind\w+|recebid\w+|atendid\w+|"
        r"surpreend\w+)\b)"
    ),
    (
        r"\bnovas? regras?(?! "
        r"d[aeo]s? (?:agendamento|troca|funcionamento|atendimento|uso|devolucao|"
        r"convivencia|casa|loja|estacionamento|entrega))\b|"
        r"\b(?:nova instrucao|novas instrucoes|nova ordem do sistema|nova politica|novo prompt)\b"
    ),
    _FROM_NOW_ON + r".{0,80}\b" + _ASSISTANT,
    r"\b" + _ASSISTANT + r".{0,60}" + _FROM_NOW_ON,
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
        r"por\b|ate\b|com\b|e\b|pra\b|para\b|semana\b|esta\b|essa\b|atual\b|dos\b|desde\b|dest[ea]\b|dess[ea]\b|"
        r"nest[ea]\b|nessa\b|inteir\w+|todo\b|aqui\b|mesmo\b|janeiro\b|fevereiro\b|marco\b|abril\b|maio\b|junho\b|"
        r"julho\b|agosto\b|setembro\b|outubro\b|novembro\b|dezembro\b|ultim\w+|"
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
        r"(?<!luz )(?<!agua )(?<!celular )(?<!telefone )(?<!internet )(?<!carro )(?<!aluguel )"
        r"\b(?:d[ae]|n[ao]|para a|pra|pela) empresa\s*(?:n[º°o]\s*|numero\s*|#\s*|id\s*)?\d+\b(?!,\d|\s*(?:reais|"
        r"real|conto|pila|mil\b))|"
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
        r"(?:o|a|os|as|do|no|todos os|todas as) (?:banco|base|dados|historico|registros|sistema|tabela\w*|"
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
    (
        r"\b(?:regras?|instruc\w+|criterios?|diretriz\w+)\b.{0,12}\b(?:voce|vc|o sistema|o bot|te) (?:se baseia|segue"
        r"|usa|obedece|tem\b|fizeram|deram)"
    ),
    r"\b(?:base64|rot13|hex decod\w+|decodifi\w+|decode|decifr\w+|descriptograf\w+|desencript\w+)\b",
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
# ABOUT_RULES and ORDER together are an injection: no genuine entry mentions the assistant's rules.
ABOUT_RULES: Final = (
    r"\b(?:comandos?|instruc(?:ao|oes)|regras?|diretriz(?:es)?|prompts?|override|admin|administrador(?:a)? d[oe] "
    r"(?:sistema|bot)|(?<!, )(?<!como )(?<!de )(?<!cargo )(?<!nova )(?<!novo )assistentes?(?! (?:admin\w+|de |d[ao] "
    r"|financ\w+|social|comercial|tecnic\w+|contab\w+|pessoal|escritorio|logistic\w+|juridic\w+))|politicas?"
    r"|restric(?:ao|oes)|filtros de|robo|chatbot|inteligencia artificial|"
    r"modelo de linguagem|autoridade|sem (?:confirmar|validar|verificar|checagem)|ordeno|obedec\w+|permiss(?:ao|oes)"
    r"|autoriz(?:ou|ado|ada|ei|acao total)|novo papel|"
    r"voce e (?:o|a|um|uma|meu|minha)|usuarios?|sem (?:perguntar|questionar|conferir|"
    r"checar|o dono saber|ninguem saber)|"
    r"escond\w+|em segredo|as escondidas|suporte (?:d[oea] )?(?:falachefe|plataforma|tecnico)|falachefe|plataforma)\b"
)
ORDER: Final = (
    r"\b(?:registr(?:a|ar|e)|lanc(?:a|ar|e)|anot(?:a|ar|e)|adicion(?:a|ar|e)|inclu(?:a|ir|i)|cadastr(?:a|ar|e)|"
    r"aprov(?:a|ar|e)|transf(?:ere|ira|erir)|execut(?:a|ar|e)|apag(?:a|ar|ue))\b"
)
NO_RULES: Final = (
    r"\s--[a-z]+(?:-[a-z]+)+|\bempresa (?:do lado|vizinha|ao lado|da frente|concorrente)\b|"
    r"\bsem (?:nenhuma? |qualquer )?(?:regras?|filtros?|restric\w+|limites?|censura|"
    r"travas?)\b|\boutr[oa] (?:assistente|ia|bot|robo|sistema de ia)\b|"
    r"\b(?:instruc\w+|regras|ordens|diretriz\w+)\b.{0,30}\b(?:nao val\w+|deixam "
    r"de valer|perde\w*|revogad\w+|suspens\w+|cancelad\w+|"
    r"nao se aplic\w+|foram (?:alterad|mudad|atualizad|trocad)\w+)|\bhttps?://\S+.{0,40}\b(?:dados|"
    r"tudo|clientes)|\b(?:dados|clientes|tudo|lista)\b.{0,40}\bhttps?://"
)
# Claims of authority over the rules, or instructions addressed to the assistant or its tools.
_AUTHORITY: Final = (
    r"(?:admin\w*|sistema|diretor\w*|diretoria|gerenc\w+|gerente|dono|dona|chefe|ti\b|suporte|desenvolvedor\w*|"
    r"presiden\w+|socio|plataforma)"
)
_MACHINE: Final = (
    r"(?:desenvolvedor\w*|dev|sistema|assistente|bot|robo|chatbot|agente|ia|modelo|programa)(?! (?:d[aeo]|admin"
    r"|financ\w+ d)"
    r" (?:som|cameras?|alarme|gestao|vendas))"
)
CLAIMS: Final[tuple[str, ...]] = (
    (
        r"\b(?:registr[ae]\w*|lanc[ae]\w*|anot[ae]\w*|coloc\w+|cri[ae]\w*|bot[ae]\w*|poe|cadastr[ae]\w*"
        r"|inclu[ai]\w*)\b"
        r".{0,40}\b(?:fals[oa]s?|ficticia?\w*|fantasmas?|forjad[oa]s?|inventad[oa]s?|nao (?:aconteceu|existe|existiu"
        r"|houve)|inflar"
        r"|maquiar|laranja d[oe]|como se|sem (?:ele|ela|eles|elas) saber\w*)\b"
    ),
    (
        r"\b(?:te|lhe) passar (?:um |o )?codigo\b|\bcodigo de (?:liberacao|autorizacao|aprovacao)\s*:|"
        r"\b(?:desactiva|activa|ignora|borra|muestra|olvida)\b.{0,10}\b(?:las|los|tus|sus)\b|"
        r"\b(?:system|assistant|developer)\s*:|\\n\s*(?:\\n)?\s*(?:sistema|system|admin)"
    ),
    (
        r"\baprov(?:ad|and)\w*\b.{0,15}\b(?:pel[oa]|com[o]?|via) (?:o |a )?"
        + _AUTHORITY
        + r"|\b"
        + _AUTHORITY
        + r" (?:ja )?"
        r"(?:aprovou|aprovando|autorizou|liberou|autoriza|libera|mandou)\b.{0,40}\b(?:sem|pul\w+|liber\w+|autoriz\w+"
        r"|pode "
        r"(?:registrar|lancar)|registr[ae]\b|lanc[ae]\b|mostr\w+|pag[ae]\b)|\baprovac\w+ .{0,30}\b(?:ja (?:foi|esta)"
        r"|foi) "
        r"(?:dada|feita|concedida|liberada)|\baprov(?:a|e|ar) (?:voce|vc|sozinh\w+|automatic\w+|logo|direto|tudo|por"
        r" mim)|"
        r"\baprov\w+ (?:todas?|todos?) |\bautomatic\w+ (?:aprov|autoriz)\w+|\bnao (?:passa\w*|precisa\w*|exige\w*) "
        r"(?:por |de |mais )*(?:aprov|autoriz|confirm)\w+|\blimites? (?:de (?:aprovacao|gasto))? ?(?:agora )?(?:e"
        r"|passa|sobe|"
        r"mudou|aumentou)\b.{0,25}\b(?:pode|registr\w+|lanc\w+)|\bliber\w+ (?:o |meu |um )?(?:novo )?limite"
        r"|\b(?:autoriz|"
        r"aprov|confirm)\w+ verbal\w*|\bautorizou verbal"
    ),
    r"\bcomo (?:sistema|root|se fosse|admin\b)|\bem nome d[oea] (?:" + _AUTHORITY[3:-1] + r")\b",
    (
        r"\b(?:nota|observacao|obs|ps|p\.s\.?|aviso|mensagem|recado|comando|ordem|instruc\w+"
        r"|tarefa)\b.{0,6}\b(?:d[oea]|ao?|para "
        r"[oa]|pr[oa]|para) " + _MACHINE + r"\b"
    ),
    (
        r"\b(?:o|a|todo|cada|este|esse) (?:agente (?:financeiro|de \w+)|robo|bot|assistente|ia|chatbot|sistema)"
        r" (?:deve|tem que|"
        r"precisa (?:aceitar|registrar|lancar|obedecer)|esta (?:autorizad|obrigad|liberad)\w+)"
    ),
    r"[\"'(:]\s*(?:assistente|bot|robo|chatbot|ia|sistema|agente)\s*[,:]",
    (
        r"\b(?:chamada|ferramenta|funcao|funcoes) (?:de |d[ao] )?(?:ferramenta|interna|funcao|sistema)s?\b|\b(?:use"
        r"|usa|usar|utilize|chame|"
        r"acione)\b (?:a |sua |tua |suas )?(?:ferramenta|funcao|api) (?:interna|de cadastro|de lancamento|do"
        r" sistema)|\b(?:tool|"
        r"function)[ _-]?calls?\b"
    ),
    (
        r"\b(?:repita|repete|diga) (?:depois de|comigo|apos|exatamente)\b|\brespond[ae] (?:apenas|somente|so"
        r"|exclusivamente) "
        r"(?:com|em|no)\b|\bquando eu (?:disser|falar|escrever|mandar|digitar)\b.{0,40}\b(?:voce|lanc\w+|registr\w+"
        r"|cadastr\w+|"
        r"aprov\w+)"
    ),
    (
        r"\b(?:aqui e|quem fala e|aqui quem fala|sou|falo em nome) (?:o |a |d[oae] |um |uma )?(?:nov[oa] )?(?:equipe"
        r" (?:de |d[ao] )?)?"
        + _AUTHORITY
        + r"?\w*\b.{0,60}\b(?:faturamento d|todos os clientes|salarios?|sem acesso|troquei de (?:numero|telefone"
        r"|celular)|"
        r"libera\w*|ajuste tecnico|precisamos que voce|conversas?|senhas?|autorizad\w+ a|folha)\b"
    ),
    (
        r"\b(?:desliga\w*|desativ\w+|desabilit\w+|remov\w+|pul[ae]\w*|tir[ae]\b|suspend\w+|interromp\w+) (?:a |o |as"
        r" |os |essa |toda "
        r"|qualquer )?(?:auditoria|logs?|rastreamento|confirmac\w+|verificac\w+|aprovac\w+|validac\w+|trava"
        r"|autenticac\w+|"
        r"2fa|historico de acoes)\b"
    ),
    (
        r"\b(?:regras?|instruc\w+|ordens|orientac\w+|diretrizes)\b.{0,12}\bque (?:te |lhe |voce |vc |o sistema"
        r" )(?:\w+ )?"
        r"(?:passaram|passou|deram|deu|recebeu|segue|seguiu|tem|mandaram|impuseram|ensinaram)"
    ),
    (
        r"\bme (?:autoriz[ae]\w*|permit[ae]|promov\w+|torn[ae])\b|\bme (?:coloc|bot|poe|deix|cadastr|registr"
        r"|nome)\w* como (?:o |a )?"
        r"(?:gestor|admin|dono|gerente d|super|operador d|responsavel d)\w*|\b(?:muda|mude|troca|troque|altera"
        r"|altere) (?:o )?meu "
        r"(?:perfil|papel|cargo no sistema|nivel|acesso|usuario) "
    ),
    (
        r"\b(?:list\w+|mostr\w+|le|leia|ler|ver|quais|me (?:da|diz|fala|passa|conta)|quero"
        r"|exib\w+)\b.{0,20}\b(?:mensagens|conversas?|"
        r"memorias?|lembrancas?|historico)\b.{0,15}\bd(?:os|as|o|a|e) (?:outr\w+|usuari\w+|funcionari\w+|colegas?"
        r"|demais|equipe)|"
        r"\bo que (?:o|a|os|as) \w+ (?:te |lhe )(?:pergunt|diss|fal|pedi|escrev|mand|cont)\w+|\bconversas? (?:que"
        r" )?(?:o|a) \w+ teve|"
        r"\b(?:lembrancas?|memorias?|anotac\w+)\b.{0,30}\b(?:sobre|d[oa]) (?:a |o |minha |meu )?(?!empresa|loja)\w+"
    ),
    (
        r"\b(?:relatorio|saldo|dados|faturamento|caixa|despesas?|receitas?|extrato|quanto|registr\w+"
        r"|lanc[ae]\w*)\b.{0,40}\bcnpj\b|"
        r"\b(?:faturou|vendeu|lucrou|gastou|faturamento)\b.{0,12}\b(?:loja|padaria|oficina|mercearia|salao|clinica"
        r"|mercado|"
        r"restaurante|farmacia) d[oa] (?!centro|bairro|shopping|esquina|rua|matriz|gente|filial)\w+|\btod[oa]s (?:as"
        r" |os )?(?:lojas|"
        r"contas|clientes|usuarios|companhias) d[aeo] (?:plataforma|sistema|voces|falachefe)|\bclientes? d[eo]"
        r" voces\b.{0,20}"
        r"\b(?:dados|faturamento|saldo)|\bfaturamento de todos os\b"
    ),
    (
        r"(?:\bencaminhad[oa]|\bfwd|\b(?:cliente|fornecedor|ele|ela) (?:mandou|escreveu|enviou)|\b(?:este|esse|esta"
        r"|essa) (?:texto|"
        r"mensagem))\b[^\n]{0,30}[\":\n-][^\n]{0,80}(?:\n[^\n]{0,80})?\b(?:registr[ae]\w*|lanc(?:e|ar)"
        r"|cadastr[ae]\w*|aprov[ae]|transfir\w+|"
        r"apagu\w+|execut\w+|ignor\w+)\b|mensagem encaminhada"
    ),
    (
        r"\b(?:olvid|ignor|borra|muestra|elimina|desobede|omit)\w*\b.{0,25}\b(?:instrucc\w+|reglas|ordenes"
        r"|restricc\w+|todo\b|"
        r"gastos|salarios de)|\beres ahora\b|\bactua como\b"
    ),
    r"^\s*[\[(<*]\s*(?:mensagem|aviso|alerta|nota|sistema|automatic\w+|bot|admin\w*|comunicado)\b.{0,20}[\])>*]",
    (
        r"\b(?:approve|pay|transfer|register|delete|log)\b.{0,10}\b(?:my|this|an|the|all|me|expense|income|every)\b"
        r"|\byou must\b"
    ),
    (
        r"\bliber\w+ (?:a |o )?(?:minha|meu|pra mim|para mim)\b.{0,20}\b(?:entrada|acesso|login|limite|permiss\w+"
        r"|modulo)|"
        r"\bignor[ae] (?:tudo|todos|todas|todo mundo)\b|\binstruc\w+ (?:extra|adicional|oculta|nova|secreta"
        r"|final)\w*\s*:"
    ),
    r"</?[a-z][a-z_]{2,}(?:\s[^>]{0,60})?/?>|[{\[,]\s*\"[a-z_]+\"\s*:",
    (
        r"\b(?:lanc\w+|registr\w+|cadastr\w+|pag(?:ue|a|ar)|aprov\w+)\b.{0,60}\bnao (?:comente|conte|avise|diga"
        r"|fale)\b|"
        r"\b(?:politica|norma|diretriz|regulamento|circular)\b.{0,30}\b(?:agente|assistente|bot|robo|aceitar|sem"
        r" (?:checar|aprov)\w*|"
        r"nao passa\w*|dispens\w+|autoriz\w+ (?:voce|a registrar|a lancar))"
    ),
)
# Things that people buy, sell, advertise or report of others; masked before matching.
HARMLESS: Final = (
    r"\b(?:contratei|contratamos|admiti|admitimos) (?:\w+ ){1,4}como (?:administrador\w*|admin)\b(?! d[oa]"
    r" (?:sistema|plataforma|bot|conta))|"
    r"\b(?:falt\w+|saiu|sumiu|foi embora|ausent\w+|chegou)(?: \w+){0,3} sem (?:autoriza\w+|permiss\w+|avis\w+"
    r"|aprova\w+)|"
    r"\b(?:paguei|comprei|gastei|vendi|assinei|pagamos|compramos)(?: \S+){0,3} (?:base|banco) de dados|"
    r"(?:\d|\bmil|\breais|\bconto|\bpila) (?:reais |conto |pila )?(?:de|com|em|n[oa]) permiss(?:ao|oes) de \w+|"
    r"\b(?:pra|para|de) (?:limpar|apagar|remover|tirar) (?:a|o|os|as) (?:banco|base|caixa|sistema|livro|tabela)s?"
    r" d[aoe]s? "
    r"(?!dados|clientes|empresa|sistema|registros|lancamentos|despesas)\w+|"
    r"^\W*(?:(?:oi|ola|ei|opa|fala|bom dia|boa tarde|boa noite|anota|ai|registra|lanca|por favor)[ ,]+)*(?:meu "
    r"|minha )?"
    r"(?:robo|bot|assistente|chatbot)(?=\s*[,!.])|"
    r"\b(?:pra|para|de|pela|pelo) (?:limpar|remover|tirar|apagar|zerar|limpeza d[eo]) (?:tudo|tod[oa]s?)\b(?! (?:os"
    r"|as) "
    r"(?:dados|registros|lancamentos|despesas|receitas|funcionarios|logs|historic\w+|cadastros|backups?))|"
    r"\bsem (?:a )?(?:aprovacao|autorizacao|confirmacao) d[oa] (?:banco|cliente|prefeitura|vigilancia|medico"
    r"|fornecedor|cartao|pix)"
)
TITLE: Final = (
    r"\b(?:livro|curso|filme|jogo|palestra|apostila|revista|camiseta|caneca|quadro|adesivo|placa)s?\s+[\"“']?[A-ZÀ-Ý]"
    r"[^.,;:\n\"”]{2,60}?(?=[\"”']?\s+(?:por|custou|a|deu|R\$|\d))"
)
LEET: Final = str.maketrans("013457@$", "oieastas")
# Arguments for bypassing a control: an order to record something, with a reason why a rule should not apply.
AUTHORITY_FIGURE: Final = (
    r"\b(?:don[oa]|patrao|patroa|chefe|soci[oa]|diretor\w*|diretoria|presiden\w+|ceo|juridico|geren\w+|gestor\w*"
    r"|quem manda|"
    r"matriz|conselho|ti|suporte|admin\w*|auditor\w*|rh|majoritari\w+|seguranca|compliance)\b"
)
CONTROL: Final = (
    r"\b(?:limites?|teto|aprovac\w+|aprovar|autorizac\w+|aval|permiss\w+|confirmac\w+|confirmar|regras?|regulamento"
    r"|normas?|"
    r"politicas?|diretriz\w*|travas?|bloqueios?|acesso|instruc\w+|restric\w+|burocracia|verificac\w+|checagem"
    r"|protocolo|"
    r"auditoria|alcada|criterio)\b"
)
BYPASS: Final = (
    r"\b(?:por cima d\w+|sem (?:pedir|aval|passar|precisar|esperar|consultar|confirm\w+|autoriz\w+|aprov\w+|checar"
    r"|perguntar|"
    r"burocracia|verific\w+|ninguem|falar|mostrar|limites?|validar)|nao (?:da|deu|ha|tem|temos) tempo|liber(?:ou|ado"
    r"|ada|ados|"
    r"aram|ar|a|e)|liberou geral|ignor(?:a|e|ar|ando)|pul(?:a|e|ar|ando)|entram? direto|direto no caixa|dispens\w+"
    r"|suspens[oa]s?|"
    r"fur(?:a|e|ar)|nao (?:peca|exija|pergunte|espere|cobre|solicite|questione)|desconsider\w+|burl\w+|excecao|vale"
    r" tudo|nao val\w+ "
    r"mais|revog\w+|nao se aplica\w*|fora d[ao]s? (?:regra|limite|norma)s?|acima d[ao]s? (?:regra|limite|norma)s?)\b"
)
HURRY: Final = r"\b(?:urgent\w*|corre|agora mesmo|rapido|emergencia|imediat\w+|ja ja)\b"
WRITE: Final = (
    r"\b(?:registr(?:a|ar|e|em)|lanc(?:a|ar|e)|anot(?:a|ar|e)|adicion(?:a|ar|e)|inclu(?:a|ir|i)|cadastr(?:a|ar|e)"
    r"|poe|ponha|colo(?:ca|que|"
    r"car)|bot(?:a|e|ar)|insir\w+|insere|transf\w+|pag(?:a|ue|ar)|aprov(?:a|e|ar)|faz|faca|fazer|lancamentos?"
    r"|mostr\w+)\b"
)
UNDO: Final = (
    r"\b(?:apag(?:ue|a|ar|uem)|delet(?:e|a|ar)|exclu(?:a|i|ir)|remov(?:a|e|er)|dupli(?:que|ca|car)|triplic\w+"
    r"|multipli(?:que|ca|car)|"
    r"zer(?:e|a|ar)|alter(?:e|a|ar)|sum(?:a|ir) com)\b.{0,12}\b(?:as|os|todas?|todos?|valor em|tudo d\w|dobro"
    r" d\w+)\s(?:\w+ ){0,2}?"
    r"(?:despesas|receitas|vendas|lancamentos|valor(?:es)?|registros|entradas|saidas|funcionarios|campanhas"
    r"|historico|dados|"
    r"gastos|cadastros|contatos)\b|\b(?:apag\w+|delet\w+|exclu\w+|remov\w+)\b.{0,25}\btodo mundo\b"
)
OTHER_COMPANY: Final = (
    r"\b(?:caixa|conta|saldo|vendas|faturamento|fluxo|n[uú]meros|relat[oó]rio|lucro|despesas|gastos"
    r"|extrato)\b.{0,12}\bd[aeo] "
    r"(?:minha |meu )?(?:irm[ãa]o?|amig[oa]|vizinh[oa]|cunhad[oa]|prim[oa]|concorrente|(?i:padaria|oficina|mercearia"
    r"|sal[ãa]o|"
    r"cl[ií]nica|restaurante|farm[áa]cia|pizzaria|a[çc]ougue) [A-ZÀ-Ý])"
    r"|(?i:\bquanto\b.{0,50}\b(?:da esquina|do lado|aqui do lado|da frente|vizinh[oa]|concorrent[ea]|concorr[êe]ncia)\b"
    r".{0,30}\b(?:fatur|vend|gast|lucr|receb|ganh)\w+|\b(?:vc|voc[êe]) (?:tamb[ée]m |tbm? )?atende (?:el[ae]s?|"
    r"outr[oa]s?)\b"
    r".{0,60}\b(?:dados|n[úu]meros|caixa|saldo|vendas|fatur\w+|extrato|contatos|clientes)\b|\bme (?:passa|mostra|"
    r"manda|d[áa])"
    r" (?:os |as )?(?:dados|n[úu]meros|contas|vendas|contatos|clientes) del[ae]s?\b)"
)
