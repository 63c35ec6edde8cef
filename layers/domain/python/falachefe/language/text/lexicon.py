"""Word lists: chat abbreviations, words whose typos are corrected, first names, months. All folded."""

from typing import Final

from falachefe.kernel import brazil
from falachefe.kernel.text import fold


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHORTHAND: Final = """
    hj oje hje = hoje; otem onten omtem ont = ontem; antiontem antontem = anteontem
    amanhan amnh amn = amanha; qto qnto qnt qt quanro = quanto; qtos qts qntos = quantos
    qtas qntas = quantas; qdo qnd = quando; qm = quem; ql = qual; kd = cade; vc ce oce = voce; vcs = voces
    pq = porque; tb tbm tmb = tambem; n naum = nao; fds = fim de semana; func = funcionario
    funcs = funcionarios; mkt mktg = marketing; pg pagei pagui paguey pgei pguei paguie = paguei; gastey = gastei;
    lus = luz; gazolina = gasolina; enerjia = energia;
    farina = farinha; pgto pagto pgt = pagamento
    comprey = comprei; receb rcb recbi receb1 resebi recibi ressebi = recebi; gas0lina gasosa gaso = gasolina
    almosso = almoco; almosar = almocar; hrs = horas; hr = hora; msg = mensagem; msgs = mensagens
    zap wpp whats zapzap = whatsapp; insta ig = instagram; face fb = facebook; obg obgd brigado = obrigado
    brigada = obrigada; vlw vlws = valeu; flw = falou; blz bele = beleza; pfv pf pfvr pls plz = por favor
    bd bdia bomdia = bom dia; boatarde bt = boa tarde; boanoite bn = boa noite; td tdo = tudo
    tds tdos todxs = todos; cmg = comigo; dps dpois = depois; aki = aqui; ta tah = esta; to tou = estou
    tao = estao; tavam = estavam; tava = estava; cel = celular; tel = telefone; emp = empresa; cli = cliente
    clis = clientes; forn = fornecedor; desp dispesa despeza = despesa; rec = receita
    orcam orc = orcamento; rel relat = relatorio; sld = saldo; fatur = faturamento; jan = janeiro
    fev = fevereiro; abr = abril; ago = agosto; nov = novembro; reias raeis reai rais real reaus = reais
    pics piks = pix; ker qer = quer; kero qro qero queru = quero; presiso presizo = preciso
    prescisa = precisa; q = que; oq oque = o que; eh = e; neh = ne; mt mto = muito; mta = muita
    sab = sabado; cadastr = cadastra; concerto = conserto; concertei = consertei; concertar = consertar
    manutensao = manutencao; dispesas despezas = despesas; salaro selario = salario; feria = ferias
    atestato = atestado; campania canpanha = campanha; promo = promocao; promos = promocoes; ajd = ajuda
    mercadao = mercado; super = supermercado; dnv = de novo; agr = agora; msm = mesmo; nd = nada
    ngm = ninguem; alg = alguem; smn = semana; segnda segundafeira = segunda; quintafeira = quinta
    sextafeira = sexta; tercafeira = terca; quartafeira = quarta
    adc = adiciona; lanxe lanxi = lanche; ferais = ferias; atestdo = atestado
"""

ABBREVIATIONS: Final[dict[str, str]] = {
    short: meant.strip()
    for shorts, _, meant in (entry.partition("=") for entry in _SHORTHAND.replace("\n", ";").split(";"))
    for short in shorts.split()
}

# Words that the patterns match and that are recognised despite one typo (from five letters on, see `spelling`).
CORRECTABLE_WORDS: Final[frozenset[str]] = words(
    """
    gastei gastamos gastou gasto gastos paguei pagamos pagou comprei compramos comprou recebi recebemos recebeu
    vendi vendemos vendeu venda vendas faturei faturamos faturamento entrou entraram entrada entradas saida
    saidas despesa despesas receita receitas abasteci abastecimento gasolina etanol combustivel diesel almoco
    jantar lanche mercado supermercado padaria restaurante aluguel energia internet telefone celular salario
    salarios adiantamento imposto impostos fornecedor fornecedores mercadoria estoque farinha cimento anuncio
    anuncios panfleto panfletos propaganda publicidade conserto manutencao eletricista encanador mecanico
    oficina estacionamento pedagio passagem motoboy papelaria impressora notebook computador contador advogado
    faxina faxineira diarista sistema tarifa anuidade farmacia remedio medico consulta exame dentista registra
    registrar registre lanca lancar lance anota anotar anote adiciona adicionar cadastra cadastrar cadastre
    funcionario funcionarios funcionaria funcionarias colaborador equipe contratei contratamos contratar
    contratacao recepcionista faltou faltaram ausencia atestado ferias folga folgas orcamento orcamentos limite
    relatorio relatorios resumo balanco extrato saldo fluxo caixa tendencia tendencias evolucao analise analisar
    analisa campanha campanhas promocao promocoes clientes cliente inativos inativo ativos mensagem mensagens
    disparar dispara divulgar resultado resultados postagem legenda instagram facebook sugestao sugere sugira
    atendente atendimento humano pessoa chamado reclamacao problema suporte horario funcionamento endereco
    entrega cartao quanto quantos quantas ontem anteontem amanha segunda terca quarta quinta sexta sabado
    domingo semana passada passado janeiro fevereiro abril maio junho julho agosto setembro outubro novembro
    dezembro obrigado obrigada ajuda duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos
    novecentos cinquenta quarenta sessenta setenta oitenta noventa trinta vinte cancela cancelar transferi
    consertei servico servicos equipamento equipamentos ferramenta ferramentas material escritorio alimentacao
    transporte marketing lucro pagamento recebimento pagaram frete aumentou diminuiu cresceu demissao beleza
    reais contos
    """
)

# Real words one edit away from a correctable word: they are not corrected.
COMMON_WORDS: Final[frozenset[str]] = words(
    """
    gasta gaste gastar gastaria pague pagar pagara pagaria paga pagas pagos compre comprar compra compras
    receber recebe receita receitou vender vende vendas vendo venda entrar entrara entre sair saia sabado semana
    passeio passado pessoas pessoal presente presentes folha folia folga fazer festa feita feira feito falta
    faltar falto gostei gostou gostamos gosto gostos costa costas resto pasta gastado maria mario marina marisa
    pedro paulo carla carlos clara bruno bruna lucas luana fatima tereza contas conta contar contou contato
    contrato contratos contrata canta cansei ajuste ajustar ajudo ajude horas horta hortas limpo limpar limpa
    limpe limpeza penso pensei peguei pegou pegamos chegou cheguei vento ventos sento venci vence venceu tendo
    lendo senha sendo venha senhora lancha lanches marcado marcada marcar mercados entregas entregou entregue
    cartoes cartas canto pontos ponto contra contos quando quantia quanta conserta concerta consulto consultas
    exames medica medicos medida medicas tarde tardes manha manhas quinto quartos quarto sexto cortes corte
    cabelo cabelos chamada chamadas chamar chama chamou cliente humana humanos prazo prazos servico serviu sirvo
    serve posto postos poste posta postar pedido pedidos parede pagina paginas caixas caixao saldos salgado
    salgados salgada fluxos flores planta plantas material materiais fatura faturas mensal mensais mesmo mesma
    metas limites salario salarial gerais areia aereia regra regras reparo reparos ratos trinca troca trocas
    trocar torta tortas forte fonte frente fretes prato pratos pratas vidro vidros tinta tintas vinho vinte
    lucros louca loucas anota nota notas ovos copos molho venda bonito pronto pronta prontos renda rendas rende
    tenda tendas fenda lenda mandei mando manda mandar mandou marco marca cerca perca terceira terceiro carta
    carga porta portas farelo faturou vazamento andamento casamento lavagem pagem massagem massagens viagem
    falou salto feiras series tarefa tarefas vindas vinda saiba cento vento cobrou saltou adota banco marcas
    cargo largo carro caro cartaz fartou gritei lancei bolsa bolso pessoalmente semanal pinta pintou pousou
    posso passo passos passar passei pisou voltou virou tirou levou deixou fechou ficou pedir perdi esteticista
    cerveja seguro seguros analisei analisou pagando passada pesada exata estofado estado estrada estradas
    entrave devolucao devolucoes ausentou salao saloes cortador carvao dominio emissao sabao
    sadia terra energisa registrada parou parei parar param parada parado
    """
)

FIRST_NAMES: Final[frozenset[str]] = words(
    """
    maria ana joao jose antonio francisco carlos paulo pedro lucas luiz luis marcos gabriel rafael daniel
    marcelo bruno eduardo felipe raimundo rodrigo manoel manuel mateus matheus andre fernando fabio leonardo
    gustavo guilherme leandro tiago thiago anderson ricardo marcio jorge sebastiao alexandre roberto edson diego
    vitor victor sergio claudio matias igor otavio caio hugo renato adriana juliana marcia fernanda patricia
    aline sandra camila amanda bruna jessica leticia julia luciana vanessa mariana gabriela vera vitoria larissa
    claudia beatriz rita luana sonia renata eliane carla josefa simone daniela debora raquel rosa cristina bia
    bianca natalia isabela isabel helena laura alice sofia sophia valentina lorena livia lara cecilia clara
    lucia luiza tereza teresa rosangela marta silvia elaine denise monica fabiana tatiana priscila viviane kelly
    michele regina solange joana joaquim benedito davi samuel miguel arthur artur bernardo heitor enzo nicolas
    murilo henrique vinicius wagner wellington wesley william jefferson jonas julio juliano jair jairo ivan
    ismael israel geraldo gilberto gilson nelson nilson milton mauricio mauro mario marlene neide neusa nair
    nilza odete olga paula carol carolina caroline catarina barbara brenda emily eduarda ester evelyn flavia
    flavio giovana giovanna gisele graziela ingrid iris ivone jaqueline josiane joyce karina katia kauan keila
    lais leila ligia lilian lucas luciano luan ludmila madalena magda manuela marilia marina marisa mayara
    mirian miriam nadia nathalia nicole noemi pamela pietra poliana rebeca roberta rosana rosane rute sabrina
    samanta samara sara sarah selma sheila silvana stefany suelen suzana tais talita tamires thais tania valeria
    vivian yasmin yara zilda ze zeca chico beto tonho toninho zezinho duda gabi rafa dani fer juju leo nando
    cleber cleiton clebson cristiano dario denis douglas elias emerson erick eric everton fabricio fagner gerson
    hamilton helio humberto jean joel josue kevin lauro levi lino lourdes marcelino moises nivaldo osmar oswaldo
    osvaldo otto patrick plinio ramon raul reginaldo reinaldo renan robson rogerio romulo ronaldo rubens ruan
    saulo silas silvio tadeu tales tarcisio ubirajara valdir valter vagner vanderlei vicente wallace walter
    washington willian yago yuri zacarias dirce dora edna elisa elza erica erika fatima francisca geovana
    glaucia gloria graca heloisa iara ines irene isadora jandira janaina jane jurema karen lidia
    """
)

SURNAMES: Final = words(
    """
    silva souza sousa santos oliveira lima pereira ferreira costa rodrigues almeida nascimento alves carvalho
    araujo ribeiro gomes martins barbosa rocha dias moreira nunes mendes freitas cardoso teixeira correia
    moraes melo castro pinto cavalcanti monteiro moura batista campos andrade vieira borges machado lopes
    fernandes duarte reis ramos aparecida
    """
)

MONTH_NAMES: Final = tuple(fold(name) for name in brazil.MONTHS)
MONTHS: Final[dict[str, int]] = {name: number for number, name in enumerate(MONTH_NAMES, 1)} | {
    "mar": 3, "jun": 6, "jul": 7, "set": 9, "out": 10, "mai": 5, "dez": 12,
}  # fmt: skip
"""Not every abbreviation: some are words of their own."""
