"""Greetings, help, thanks and goodbyes, cancellations, corrections and off-topic messages."""

from typing import Final

from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.text.normalize import Text

_GREETING: Final = (
    r"^(?:(?:oi+e?|oie+|ola+|opa+|e ai|e ae|eai|eae|iae|hey|hello|hi|alo+|salve+|fala+(?: "
    r"ai)?|falae|bom dia+|boa tarde+|boa noite+|mano|cara|parceiro|patrao|brother|"
    r"tio|bro|povo|minha|buenas|ei+|olaa|bão|bao|coe|koe|fala "
    r"chefe|falachefe|fala comigo|chefe|tudo (?:bem|bom|certo|joia|tranquilo|ok|beleza|"
    r"em ordem)|tudo|como (?:vai|esta|voce esta|vao as coisas|estao as coisas|e que "
    r"vai)(?: voce| vc| voces)?|beleza|joia|tranquilo|certo|suave|de boa|firmeza|voce|"
    r"ai|pessoal|galera|gente|amigo|amiga|meu|por ai|com voce|com voces|querid[oa]|turma|"
    r"robo|bot|assistente|equipe|bem|bom|e|voces|estao|estou|de volta|cheguei|tem alguem|"
    r"alguem)\b\W*)+$"
)
_GREETING_CORE: Final = (
    r"^\W*(?:oi|ola|opa|e ai|e ae|eai|eae|iae|hey|hello|hi|alo|salve|fala|falae|bom "
    r"dia|boa tarde|boa noite|buenas|ei|tudo|como (?:vai|esta)|beleza|oie|coe|falachefe|"
    r"bao|chefe|tem alguem|alguem ai)"
)
_HELP: Final = (
    r"\bcomo (?:eu )?(?:faco|faz|fazer) (?:pra|para) (?:usar|comecar|mexer|registrar|lancar|te usar)\b|"
    r"\b(?:o que (?:e que )?(?:voce|vc|tu|esse|isso|o falachefe|da pra|posso|eu posso|"
    r"consigo|voces)\b.{0,20}\b(?:faz\w*|sabe|consegue|pode|oferece|fazer|pedir|resolve|"
    r"ajuda)|o que (?:voce )?(?:faz|sabe fazer|consegue fazer|e capaz)|como (?:isso "
    r"|voce |vc |isto |esse (?:bot|robo|app|sistema|negocio) |o falachefe |e que |eu "
    r")?(?:funciona|uso|usar|te uso|posso usar|comec\w+|falo contigo)|em (?:que|q) (?:voce "
    r")?(?:pode|consegue)? ?(?:me )?ajud\w+|no que (?:voce )?(?:pode|consegue)? ?(?:me "
    r")?ajud\w+|como (?:voce )?(?:pode|consegue) me ajudar|me (?:ajuda|ajude|explica|"
    r"ensina|orienta)(?: ai| aqui| por favor| como (?:funciona|usar|uso))?$|quais (?:sao "
    r")?(?:as |os )?(?:suas |seus )?(?:func\w+|comandos|opcoes|servicos que voce|recursos|"
    r"coisas)|menu(?: de opcoes)?$|comandos|opcoes|quem e voce|quem e vc|pra que (?:voce "
    r")?serve|para que (?:voce )?serve|o que e (?:o |esse )?(?:falachefe|isso|isto|bot)|"
    r"preciso de (?:ajuda|uma ajuda|uma mao)$|quero ajuda$|pode me ajudar|voce pode "
    r"me ajudar|consegue me ajudar|tutorial|socorro|help|com o que voce|me da (?:uma "
    r"ajuda|uma mao|um help)|o que posso (?:fazer|pedir|perguntar|mandar|registrar))\b|"
    r"^\W*(?:me )?ajud[ae]\w{0,2}\b\W*(?:por favor|ai|aqui|me|eu)?\W*$|^\W*\?+\W*$"
)
_CLOSING: Final = (
    r"^(?:(?:muito |muit[oa] )?(?:obrigad[oa]s?|obrigadao|agradec\w+|valeu+|grat[oa]|"
    r"brigadao|tmj|tamo junto|show|top|perfeito|otimo|otima|maravilha|legal|massa|boa|"
    r"excelente|certo|certinho|ok+|okay|okey|beleza|joia|combinado|entendi|entendido|"
    r"ta bom|esta bom|esta otimo|ta|tudo bem|isso|isso ai|isso mesmo|sim|nao|claro|pode "
    r"ser|pode|ahn?|hum+|hm+|uhum|aham|falou|tchau+|ate (?:mais|logo|amanha|breve|ja|"
    r"a proxima)|abraco|abracos|bjs?|beijos?|fui|k{2,}|(?:ha){2,}h?|(?:he){2,}|rs+|kk+|"
    r"eita|uau|nossa|caramba|vish|vixe|eh|ah|oh|opa|blz|bom|bem|fechado|feito|deu certo|"
    r"era isso|so isso|por enquanto|e so|nada|nada nao|mesmo|demais|viu|pela ajuda|por "
    r"tudo|voce|amigo|amiga|chefe|querid[oa]|deus (?:te )?abencoe|bom (?:trabalho|descanso|"
    r"domingo|fim de semana|feriado|final de semana)|boa semana|boa noite|bom dia|boa "
    r"tarde|que bom|gostei|adorei|parabens|de nada|tambem|a|e|o|entao|ai|tudo|muito|"
    r"mais|agora|depois|eu|te|por hoje)\b\W*)+$"
)
CANCEL: Final = (
    r"^(?!.{0,45}[,.;] *(?:me (?:mostra|diz|passa|fala|da)|quero|quanto|mostra|lista|faz|cria|manda|qual|registra|"
    r"anota|gastei|"
    r"recebi|paguei)\b)\W*(?:ah |nao, ?|ops,? |opa,? |epa,? |eita,? |por favor,? |ei,? )*(?:cancel[ae]\w*|"
    r"deix[ae]\w* (?:pra la|quieto|para la|isso|estar|assim|queto)|esquece\w*|esqueca|"
    r"desist\w+|desfaz\w*|desfaca|estorn[ae](?!\w)|apag[ae]\w* (?:isso|esse|essa|o ultimo|a "
    r"ultima|ultim\w+|o que|a despesa|o gasto|o lancamento)|exclu[ia]\w* (?:isso|esse|"
    r"essa|o ultimo|a ultima|a despesa)|remov[ae]\w* (?:isso|esse|essa|o ultimo|a ultima)|"
    r"tira (?:isso|esse|essa)|nao precisa|nao quero mais|nada nao|para tudo|volta atras|"
    r"deu por engano|foi engano|engano)\b"
)
CORRECTION: Final = (
    r"^\W*(?:nao\b|ops|opa,? (?:errei|err|era|foi)|epa|errei|errado|esta errado|ta errado|"
    r"corrig\w+|correcao|na verdade|na vdd|quis dizer|quer dizer|digo|alias|era (?:\d|"
    r"r\$|pra)|o (?:certo|correto|valor certo) (?:e|era)|o valor (?:e|era|ta|esta) |"
    r"me enganei|eu errei|troca (?:pra|por|o valor)|muda (?:pra|o valor|a data|a categoria)|"
    r"altera\w* (?:o|a|pra)|eu disse|falei errado|digitei errado|eram|foi errado|a data "
    r"(?:e|era|ta|esta)|nao era|nao foi|foi (?:sem querer|engano)|veio errado o valor)\b"
)


def parse_greeting(text: Text) -> Interpretation | None:
    polite = (
        text.has(_CLOSING)
        and text.has(r"\b(?:bom dia|boa tarde|boa noite|oi|ola)\b")
        and not text.has(r"\b(?:obrigad\w+|valeu|tchau|ate|falou|fui|abracos?|bom descanso|grat[oa]|agradec\w+)\b")
    )
    if polite or (text.has(_GREETING_CORE) and text.has(_GREETING)):
        return for_tool(Draft("greet"), confidence=0.95)
    return None


def parse_help(text: Text) -> Interpretation | None:
    if not text.has(_HELP) or text.has(
        r"\b(?:chamado|campanha|gast\w+|despesa|nota|sistema|boleto|pagar)\b|\bfunciona(?:m|"
        r"mento)? (?:aos?|no|de|as|ate|em|hoje|amanha|sabado|domingo|feriado|a (?:entrega|"
        r"garantia|vacina))"
    ):
        return None
    return for_tool(Draft("help"), confidence=0.93)


def parse_small_talk(text: Text) -> Interpretation | None:
    """Thanks, goodbye, laughter, a bare yes or no, or only punctuation and emoji."""
    if not text.has("[a-z0-9]") or text.has(_CLOSING):
        return Interpretation("small_talk", "orchestrator", (), 0.9, explicit=False)
    return None


def parse_off_topic(text: Text) -> Interpretation | None:
    if text.has(
        r"\b(?:piada|capital d[aeo]|receita de (?:bolo|pao|frango)|poema|poesia|presidente|"
        r"futebol|quem ganhou|jogo d[oe]|previsao do tempo|vai chover|clima|horoscopo|signo|"
        r"filosofia|traduz\w*|significado|cante|musica|filme|novela|loteria|mega[- ]sena|"
        r"bitcoin|dolar)\b"
    ):
        return Interpretation("off_topic", "support", (), 0.6)
    return None
