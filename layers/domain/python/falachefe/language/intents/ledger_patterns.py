"""Patterns for money that was spent or received, and for money that was not (yet)."""

from typing import Final

from falachefe.language.text.lexicon import words

SPENT: Final = (
    r"\b(?:patrocinei|patrocinamos|adquiri|adquirimos|financiei|parcelei|retirei|gastei|gastamos|gastou|gastaram"
    r"|gastado|paguei|pagamos|comprei|compramos|"
    r"comprou|compraram|torrei|torramos|desembolsei|desembolsamos|abasteci|abastecemos|"
    r"abasteceu|almocei|almocamos|jantei|jantamos|lanchei|lanchamos|quitei|quitamos|"
    r"quitou|acertei|investi|investimos|consertei|consertamos|mandei (?:consertar|arrumar|"
    r"fazer|lavar|trocar|pintar|imprimir|instalar|reformar|revisar)|transferi|transferimos|"
    r"anunciei|impulsionei|custou|custaram|dei|demos|morri com|botei|coloquei|enchi|"
    r"aluguei|assinei|renovei|recarreguei|doei|emprestei|saquei|mandei (?:um |o )?pix|"
    r"mandei|fiz (?:um |o |uns )?pix|fiz (?:uma |umas |a )?(?:compra|compras|transferencia|"
    r"doacao|recarga)|fiz (?:um |o )?(?:pagamento|deposito)|passei|sai(?:u|ram) (?:do "
    r"caixa|da conta|r?\$?\s*\d)|sairam|saiu|la se foram|foi-?se|tive (?:um |uns )?(?:gasto|"
    r"gastos|despesa|custo)|deixei|arrumei|reformei|pintei|peguei (?:um |o )?(?:uber|"
    r"taxi|99)|fui de uber|tirei\b.{0,20}\bdo caixa|(?:consegui|acabei de|tive que|tive "
    r"de|precisei|tivemos que|fui) (?:pagar|comprar|gastar|abastecer|consertar|mandar|"
    r"transferir|quitar|almocar)|devolvi|reembolsei|repassei|adiantei|pago(?:s)? (?:o|"
    r"a|os|as)|(?:foi|foram) pag[oa]s?|esta pag[oa]|ja (?:esta )?pag[oa]|paga|debitou|"
    r"debitaram|descontaram|cobraram|me cobrou|me custou|(?:debitad|quitad|descontad)[oa]s?|contratei (?:um |uma |o |"
    r"a )?(?:servico|"
    r"carreto|frete|plano|seguro|consultoria|mudanca|guincho|buffet|caminhao|cacamba|dedetiza[a-z]+|anuncio|"
    r"motoboy)(?= .{0,20}\d))\b"
)
EARNED: Final = (
    r"\b(?:(?:quitou|acertou|pagou|zerou|liquidou) (?:a |o |as |os )?(?:divida|fiado|resto|restante|pendencia|que"
    r" devia|"
    r"debito|que faltava|sinal|parcela del[ae]|conta del[ae])|repass(?:ou|aram)|credit(?:ou|aram)|recebi|recebemos"
    r"|recebeu|receberam|vendi|vendemos|vendeu|venderam|faturei|"
    r"faturamos|faturou|ganhei|ganhamos|entrou|entraram|caiu|cairam|pingou|pingaram|"
    r"(?:me|nos) (?:pagou|pagaram|passou|passaram|mandou|mandaram|depositou|depositaram|"
    r"transferiu|transferiram|deu|deram|adiantou|acertou|fez um pix|fez pix)|pagaram|"
    r"(?:mandaram|fizeram|me fizeram|fez) (?:um |o )?pix|(?:consegui|acabei de|conseguimos) "
    r"(?:vender|receber|faturar)|embolsei|arrecadei|arrecadamos|lucrei|lucramos|cobrei|"
    r"depositaram|transferiram|apurei|apuramos|rendeu|renderam|levantei|levantamos)\b"
)
# `fiz a revisão da van`: maintenance of the company's own things is an expense; of a customer's, it is income.
OWN_UPKEEP: Final = (
    r"\bfiz (?:a |o |uma |um )?(?:revisao|manutencao|vistoria|licenciamento|seguro|limpeza|reforma|pintura"
    r"|dedetizacao|"
    r"recarga|troca d[eao] \w+|conserto|reparo|instalacao) (?:completa |geral |preventiva )?(?:d[oa]s?|n[oa]s?)"
    r" (?:meu |minha |nosso "
    r"|nossa )?(?:carro|moto|van|kombi|caminhao|caminhonete|furgao|veiculo|loja|salao|oficina|ar|ar condicionado"
    r"|geladeira|"
    r"freezer|forno|impressora|computador|maquina|maquinas|fachada|letreiro|escritorio|clinica|padaria|empresa"
    r"|galpao|deposito|"
    r"banheiro|extintor\w*|elevador|trator|celular da loja)\b(?!.{0,15}\b(?:client\w+|dona|seu|sr|senhor\w*|dele"
    r"|dela)\b)(?! d[oae]s? )"
)
PAID_BY: Final = (
    r"\b(?:pagou|acertou|quitou|depositou|transferiu|mandou (?:um )?pix|fez (?:um )?pix|"
    r"deixou\b.{0,15}\bsinal)\b"
)
EARNED_NOUN: Final = (
    r"\b(?:venda|vendas|receita|receitas|entrada|entradas|recebimento|recebimentos|faturamento|"
    r"ganho|ganhos|recebid[oa]s?|vendid[oa]s?|caixa do dia|movimento do dia|lucro|caixa "
    r"(?:de hoje )?(?:fechou|deu)|fechei o (?:caixa|dia)|dinheiro que entrou)\b"
)
SPENT_NOUN: Final = (
    r"\b(?:despesa|despesas|gasto|gastos|saida|saidas|compra|compras|pagamento|pagamentos|"
    r"custo|custos|boleto|retirada|sangria|debito de|pag[oa]s?|gastos)\b"
)
MADE: Final = (
    r"\b[a-z]{3,}ei (?:\d+|dois|duas|tres|quatro|cinco|seis) (?:carros?|motos?|pacientes?|clientes?|caes|cachorros?"
    r"|gatos?|pets?|cabelos?|"
    r"casas?|alunos?|animais|pessoas)\b|\bfiz\b|\bfizemos\b|\bfez\b|\bfechei\b|\bfechamos\b|\btirei\b|\batendi\b"
    r"|\batendemos\b|"
    r"\bfecha(?:mos)?\b|\brealizei\b|\brealizamos\b|\bterminei\b|\bentreguei\b|\bdeu\b|"
    r"\bfechou\b"
)
# `me cobraram 90 mas não paguei`: the end of the sentence negates the entry.
RETRACTED: Final = (
    r"\b(?:mas|so que|e)\s+(?:eu |ainda )*nao (?:paguei|comprei|recebi|vendi|pagamos|recebemos)"
    r"(?: ainda| isso)?\W*$"
)
REGISTER: Final = (
    r"\b(?:registr(?:a|ar|e|ei|o|em)|lanc(?:a|ar|e|ei|o)|lanca|anot(?:a|ar|e|ei|o)|adicion(?:a|"
    r"ar|e|o)|coloc(?:a|ar|o)|coloque|p[oõ]e|por ai|ponha|bot(?:a|ar|e)|inclu(?:i|ir|"
    r"a)|marc(?:a|ar)|marque|cadastr(?:a|ar|e|o)|salv(?:a|ar|e)|insir[ae]|insere|inserir|"
    r"computa|computar|contabiliz(?:a|ar|e)|da baixa|joga|soma|bota ai|guarda)\b"
)
_DONE: Final = "gast|pag|compr|receb|vend|entr|cai|abastec|transfer|fatur|ganh|investi|quit|almoc|jant|deposit|cobr"
NEGATED: Final = r"\b(?:nao|nunca|nem|jamais|sem)\s+(?:\w+\s+){0,2}?(?:" + _DONE + r")\w*"
INTENDED: Final = (
    (
        r"\b(?:vou|vamos|vai|vao|ia|iria|iremos|irei|quero|queremos|queria|quer|pretendo|"
        r"pretendemos|penso em|pensando em|preciso|precisamos|precisa|precisava|tenho que|"
        r"tenho de|tem que|temos que|tinha que|devo|deveria|deve|devemos|posso|podemos|consigo|"
        r"falta|faltam|faltou|gostaria de|planejo|planejando|teria que|teria de|vale a pena|"
        r"compensa|penso|da pra|daria pra|pode ser que|talvez|acho que vou|bora|hora de|"
        r"lembrar de|lembra de|lembre de|esqueci de|prestes a|antes de|sem|tentar|tentando)\s+(?:(?:eu|"
        r"a|o|que|de|me|te|lhe|nos|se|ja|mais|so|ainda|agora|amanha|hoje|ter|tambem|ficar|"
        r"depois|tudo|gente|ir|ele|ela|eles|cliente|clientes)\s+){0,3}(?:"
    )
    + _DONE
    + r")\w*(?:r|ndo|rmos)\b"
)
UNSETTLED: Final = (
    r"\b(?:passei|mandei|enviei|passamos|mandamos|dei) (?:o |um |uma |meu )?(?:orcamento|proposta|cotacao)\b|"
    r"\btalvez\b|\borcamento (?:d[aeo]s? \w+ )?(?:ficou|deu|foi|e de|veio|saiu|era)\b|\b(?:quer|"
    r"pediu|pede|cobra|esta cobrando|esta pedindo)\s+(?:r\$\s*)?\d|\besta (?:a |"
    r"em |por |r\$ ?)?\d|\bagend(?:a|ar|e)\b.{0,15}\b"
    r"(?:pagamento|pix|transferencia|boleto)\b|"
    r"\bse (?:eu |a gente |nos |ele |ela |o cliente |alguem )?(?:tivesse |for |fosse )?(?:"
    + _DONE
    + (
        r")\w*(?:r|sse|rmos|ssemos|rem)\b|\b(?:gastaria|pagaria|compraria|venderia|receberia|"
        r"ganharia|custaria|ganhasse|gastasse|pagasse|pagarei|gastarei|comprarei|receberei|"
        r"pagaremos|venderei)\b|\b(?:amanha|depois|semana que vem|mes que vem|dia \d+) (?:eu "
        r"|a gente |nos )?(?:pago|compro|recebo|vendo|pagamos|gasto|compramos|recebemos|"
        r"cai|entra)\b|\b(?:pago|compro|recebo|pagamos|gasto) (?:\w+ ){0,4}(?:amanha|semana "
        r"que vem|mes que vem|sexta que vem|depois)\b|\bvence(?:m|ra|ndo)?\b|\bvencimento\b|"
        r"\b(?:a|por) pagar\b|\b(?:conta|contas|boleto|boletos|divida|reais|\d) (?:pra|para) "
        r"pagar\b|\b(?:a|por) receber\b|\bpra receber\b|\bdevendo\b|\b(?:eu |me |nos |te "
        r"|lhe |ainda )dev(?:o|e|em|ia)\b|^devo\b|\bpendente\b|\bem aberto\b|\batrasad[oa]\b|"
        r"\bse (?:eu |a gente |nos |ele )?(?:tivesse|tiver|houvesse|houver)\b|\bvai (?:subir|"
        r"custar|ficar|aumentar|sair|dar|ser)\b|\b(?:subiu|aumentou|passou|subindo) pr[ao] "
        r"|\bimagin(?:a|e|ando)\b|\bsupon(?:ha|do|hamos)\b|\bhipotes\w*|\bpor exemplo\b|"
        r"\bcaso (?:eu|a gente|o cliente)\b|\bchegou (?:a|uma|o) (?:conta|boleto|fatura)\b|"
        r"\bveio (?:a|uma|o) (?:conta|boleto|fatura)\b|\borcou\b|\borcaram\b|\bme passou "
        r"(?:um |o )?(?:orcamento|preco|valor)\b|\bcust(?:a|am|aria)\b|\bquer(?:em)? (?:me "
        r")?cobrar\b|\bpediu\b.{0,20}\bemprestad|\bteste\b$|^teste\b|\bde mentira\b|\bse "
        r"der\b"
    )
)
BOUGHT: Final = r"\b(?:paguei|comprei|gastei|pagamos|compramos|gastamos|quitei|abasteci|almocei)\b"
OUTSIDERS: Final = (
    r"\b(?:vizinh[oa]|amig[oa]s?|concorrent\w+|cunhad[oa]|prim[oa]|ti[oa]|ex|conhecid[oa]|"
    r"professora?|jornal|noticia|presidente|governo|prefeito)\b.{0,30}\b(?:gast|pag|"
    r"compr|vend|receb|fatur|ganh)(?:ou|aram|eu|eram)\b"
)
HEARSAY: Final = (
    r"\b(?:disse|diz|falou|fala|contou|comentou|avisou|jurou|jura|ouvi dizer|li que|"
    r"vi que|soube que|parece que|dizem|me contaram|perguntou|reclamou|afirmou|escreveu|"
    r"mandou dizer|segundo o|segundo a)\b.{0,60}\b(?:gast|pag|compr|vend|receb|fatur|"
    r"ganh)(?:ou|aram|eu|eram|aria|ei|ia|ava)\b"
)
ERRAND: Final = (
    r"^(?:(?:por favor|oi|ola|bom dia|boa tarde|boa noite|e ai|ei)[,.! ]*)*(?:paga|pague|"
    r"compra(?! d[eoa]s?\b| n[oa]s?\b|:)|compre|transfere|transfira|deposita|faz (?:um|"
    r"o) pix|faca (?:um|o) pix|manda (?:um|o) pix|pede|peca|encomenda)\b"
)
QUESTION_WORD: Final = r"\b(?:quanto|quantos|quantas|qual|quais|cade|quem|quando)\b"
FILLERS: Final = words(
    """
    oi ola bom boa dia tarde noite entao ai aqui por favor obrigado obrigada eu gente nos a o as os um uma de da
    do das dos em no na nos nas com pra pro para pelo pela e reais foi deu ficou hoje ja so mais valor referente
    ref que me meu minha hein ne viu ok beleza tudo certo chefe mano cara amigo uns agora acabei tive categoria
    pode voce esse essa nao esquece esqueca esquecer no data total opa salve fala quero gostaria despesa gasto
    gastos despesas saida receita entrada por via cada la se foi foram era
    """
)
