"""Requests to support: a human to talk to, a ticket, a question about the company."""

from typing import Final

from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.subjects.sums import find_sums
from falachefe.language.text.normalize import Text, rx
from falachefe.language.values.categories import category_in

_HUMAN: Final = (
    r"\b(?:falar|conversar|tratar|contato|fala|converso|falo|conversa|papo|resolver)\b.{0,20}\b(?:com|"
    r"contato com)\b.{0,25}\b(?:atendente|humano|pessoa|gente de verdade|alguem|responsavel|"
    r"gente|carne e osso|gerente|dono|dona|admin\w+|diretor\w*|proprietari\w+|soci[oa]|chefe|patrao|suporte|"
    r"atendimento|operador|ser"
    r" humano|funcionario|vendedor|"
    r"supervisor|voces de verdade|equipe)\b|\b(?:chama|chame|chamar|me (?:passa|passe|"
    r"transfere|transfira|encaminha|encaminhe|coloca|poe|conecta|liga|direciona)|transfere|"
    r"transfira|transferir|quero|preciso|preciso de|quero um|tem|existe|cade)\b.{0,25}\b(?:um "
    r"|uma |o |a )?(?:atendente|humano|humana|pessoa (?:de verdade|real|humana)|operador|"
    r"gente de verdade|ser humano|alguem (?:de verdade|humano|real|pra me atender|para "
    r"me atender|ai)|atendimento humano|suporte humano|pessoa)\b|\bme (?:passa|transfere|"
    r"transfira|encaminha|liga|conecta|direciona)\b.{0,15}\b(?:suporte|atendimento|atendente|"
    r"responsavel|gerente|dono|dona)\b|^\W*(?:atendente|humano|atendimento humano|falar "
    r"com atendente|pessoa real|suporte|atendimento)(?:,? por favor)?[!. ?]*$|\bnao "
    r"quero (?:falar|conversar) com (?:robo|maquina|bot)\b|\bcansei d(?:e|o|esse) (?:falar "
    r"com )?(?:robo|bot)\b|\b(?:voce|isso|isto) e (?:um )?(?:robo|bot|maquina)\b.{0,30}\b(?:quero|"
    r"pessoa|humano|alguem)\b|\balguem (?:de verdade |humano )?(?:pode|poderia|consegue) "
    r"me (?:atender|ligar|retornar)\b|\b(?:me liguem|me liga|liga pra mim|pode me ligar|"
    r"retornem)\b"
    r"|\b(?:pass[ae]r?|transf[ei]r[aei]r?|encaminh[ae]r?|mand[ae]r?|mud[ae]r?|troc[ae]r?|direcion[ae]r?|joga)"
    r" (?:eu |ai |isso |isto |a conversa |o atendimento |esse atendimento |minha conversa |a ligacao )?(?:pr[ao]|"
    r"para|com|por|ao?)"
    r" (?:um |uma |o |a |algum |alguma |seu |sua |os |as )?(?:\w+ )?(?:human[oa]s?|pessoa|atendente|atendimento|"
    r"gente|alguem|responsavel|gerente|"
    r"don[oa]|supervisor\w*|operador\w*|suporte)\b"
    r"|\b(?:cham[ae]r?|cad[eê]|quero|procuro|preciso d[oa]|onde esta|liga pr[oa]) (?:ai |aqui |logo )?(?:o|a|um|uma|"
    r"meu|minha|seu|sua|algum|alguma)?"
    r" ?(?:responsavel|gerente|don[oa]|encarregad[oa]|supervisor\w*|patrao|patroa|chefe|atendente|alguem)\b(?! novo)"
    r"|\b(?:alguem|pessoa|gente) de (?:carne e osso|verdade)\b|\balguem (?:me |pra me |para me )?(?:ligar?|ligue|"
    r"atender?|atenda|retornar?)\b"
    r"|\batendid[oa] por (?:um |uma |algum |alguma )?(?:atendente|human[oa]|pessoa|gente|alguem)\b"
    r"|\b(?:nao quero|chega de|odeio|sem) (?:mais )?(?:falar com )?(?:robo|bot|maquina)\b|\brobo nao (?:resolve|"
    r"adianta|serve|entende)"
)
_TICKET: Final = (
    r"\bficou (?:preta|preto|escura|parad[oa]|ruim|lent[oa]|azul|sem (?:sinal|imagem|"
    r"som|internet))\b|^\W*erros? (?:ao|na|no|de|quando|em)\b|"
    r"\besta (?:muito )?(?:lent[oa]|ruim|instavel|sem (?:sinal|internet|funcionar|acesso))\b|"
    r"\bninguem (?:me |nos |la )?(?:atend|respond|ajud|resolv|retorn)\w+|\b(?:relatar|reportar|comunicar|"
    r"informar) (?:um |uma )?"
    r"(?:problema|erro|falha|bug)|\b(?:senha|acesso|licenca|login|certificado)(?: d[aeo] \w+)? (?:expirou|venceu|"
    r"bloqueou)\b|"
    r"\btela\b.{0,15}\b(?:branca|preta|azul|travad[oa]|congelad[oa])\b|\bnao (?:recebi|recebemos|caiu|"
    r"veio)\b.{0,12}\b(?:reembolso|"
    r"estorno|ressarcimento)\b|"
    r"\b(?:perdi|esqueci|bloque\w+) (?:a |minha |o |meu )?(?:senha|login|acesso)\b|"
    r"\bnao (?:recebi|recebemos|chegou|veio|entregaram)\b.{0,15}\b(?:pedido|produto|"
    r"encomenda|nota|boleto|codigo|email|mercadoria|entrega|resposta|retorno)\b|"
    r"\bnao (?:esta|estao) [a-z]+ndo\b|\b(?:login|senha|site|app|aplicativo|sistema|"
    r"maquininha|impressora|leitor|internet|computador|celular|tela|link|pagina) "
    r"nao \w+|"
    r"\b(?:abr[aei]r?|abre|abra|criar?|crie|registr\w+|fazer?|faz|quero|preciso|gerar?|"
    r"gera|abrir)\b.{0,20}\b(?:chamado|ticket|ocorrencia|reclamacao|protocolo|solicitacao|"
    r"queixa|sac)\b|^(?:chamado|ticket|reclamacao)\b|\bquero reclamar\b|\btenho uma "
    r"reclamacao\b|\breclamar d\w+|\b(?:estou|esta|estamos|tenho|tem|deu|to|ta|apareceu|"
    r"tive|temos|houve|aconteceu)\b.{0,15}\b(?:problema|problemas|erro|bug|defeito|falha|"
    r"pane)\b(?! de saude)|\b(?:travando|travou|travad[oa]|trava|bugad[oa]|bugou|quebrou|"
    r"quebrad[oa]|parou de (?:funcionar|imprimir|emitir|carregar|ligar)|caiu o sistema|"
    r"fora do ar|nao (?:funciona|esta funcionando|funcionou|abre|carrega|liga|imprime|"
    r"emite|conecta|atualiza|chegou|chega|foi entregue|entregaram|responde|aparece|sincroniza|"
    r"esta (?:abrindo|carregando|ligando|imprimindo|emitindo|entrando|chegando|respondendo|"
    r"enviando|salvando|conectando)|consigo (?:entrar|acessar|logar|abrir|emitir|usar|"
    r"imprimir|enviar|fazer login|baixar|ver|gerar|cadastrar|conectar|instalar)|consegui "
    r"(?:entrar|acessar|logar|abrir|emitir|usar|imprimir|enviar)|deixa (?:entrar|acessar)|"
    r"entra no|(?:estou|estamos|to) conseguindo \w+|(?:resolve|resolveu|resolveram|aparece|"
    r"caiu|imprimiu|emitiu|salvou|abriu|carregou)))\b|\b(?:veio|chegou|entregaram|mandaram) "
    r"(?:\w+ ){0,3}(?:errad[oa]|quebrad[oa]|com defeito|estragad[oa]|faltando|trocad[oa]|"
    r"amassad[oa]|vencid[oa]|danificad[oa])\b|\bcobra(?:nca|ram|do)\b.{0,20}\b(?:indevid\w+|"
    r"duas vezes|errad\w+|em duplicidade|duplicad\w+|a mais)\b|\besta dando erro\b|\bda "
    r"erro\b|\b(?:veio|chegou|estava|tinha|tem|achei|encontrei)(?: um| uma)? (?:com )?(?:um |uma )?(?:cabelo|bicho|"
    r"mofo|mofad[oa]|inseto|barata|"
    r"azed[oa]|cru|crua|frio demais|pelo|gosto (?:ruim|estranho)|cheiro (?:ruim|estranho))\b|\b(?:pedido|entrega|"
    r"encomenda|"
    r"produto|compra)\b.{0,20}\batrasad[oa]\b|\b(?:mal|pessimamente|super mal) (?:atendid|tratad)[oa]s?\b|"
    r"\b(?:pessim|horrivel|"
    r"terrivel|nojent|porc|absurd)\w* (?:o )?(?:atendimento|servico|experiencia)|\b(?:atendimento|servico|comida|"
    r"produto|"
    r"entrega)\b (?:de voces )?(?:foi |estava |e |veio )?(?:muito )?(?:pessim|horrivel|ruim|terrivel|nojent|"
    r"estragad)\w*|\b(?:fecha|"
    r"desliga|reinicia|apaga|trava) sozinh[oa]\b|\bcobr(?:aram|ado|ada|ou)\b.{0,20}\b(?:2x|2 vezes|duas vezes|"
    r"dobrado|em dobro|a mais|"
    r"de novo|errado)\b|\bnao (?:durou|duraram|ficou bom|prestou|resolveu nada|veio certo)\b|\b(?:internet|wifi|"
    r"sistema|site|luz|rede|"
    r"app|aplicativo|linha|telefone)(?: d[aeo] \w+)? (?:caiu|sumiu|parou|morreu|nao volta|oscila\w*)\b|\b(?:estou|"
    r"estamos|fiquei|"
    r"ficamos|esta|continuo) sem (?:acesso|sinal|internet|conexao|sistema|rede|conseguir)\b|\b(?:grosso|grosseir[oa]|"
    r"mal "
    r"educad[oa]|estupid[oa]|ignorante) comigo\b|\bdando (?:erro|problema|pau)\b|\bdeu (?:pau|erro|ruim|tilt)\b|"
    r"\besta com "
    r"defeito\b|\bcom defeito\b"
)
_TICKET_ONLY: Final = (
    r"^\W*(?:(?:oi|ola|bom dia|boa tarde|boa noite|por favor|entao)\W+)*(?:eu )?(?:quero|"
    r"queria|preciso|gostaria de|pode|abr[aei]r?|vou|tenho|da pra|estou(?: com)?|estamos(?: "
    r"com)?|tive|deu|tem)?\s*(?:de )?(?:abr[aei]r?|criar?|fazer|registrar|abra|gerar|"
    r"faz|reclamar)?\s*(?:pra mim )?(?:um|uma|o|a|novo|nova)?\s*(?:novo |nova )?(?:chamado|"
    r"ticket|ocorrencia|reclamacao|protocolo|solicitacao|queixa|problema)?(?: ai| aqui|"
    r" por favor| no suporte| pra mim)?[\s!.?]*$"
)
_COMPANY: Final = (
    r"\b(?:posso|da pra|podemos|consigo) (?:levar|ir|pagar|passar|agendar|marcar|buscar|trocar|devolver|entrar"
    r"|retirar|"
    r"encomendar|comprar|parcelar|cancelar|remarcar|visitar|deixar|pegar|usar)\b|\b(?:tem|ha|existe) desconto\b|"
    r"\b(?:horarios?|que horas|a que horas|ate que horas|abrem?|abre|fecham?|fecha|funcionam?|"
    r"funcionamento|atendem?|atendimento|endereco|onde (?:fica|e|voces|esta localizad\w+|"
    r"posso estacionar)|localizac\w+|como (?:chego|chegar|faco pra (?:chegar|agendar|"
    r"marcar|comprar|pedir))|aceitam?|aceita|parcelam?|parcela|formas? de pagamento|"
    r"entregam?|entregas?|delivery|taxa de entrega|prec(?:o|os)|valor(?:es)?|quanto "
    r"(?:custa|custam|cobra\w*|e|fica|sai|esta|vale|voces cobram|ta)|garantia|devoluc\w+|"
    r"trocam|estacionamento|agendar|agendamento|marcar (?:horario|consulta|um horario|"
    r"hora)|tem vaga|fazem|faz|trabalham?|vendem|atende|politica|prazo|instagram de "
    r"voces|site de voces|telefone de voces|cardapio|menu|catalogo|servicos? (?:voces|"
    r"oferecem)|oferecem|tem (?:wifi|estacionamento|vaga|promoc\w+|desconto|plantao|"
    r"banheiro|pao|bolo|horario|vacina|gluten|vegano|encomenda)|convenio|plantao|emergencia|"
    r"24 horas|pix|cartao|vale refeicao|nota fiscal|orcamento|duvida|validade|ingredientes|"
    r"gluten|lactose|vegan\w+|encomendas?|demora|quanto tempo|reembolso|cancelamento|"
    r"feriado|sabado|domingo|regras?|trocas|voce (?:vende|faz|atende|aceita|entrega|abre|conserta|aluga|parcela)|"
    r"preciso levar|tenho que (?:levar|encomendar|agendar|marcar|reservar)|antecedencia|passa (?:cartao|credito|"
    r"debito)|voces tem|voces fazem|tem como (?:agendar|marcar|"
    r"parcelar|"
    r"entregar|buscar)|precisa (?:de (?:hora|autorizacao|reserva|convite|cadastro)|agendar|marcar|levar)|voces)\b"
)
_QUESTION: Final = (
    r"\?|^(?:\W|oi|ola|bom dia|boa tarde|boa noite|por favor|entao|e|uma duvida|duvida|"
    r"queria saber|gostaria de saber|quero saber|me (?:diz|fala|informa)|sabe me dizer|"
    r"pode me (?:dizer|informar)|voce sabe|tenho uma duvida|,|:|se)*\s*(?:qual|quais|"
    r"quanto|quantos|quando|onde|como|que horas|a que horas|ate que horas|tem|voces|"
    r"aceitam?|fazem|fica|abrem?|atendem?|vendem|entregam?|posso|da pra|precisa|quem|"
    r"por que|porque|funciona|cade|parcelam?|trabalham|voce (?:tem|vende|faz|atende|aceita|entrega|abre|trabalha|"
    r"conserta|aluga|"
    r"parcela))\b|^\W*(?:(?:oi|ola|bom dia|boa tarde|boa noite|por favor)\W+)*(?:eu )?(?:gostaria de|queria|quero|"
    r"preciso) saber\b|^\W*(?:com|em|a|de|por|ate|pra|para) (?:quant[oa]s?|que|qual|quais)\b"
)


def parse_human_request(text: Text) -> Interpretation | None:
    if not text.has(_HUMAN) or text.has(r"\b(?:campanha|mensagem pra todos|contratar|faltou|gastei|paguei|vendi)\b"):
        return None
    match = text.find(
        r"\b(?:sobre|pra (?:resolver|tratar|falar)|para (?:resolver|tratar|falar)|por causa "
        r"d[aeo]|porque|pois|a respeito d[aeo])\s+(?P<r>[^?!\n]{3,120})"
    )
    reason = {"reason": text.original(match.start("r"), match.end("r"))} if match else {}
    return for_tool(Draft("talk_to_human", dict(reason)), confidence=0.94)


def parse_ticket(text: Text) -> Interpretation | None:
    if not text.has(_TICKET) or text.has(
        r"\b(?:nao|sem) (?:tem|tenho|deu) problema|\bproblema nenhum\b|\bsem problemas?\b"
    ):
        return None
    if text.has(r"\b(?:funcionari\w+ quebr|perna quebrada|caixa quebrad|quebrei o caixa|quanto)\b"):
        return None
    asked = text.has(r"\b(?:chamado|ticket|ocorrencia|reclamacao|protocolo|reclamar|queixa)\b")
    if not asked and text.has(r"\b(?:paguei|gastei|comprei|consertei|mandei consertar)\b.{0,40}\d"):
        return None
    priced = find_sums(text.plain) and category_in(text.plain, "expense")
    if not asked and priced and (not text.has(r"\bcobra|\bnota\b|\bpedido\b|\bveio\b|\bchegou\b|\?")):
        return None
    if text.has(_TICKET_ONLY):
        return for_tool(Draft("open_ticket", {}, ("description",)), confidence=0.93)
    return for_tool(ticket_draft(text), confidence=0.93 if asked else 0.85)


def ticket_draft(text: Text) -> Draft:
    """The description is the text after `chamado:` or the whole message; the subject is its beginning."""
    lead = text.find(
        r"\b(?:chamado|ticket|ocorrencia|reclamacao|protocolo|solicitacao|queixa)\b(?:\s*[:,\-]\s*|"
        r"\s+(?:porque|pois|que|sobre|d[aeo]|dizendo que|para|pra|de que|por causa d[aeo]|"
        r"informando que|relatando que)\s+)"
    )
    description = text.original(lead.end(), len(text.plain)) if lead and len(text.plain) - lead.end() > 3 else text.raw
    return Draft("open_ticket", {"subject": ticket_subject(description), "description": description})


def ticket_subject(description: str) -> str:
    first = rx(r"[.!?\n;]").split(description, maxsplit=1)[0].strip() or description.strip()
    return first if len(first) <= 80 else first[:77].rsplit(" ", 1)[0] + "..."


def parse_question(text: Text) -> Interpretation | None:
    """A question about the company itself, as a customer would ask it."""
    if not text.has(_QUESTION) or not text.has(_COMPANY):
        return None
    if text.has(
        r"\bminha folga\b|\d\s*(?:mais|menos|vezes|dividido|x|\+|\*)\s*(?:por )?\d|\b(?:gast\w+|meu caixa|"
        r"meu saldo|minhas? (?:vendas|despesas|contas)|folha de|se eu)\b"
    ):
        return None
    return for_tool(Draft("answer_question", {"question": text.raw}), confidence=0.75)
