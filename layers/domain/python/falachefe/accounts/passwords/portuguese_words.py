"""Words common in Brazilian passwords that zxcvbn's English lists lack or rank as rare. Folded, shortest first: zxcvbn
takes a word's position in the list as its number of guesses."""

from typing import Final

PORTUGUESE_WORDS: Final = tuple(
    """
    ana asd mae meu pai qwe red rei rio sou zxc agua amem amor anjo azul cafe casa davi demo deus dona dono enzo
    fala flor galo gato goku gold joao lima loja luiz maio mesa moto nada ouro root roxo spfc user vida voce vovo
    xbox zxcv abril artur bahia bruna carro ceara chave chefe feliz filha filho forte gamer gmail goias julho junho
    leite lindo linux login mamae minas minha mudar natal nossa nosso papai paulo porta prata preto senha sexta
    teamo terca teste tiago timao vasco verao verde yahoo acesso agosto alguem araujo branco dvorak entrar escola
    eterno filhos gracas gremio iphone janela mateus mengao mestre outono padrao paixao parana patrao quarta queijo
    quinta rainha recife roblox sabado sempre senhas senhor thiago tiktok trocar vendas verdao wsxedc alegria
    amarelo amovoce android anonovo cachaca cadeira campeao cerveja cliente coxinha default empresa estrela euteamo
    familia futebol gatinha gatinho gerente gostosa gostoso hotmail inverno janeiro laranja matheus meuamor negocio
    netflix ninguem outubro padaria palavra querida querido ribeiro saudade secreto segredo segunda sistema sorriso
    spotify trustno twitter usuario vitoria amazonas anaclara anajulia atletico bemvinda bemvindo botafogo cachorro
    carnaval clientes cruzeiro dezembro diamante dinheiro feijoada flamengo fortnite freefire henrique negocios
    novembro princesa principe qualquer saopaulo setembro trabalho username vermelho vinicius whatsapp abencoada
    abencoado amorzinho bolsonaro borboleta cafezinho casamento churrasco convidado deuseamor deusefiel deusmeama
    esperanca faculdade falachefe fevereiro guilherme instagram liberdade minhacasa minhavida novasenha palmeiras
    primavera senhanova visitante azertyuiop boasvindas brasileira brasileiro computador escritorio felicidade
    financeiro fluminense minhasenha mudarsenha nascimento passphrase saopaulofc senhaforte umdoistres aniversario
    copadomundo corinthians homemaranha jesuscristo minasgerais newpassword onetwothree paodequeijo senhapadrao
    senhasegura trocarsenha vascodagama jesuscristoe minhaempresa minhafamilia oneonetwotwo riodejaneiro
    senhasecreta universidade administrador internacional santosdasilva secretpassword umdoistresquatro
    qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm
    """.split()  # noqa: SIM905  # words in running text stay within a screen
)
