"""What most guessed passwords are made of, written down by hand: words, names, teams and keyboard walks.

Long passwords that are guessed are rarely single entries of a list but such words with digits, signs and letters
swapped for digits around them, or said twice. `falachefe.auth.policy` undoes that and looks here.
"""

from typing import Final

COMMON: Final = frozenset(
    """
    senha senhas minhasenha novasenha senhaforte senhasegura senhasecreta senhanova senhapadrao trocarsenha
    mudarsenha password passwords passwd mypassword newpassword pass passphrase secret secreto segredo
    secretpassword letmein welcome bemvindo bemvinda boasvindas admin administrador administrator root usuario user
    username login acesso entrar teste testes test testing tester demo guest convidado visitante padrao default
    master mestre sistema system changeme trocar mudar qualquer nada ninguem alguem abc abcd abcde abcdef abcdefg
    abcdefgh abcdefghij abcdefghijkl qwerty qwertyu qwertyui qwertyuio qwertyuiop asdf asdfg asdfgh asdfghj asdfghjk
    asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qazwsx qazwsxedc qazwsxedcrfv
    wsxedc qweasd qweasdzxc qwe asd zxc poiuytrewq lkjhgfdsa mnbvcxz azerty azertyuiop dvorak brasil brazil
    brasileiro brasileira saopaulo riodejaneiro rio bahia minas minasgerais parana goias ceara amazonas flamengo
    mengao corinthians timao palmeiras verdao santos vasco vascodagama botafogo fluminense cruzeiro atletico galo
    gremio internacional colorado saopaulofc spfc futebol football soccer baseball basketball hockey deus jesus
    jesuscristo jesuscristoe deusefiel deuseamor deusmeama senhor gracas abencoado abencoada amem anjo amor
    amorzinho meuamor teamo euteamo amovoce voce querida querido paixao vida minhavida minhafamilia familia filho
    filha filhos mamae papai mae pai vovo vovó bebe princesa principe rainha rei estrela flor borboleta gatinha
    gatinho cachorro gato lindo linda gostosa gostoso felicidade feliz saudade sorriso alegria esperanca liberdade
    vitoria iloveyou loveyou lovely love forever always baby sweet honey sunshine princess prince angel butterfly
    flower dragon monkey shadow superman batman spiderman homemaranha ironman starwars pokemon pikachu naruto goku
    dragonball minecraft freefire fortnite roblox playstation xbox nintendo mario zelda gamer killer ninja hunter
    ranger computer computador internet google gmail hotmail yahoo facebook instagram whatsapp zapzap youtube
    twitter tiktok android iphone apple samsung microsoft windows linux amazon netflix spotify empresa minhaempresa
    negocio negocios loja padaria mercado escritorio trabalho vendas financeiro cliente clientes dinheiro chefe
    patrao dono dona gerente falachefe fala janeiro fevereiro marco abril maio junho julho agosto setembro outubro
    novembro dezembro january february march april june july august september october november december segunda
    terca quarta quinta sexta sabado domingo monday tuesday wednesday thursday friday saturday sunday verao inverno
    outono primavera summer winter autumn spring natal anonovo carnaval copadomundo azul vermelho verde amarelo
    preto branco rosa roxo laranja blue red green yellow black white purple orange silver gold golden ouro prata
    diamante diamond maria jose joao antonio francisco carlos paulo pedro lucas luiz luis marcos gabriel rafael
    daniel marcelo bruno eduardo felipe rodrigo ricardo fernando gustavo andre diego leonardo thiago tiago mateus
    matheus guilherme vinicius henrique arthur artur bernardo miguel davi enzo ana anaclara anajulia juliana adriana
    fernanda patricia aline sandra camila amanda bruna jessica leticia julia luciana vanessa mariana gabriela
    vitoria larissa beatriz rafaela raquel michelle michael jordan jennifer jessie ashley nicole thomas robert
    charlie george william anthony matthew joshua andrew james john david jackson harley taylor silva santosdasilva
    souza oliveira pereira lima costa ferreira rodrigues almeida nascimento carvalho araujo ribeiro cadeira mesa
    casa minhacasa carro moto porta janela escola faculdade universidade banana chocolate coxinha pizza cerveja
    cachaca cafe cafezinho agua leite queijo paodequeijo feijoada churrasco trustno onetwothree oneonetwotwo
    umdoistres umdoistresquatro whatever nothing freedom access
    """.split()  # noqa: SIM905  # words in running text stay within a screen
)
