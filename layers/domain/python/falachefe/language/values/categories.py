"""Maps what was bought or sold to a ledger category. Phrases are folded; a plural `s` is ignored."""

import re
from functools import cache
from typing import Final

from falachefe.language.text.normalize import rx

EXPENSE: Final[dict[str, str]] = {
    "combustivel": """
        gasolina|etanol|alcool na|alcool no|
        alcool combustivel|alcool pro carro|diesel|gnv|combustivel|combustiveis|abasteci|
        abastecer|abastecemos|abasteceu|abastecimento|abastecida|tanque|enchi o tanque|posto|posto de gasolina|
        posto ipiranga|posto shell|s10|arla|
        oleo diesel|abastecendo|gasolina aditivada|tanqueei
    """,
    "alimentacao": """
        almoco|almocar|almocei|almocamos|janta|jantar|jantei|jantamos|lanche|lanchei|lanchonete|cafe|cafezinho|
        cafe da manha|marmita|marmitex|quentinha|restaurante|pizza|pizzaria|padaria|mercado|supermercado|
        mercadinho|feira|comida|ifood|refrigerante|coca cola|pao|paes|paozinho|churrasco|cesta basica|hortifruti|
        acougue|salgado|salgadinho|bolo de aniversario|alimentacao|refeicao|cantina|refeicoes|vale refeicao|
        vale alimentacao|agua mineral|galao de agua|garrafao|bebedouro agua|hamburguer|esfiha|sorvete|acai|fruta|
        verdura|biscoito|bolacha|rancho|buffet|rodizio|cerveja|suco|doceria|confraternizacao|self service|sushi|
        pastel|coxinha|vale mercado|bolo|doce|
        sanduiche|sanduba|misto quente|tapioca|crepe|pastelaria|cafeteria|salgadinhos do pessoal|agua de coco|
        panetone|mercearia|quitanda|refri|refris|lanchinho|rango|cha|petisco|espetinho|temaki|
        cachorro quente|dogao|pao de queijo
    """,
    "aluguel": """
        aluguel|alugueis|aluguer|locacao do ponto|locacao da loja|locacao da sala|locacao do imovel|condominio|
        arrendamento|aluguel da loja|aluguel do salao|aluguel do ponto|aluguel da sala|aluguel do galpao|
        imobiliaria|
        sala comercial|sublocacao|caucao|quiosque|box da feira|locacao do galpao|locacao do espaco|
        iptu do aluguel
    """,
    "energia": """
        luz|conta de luz|energia|energia eletrica|eletricidade|enel|cemig|copel|cpfl|celesc|coelba|neoenergia|
        equatorial|energisa|light|celpe|ceee|edp|eletropaulo|conta de energia|forca|
        conta da luz|bandeira tarifaria|padrao de energia|elektro|rge|celg|fatura da luz
    """,
    "agua": """
        agua|conta de agua|sabesp|copasa|sanepar|cedae|caesb|embasa|compesa|corsan|casan|saneago|saae|esgoto|
        agua e esgoto|caminhao pipa|aegea|
        conta da agua|fatura da agua|dmae|semae|brk|poco artesiano
    """,
    "internet_telefone": """
        internet|net|wifi|wi-fi|wi fi|telefone|conta de telefone|conta de celular|conta do celular|plano do celular|
        plano de celular|recarga|recarga do celular|credito no celular|credito do celular|vivo|a claro|da claro|
        conta claro|claro internet|claro fibra|claro movel|tim|conta da oi|oi fibra|fibra|banda larga|chip|
        plano de dados|celular da empresa|conta do telefone|telefonia|roteador alugado|provedor|
        internet do salao|net virtua|
        pacote de dados|credito pro celular|credito para o celular|credito de celular|linha telefonica|
        linha movel|pacote de internet|sky|starlink|ligacao|ligacoes|gigas|pre pago|fatura do celular|
        fatura da internet|fatura do telefone|plano da tim|plano da vivo|plano da claro|chip novo
    """,
    "salarios": """
        salario|folha de pagamento|folha salarial|folha dos funcionario|folha|pagamento dos funcionario|
        pagamento do funcionario|pagamento da equipe|funcionario|funcionaria|adiantamento|adiantamento salarial|
        decimo terceiro|13o|13 salario|rescisao|pro labore|pro-labore|prolabore|ordenado|holerite|diaria|
        diaria do ajudante|hora extra|horas extras|comissao|comissoes|vale do|vale da|vale pro|vale pra|
        vale para|quinzena do|quinzena da|ferias do|ferias da|ajudante|estagiario|estagiaria|gratificacao|adiantei|
        adiantou|
        bonus da equipe|semana do pessoal|pessoal da obra|equipe|ferias dos funcionario|
        acerto trabalhista|acerto da rescisao|vale da semana|abono|premiacao da equipe|plr|ferias pagas|
        pagamento da funcionaria|diarias da equipe|menina da limpeza|menor aprendiz|aprendiz|caixinha da equipe|
        seguro desemprego
    """,
    "impostos": """
        imposto|o das|do das|meu das|guia das|paguei das|boleto das|das mei|das do mei|simples nacional|
        o simples|do simples|icms|iss|issqn|iptu|ipva|inss|fgts|darf|gps|tributo|alvara|taxa da prefeitura|
        guia do mei|guia do simples|mei|licenciamento|multa de transito|irpj|csll|pis|cofins|taxa de lixo|
        vigilancia sanitaria|imposto de renda|contribuicao sindical|taxa do bombeiro|dare|encargo|dae|
        com das|pelo das|imposto das|boleto do das|multa|taxa de bombeiro|taxa dos bombeiro|taxa de incendio|
        itbi|itr|crlv|dpva|dpvat|difal|cbs|irrf|detran|renovacao do alvara|taxa de alvara|prefeitura|
        receita federal
    """,
    "fornecedores": """
        fornecedor|fornecedora|mercadoria|estoque|materia prima|materia-prima|insumo|farinha|acucar|ovo|leite|
        manteiga|fermento|chocolate|cacau|leite condensado|creme de leite|margarina|trigo|cimento|areia|tijolo|
        brita|bloco|argamassa|cal|telha|vergalhao|ferro|madeira|madeirite|piso|azulejo|rejunte|massa corrida|
        tinta|lata de tinta|peca|pecas|autopecas|auto pecas|pneu|oleo|oleo de motor|filtro|filtro de oleo|
        pastilha|pastilha de freio|vela|correia|amortecedor|bateria|racao|vacina|medicamento veterinario|seringa|
        shampoo|xampu|condicionador|esmalte|acetona|tinta de cabelo|tintura|creme|cera|distribuidora|atacadao|
        atacado|atacadista|assai|makro|revenda|embalagem|embalagens|sacola|sacolinha|caixa de bolo|
        material de construcao|material de obra|material da obra|material pra obra|material para obra|
        deposito de construcao|produto pra revenda|produto para revender|produto|queijo|presunto|carne|frango|
        lona|prego|parafuso|fio eletrico|fio|cano|conexao|tubo|gesso|verniz|cola|areia de gato|coleira|luva|
        algodao|gaze|descartavel|descartaveis|copo descartavel|forminha|granulado|recheio|cobertura|gas|
        gas de cozinha|ambev|heineken|nestle|sadia|unilever|camiseta|camisa|tecido|linha de costura|botao|ziper|
        blusa|calca|vestido|calcado|roupa|adubo|fertilizante|semente|muda|milho|sal|botijao|botijao de gas|polvilho|
        oxigenada|po descolorante|kit de unha|lubrificante|graxa|
        fluido|aditivo|lampada automotiva|anestesico|antipulga|vermifugo|impermeabilizante|drywall|cabo|
        bebida|batata|tomate|cebola|arroz|feijao|macarrao|mussarela|calabresa|bacon|salsicha|linguica|
        ketchup|maionese|polpa|polpa de fruta|gelo|saco plastico|bandeja de isopor|isopor|caixa de papelao|
        papelao|guardanapo|canudo|palito|sabonete pra revenda|perfume|cosmetico|bijuteria|aviamento|couro|
        espuma|mdf|compensado|vidro|aluminio|dobradica|selador|solvente|thinner|lixa|disco de corte|
        eletrodo|tubulacao|disjuntor|tomada|interruptor|rolamento|kit embreagem|disco de freio|lona de freio|
        filtro de ar|petisco pra cachorro|areia sanitaria|tapete higienico|brinquedo|fralda|
        orquidea|vaso|terra vegetal|sementes|defensivo|gergelim|coco ralado|essencia|
        corante|confeito|papel manteiga|fecula|gordura|nata|iogurte|sorvete pra revenda|carvao
    """,
    "marketing": """
        anuncio|anunciei|anunciamos|trafego pago|google ads|facebook ads|meta ads|instagram ads|ads|google|
        instagram|facebook|tiktok|panfleto|panfletagem|flyer|folder|banner|propaganda|publicidade|impulsionei|
        impulsionar|impulsionamento|influencer|influenciador|influenciadora|outdoor|cartao de visita|
        cartoes de visita|faixa|marketing|brinde|carro de som|adesivo|divulgacao|social media|logotipo|logo|
        campanha|radio|placa da loja|fachada nova|trafego|post patrocinado|patrocinio|sorteio|
        arte pro post|arte para post|arte do post|letreiro|totem|video promocional|edicao de video|
        ensaio da marca|blogueira|blogueiro|uniforme com logo|agencia de publicidade|agencia de marketing|
        impresso|catalogo impresso|cartaz|lambe lambe|busdoor|parceria com influenciador|boost|impulsionando
    """,
    "manutencao": """
        conserto|consertei|consertar|consertamos|consertou|reparo|retifica|retificar|retifiquei|retificou|soldar|
        solda|revisao do carro|reparei|manutencao|arrumar|arrumou|arrumei|
        encanador|eletricista|pintor|pintura|reforma|reformando|reformar|reformei|reformou|oficina|mecanico|
        troca de oleo|revisao|borracheiro|borracharia|chaveiro|dedetizacao|dedetizadora|vidraceiro|marceneiro|
        serralheiro|assistencia tecnica|troca de pneu|alinhamento|balanceamento|desentupidora|desentupimento|
        goteira|vazamento|lavagem do carro|lava jato|lava rapido|funilaria|guincho|tecnico da geladeira|tecnico|
        lampada|pedreiro|manutencao do ar|limpeza do ar|instalacao|
        troca da fechadura|troca de fechadura|fechadura|formatacao|formatar|formatei|troca da resistencia|
        resistencia|torneira|sifao|boia|troca do chuveiro|chuveiro|recarga do extintor|recarga de extintor|
        recarga do gas do ar|higienizacao do ar|carga de gas|peca da maquina|peca do forno|peca da geladeira|
        peca do freezer|peca da impressora|peca da moto|peca da van|peca da kombi|pneu da kombi|pneu da moto|
        pneu da van|pneu do furgao|pneu do caminhao da entrega|arrumar o|toldo rasgado|telhadista|gesseiro|
        calheiro|calha|restauracao|assistencia do|tecnico de informatica|tecnico do ar|reboco|lanternagem|
        martelinho|polimento do carro|desentupir|desentupiu|desentupimos|dedetizar|dedetizador|dedetizou|
        descupinizacao|limpeza da caixa d agua|limpeza de fossa|fossa|vidracaria|serralheria|marcenaria|
        peca pro conserto
    """,
    "transporte": """
        uber|99|99pop|taxi|onibus|passagem|passagens|frete|motoboy|pedagio|estacionamento|zona azul|correio|
        sedex|metro|trem|carreto|bilhete unico|transportadora|lalamove|loggi|aviao|transporte|vale transporte|
        corrida de app|moto taxi|mototaxi|indrive|entregador|sem parar|jadlog|entrega|taxa de entrega|
        van escolar|viagem|balsa|aluguel de carro|aluguel do carro|aluguel da van|mudanca|
        aluguel de van|aluguel da kombi|aluguel de kombi|aluguel de moto|locacao de carro|locacao de van|
        locadora|hotel|hospedagem em|diaria do hotel|rodoviaria|barco|carona|blablacar|logistica|malote|
        courier|bike entrega|guarda volume|estaciona|parquimetro|valet|tag do pedagio|conectcar|veloe|
        corrida do 99|corrida|caminhao de mudanca|frota|aluguel do caminhao|fretista|pac
    """,
    "material_escritorio": """
        papel|papel sulfite|sulfite|caneta|toner|cartucho|tinta da impressora|tinta de impressora|papelaria|
        caderno|grampeador|material de escritorio|pasta|clips|envelope|agenda|bobina|bobina da maquininha|
        etiqueta|post-it|postit|impressao|xerox|copias|carimbo|lapis|resma|tesoura|fita adesiva|calculadora|
        bloco de nota|marca texto|
        clipe|quadro branco|lousa|apagador|pincel atomico|canetao|prancheta|fichario|porta caneta|
        livro caixa|livro ponto|pilha|pen drive|pendrive|encadernacao|plastificacao|cracha|
        almofada de carimbo|barbante|elastico|perfurador|papel a4|papel carta|papel fotografico|estilete|
        regua|borracha escolar|corretivo|bobina termica|talao|talonario|bloco de pedido|nota fiscal impressa
    """,
    "equipamentos": """
        notebook|computador|impressora|furadeira|maquina|maquinario|equipamento|ferramenta|forno|batedeira|
        geladeira|freezer|balanca|celular|celular novo|secador|cadeira|mesa|monitor|teclado|mouse|betoneira|
        compressor|elevador automotivo|elevador|ar condicionado|ar-condicionado|tv|televisao|camera|tablet|fogao|
        liquidificador|fritadeira|micro-ondas|microondas|serra|serra circular|parafusadeira|lixadeira|andaime|
        escada|chapinha|prancha|lavatorio|maca|microscopio|autoclave|estufa|vitrine|prateleira|estante|armario|
        balcao|roteador|nobreak|leitor de codigo|caixa registradora|macaco hidraulico|scanner|esmerilhadeira|
        moedor|masseira|motor novo|cilindro|carrinho de mao|ventilador|maquina de cartao nova|chave de impacto|
        aspirador|
        lavadora|maquina de lavar|estetoscopio|tosador|maquina de tosa|mesa de escritorio|bebedouro|
        esteira|bicicleta|bicicleta ergometrica|cortador de grama|rocadeira|espelho|halter|anilha|aparelho|
        projetor|caixa de som|fone|headset|sofa|poltrona|cama|colchao|toldo|gondola|expositor|drone|tripe|
        ring light|chopeira|cafeteira|coifa|exaustor|extintor|purificador|gaveteiro|arquivo de aco|soprador|
        pulverizador|bomba d agua|bomba|gerador|ultrassom|makita|trena|alicate|chave de fenda|martelo|
        enxada|carrinho|moto nova|carro novo|van nova|caminhao novo|veiculo|estofado|panela|assadeira|
        forma de bolo|forma de pao|espremedor|processador|extrator|chapa|fritadeira eletrica|air fryer|
        airfryer|maquina de corte|tanque de lavar|lava loucas|lava e seca|tatame|cortina|persiana|luminaria|
        refletor|hd|ssd|memoria ram|placa de video|estabilizador|switch|switch de rede|servidor|
        relogio de ponto|relogio ponto|cofre|alarme novo|catraca|portao|banqueta|mesa de massagem|
        cadeira de barbeiro|seladora|empilhadeira|paleteira|palete|torno|fresa|morsa|bancada|esmeril|
        jogo de chave|chave inglesa|soprador termico|pistola de pintura|panela industrial|kit de ferramenta
    """,
    "servicos": """
        contador|contadora|contabilidade|contabil|advogado|advogada|faxina|faxineira|faxineiro|diarista|limpeza|
        freelancer|freela|consultoria|consultor|assinatura|sistema|sistema de gestao|software|hospedagem|dominio|
        designer|seguranca|vigia|vigilante|alarme|monitoramento|servico|servicos|terceirizado|licenca|canva|
        netflix|spotify|despachante|cartorio|certificado digital|lavanderia|fotografo|fotografa|jardineiro|
        jardinagem|seguro|seguradora|seguro do carro|curso|treinamento|aplicativo|app|chatgpt|office 365|
        microsoft 365|motorista|costureira|coleta de lixo|cacamba|laboratorio|honorario|erp|site|desenvolvedor|
        programador|escritorio de contabilidade|produtora|tradutor|
        honorario do contador|perito|pericia|engenheiro|arquiteto|arquiteta|corretor|corretora|coach|
        mentoria|mentor|palestra|palestrante|workshop|tecnico contabil|bpo|auditoria|consulta juridica|
        garcom extra|garcom freela|garcom do evento|dj|musico|banda|animador|buffet de festa|decoradora|
        decorador|passadeira|cuidadora|zeladoria|portaria|outsourcing|trello|notion|google workspace|
        assinatura do sistema|mensalidade do sistema|plano do sistema|licenca de software|hosting|
        registro de dominio|registro da marca|inpi|emissao de nota|assessoria|gravacao|filmagem|videomaker|
        redator|tradutora|revisor|digitador|carreteiro|dedetizacao mensal|curso|treino da equipe|capacitacao|
        mao de obra|marmoraria
    """,
    "tarifas_bancarias": """
        tarifa|tarifa bancaria|tarifa do banco|taxa do banco|taxa bancaria|taxa do cartao|taxa da maquininha|
        taxa da maquina|taxa de maquininha|aluguel da maquininha|aluguel da maquina de cartao|
        mensalidade da maquininha|anuidade|anuidade do cartao|juros|juros do banco|iof|taxa de ted|ted|
        cheque especial|taxa do pix|manutencao da conta|manutencao de conta|taxa de boleto|tarifa de boleto|
        emissao de boleto|taxa de antecipacao|antecipacao|stone|pagseguro|mercado pago taxa|taxa do mercado pago|
        maquininha|banco|emprestimo|parcela do emprestimo|pacote de servicos do banco|cesta de servicos|
        mensalidade da conta|
        taxa de saque|saque|tarifa de saque|tarifa de ted|tarifa de pix|tarifa pix|tarifa do cartao|
        taxa de cartao|taxa de credito|taxa de debito|taxa mdr|mdr|taxa da stone|taxa da cielo|cielo|getnet|
        rede card|taxa do pagseguro|taxa do mercadopago|sumup|infinitepay|taxa da operadora|multa do boleto|
        multa por atraso|multa de atraso|multa e juros|juros e multa|encargo do banco|encargos do banco|
        encargo bancario|estorno do cartao|chargeback|custodia|manutencao da conta pj|conta pj|
        taxa de manutencao|seguro prestamista|financiamento|consorcio|parcela do financiamento|capital de giro|
        rotativo|doc|tac|registro de boleto|boleto registrado|
        taxa de emissao
    """,
    "saude": """
        remedio|farmacia|drogaria|medico|medica|consulta|consulta medica|exame|dentista|plano de saude|unimed|
        convenio medico|convenio|hospital|psicologo|psicologa|oculos|fisioterapia|exame admissional|aso|
        medicina do trabalho|curativo|primeiros socorros|plano odontologico|vacina da gripe|atestado medico|
        clinica|pronto socorro|mascara|alcool em gel|alcool gel|epi|hapvida|amil|bradesco saude|
        dipirona|antigripal|antibiotico|pomada|analgesico|paracetamol|ibuprofeno|vitamina|hemograma|raio x|
        ressonancia|tomografia|exame demissional|exame periodico|ultrassom do|vacina do|dermatologista|
        ortopedista|oculista|oftalmologista|nutricionista|fisioterapeuta|terapeuta|terapia|enfermeira|
        ambulancia|soro|band aid|bandaid|esparadrapo|kit primeiros socorro|protetor auricular|lente de contato|
        aparelho auditivo|aparelho dentario|plano dental|pcmso|ppra|medicamento|sulamerica|sul america|
        notredame|drogasil|pague menos|droga raia|termometro|teste de covid|mascara descartavel
    """,
    # Goods that no other category covers.
    "outros": """
        material de limpeza|produto de limpeza|produtos de limpeza|desinfetante|detergente|sabao|agua sanitaria|
        alvejante|candida|vassoura|rodo|pano de chao|esponja|balde|saco de lixo|papel higienico|papel toalha|
        sabonete|amaciante|limpa vidro|limpa piso|uniforme|jaleco|fardamento|avental|presente|doacao|dizimo|rifa|
        decoracao|enfeite|arvore de natal|velorio|coroa de flores|coroa de flor
    """,
}  # fmt: skip

INCOME: Final[dict[str, str]] = {
    "servicos": """
        servico|servicos|instalei|instalou|consertei|montei|lavei|conserto|corte|cortes|escova|manicure|pedicure|unha|progressiva|luzes|tintura|depilacao|
        sobrancelha|barba|maquiagem|penteado|massagem|consulta|consultas|banho|banhos|tosa|castracao|cirurgia|
        vacinacao|internacao|exame|exames|revisao|troca de oleo|troca de embreagem|troca de pneu|troca|
        alinhamento|balanceamento|funilaria|mao de obra|mao-de-obra|obra|reforma|pintura|instalacao|manutencao|
        diaria|faxina|frete|entrega|aula|aulas|consultoria|projeto|orcamento aprovado|atendimento|atendimentos|
        hidratacao|coloracao|limpeza de pele|hospedagem|guincho|empreitada|empreita|assessoria|sessao|
        procedimento|cilios|micropigmentacao|lavagem|polimento|reparo|visita tecnica|adestramento|construcao|
        muro|telhado|laje|alongamento|tratamento|hotelzinho|polimento
    """,
    "vendas": """
        venda|vendas|vendi|vendemos|vendeu|venderam|vendido|vendida|faturei|faturamos|faturou|faturamento|
        encomenda|encomendas|bolo|bolos|pao|paes|salgado|salgados|coxinha|coxinhas|doce|doces|torta|tortas|
        marmita|marmitas|pizza|pizzas|produto|produtos|peca|pecas|pneu|pneus|racao|mercadoria|loja|caixa do dia|
        movimento do dia|balcao|pedido|pedidos|delivery|ifood|cesta|brigadeiro|brigadeiros|shampoo|bateria|roupa|
        roupas|vestido|sapato|camiseta|brinco|livro|kit|combo|lanche|lanches|hamburguer|acai|acais|pastel|
        pasteis|almoco|almocos
    """,
}  # fmt: skip


# Goods bought for resale or as an ingredient count as `fornecedores` whatever they are.
_FOR_SALE: Final = (
    r"\b(?:pr[ao]s?|para)(?: [oa]s?)? (?:re)?vend(?:er|a|as)\b|\bpr[ao]s? (?:bar|restaurante|lanchonete|padaria|"
    r"pizzaria|"
    r"confeitaria|floricultura|acougue|mercearia|hamburgueria|sorveteria|cafeteria|boteco|cozinha do restaurante)\b"
)
_RESOLD: Final = ("alimentacao", "outros", "fornecedores")


@cache
def _phrases(kind: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Phrases as stems with their category, by first word, longest phrase first."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for category, words in (EXPENSE if kind == "expense" else INCOME).items():
        for phrase in words.split("|"):
            parts = tuple(_stem(w) for w in re.split(r"[\s-]+", phrase.strip()) if w)
            table.setdefault(parts[0], []).append((parts, category))
    for found in table.values():
        found.sort(key=lambda item: -len(item[0]))
    return table


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def category_in(plain: str, kind: str) -> tuple[str, int] | None:
    """The category of the first item named and its offset, or None. `kind` is `expense` or `income`."""
    named = _slug_named(plain, kind)
    if named:
        return named
    found = _first_named(plain, kind)
    if kind == "expense" and (purpose := rx(_FOR_SALE).search(plain)):
        if found is None and "vend" in purpose.group():
            return "fornecedores", purpose.start()
        if found and found[0] in _RESOLD and found[1] < purpose.start():
            return "fornecedores", found[1]
    return found


def _first_named(plain: str, kind: str) -> tuple[str, int] | None:
    words = [(_stem(m.group()), m.start()) for m in rx(r"[a-z0-9]+").finditer(plain)]
    table = _phrases(kind)
    for i, (word, offset) in enumerate(words):
        for parts, category in table.get(word, ()):
            if tuple(w for w, _ in words[i : i + len(parts)]) == parts:
                return category, offset
    return None


def _slug_named(plain: str, kind: str) -> tuple[str, int] | None:
    """`categoria transporte` names the category itself."""
    match = rx(r"\bcategoria\s*(?:de\s|e\s|:)?\s*([a-z_]+(?: (?:de )?[a-z]+)?)").search(plain)
    if not match:
        return None
    slugs = EXPENSE if kind == "expense" else INCOME
    phrase = match.group(1).replace(" de ", "_").replace(" ", "_")
    for slug in (*slugs, "outros"):
        if (
            phrase in (slug, slug.rstrip("s"))
            or phrase.split("_")[0] in (slug, slug.rstrip("s"))
            or phrase == slug.split("_")[0]
        ):
            return slug, match.start()
    return None
