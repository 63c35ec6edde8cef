from collections.abc import Iterator
from typing import Final, Literal

type Tense = Literal[
    "past", "imperfect", "present", "future", "conditional", "imperative", "infinitive", "participle", "gerund"
]  # fmt: skip
type Form = tuple[str, Tense, int]
"""A folded form, its tense and its person: 1 for `eu` and `nós`, 3 for everybody else."""

# One line a tense: endings of the first person (singular, plural), then of the third. The subjunctive of the past
# (`pagasse`) and the conditional are one tense here: both say that nothing happened. `imperative` is the present
# subjunctive too (`pague`).
_ENDINGS: Final[dict[str, dict[Tense, tuple[str, str]]]] = {
    "ar": {
        "past": ("ei amos", "ou aram"),
        "imperfect": ("avamos", "ava avam"),
        "present": ("o", "a am"),
        "future": ("arei aremos armos", "ara arao"),
        "conditional": ("ariamos assemos", "aria ariam asse assem"),
        "imperative": ("emos", "e em"),
        "infinitive": ("", "ar arem"),
        "participle": ("", "ado ada ados adas"),
        "gerund": ("", "ando"),
    },
    "er": {
        "past": ("i emos", "eu eram"),
        "imperfect": ("iamos", "ia iam"),
        "present": ("o", "e em"),
        "future": ("erei eremos ermos", "era erao"),
        "conditional": ("eriamos essemos", "eria eriam esse essem"),
        "imperative": ("amos", "a am"),
        "infinitive": ("", "er erem"),
        "participle": ("", "ido ida idos idas"),
        "gerund": ("", "endo"),
    },
    "ir": {
        "past": ("i imos", "iu iram"),
        "imperfect": ("iamos", "ia iam"),
        "present": ("o", "e em"),
        "future": ("irei iremos irmos", "ira irao"),
        "conditional": ("iriamos issemos", "iria iriam isse issem"),
        "imperative": ("amos", "a am"),
        "infinitive": ("", "ir irem"),
        "participle": ("", "ido ida idos idas"),
        "gerund": ("", "indo"),
    },
}

# Forms that the endings do not make, by lemma: tense, first person, third person.
_IRREGULAR: Final[dict[str, str]] = {
    "fazer": "past fiz fizemos | fez fizeram; present faco | faz fazem; future farei faremos | fara farao fizer; "
    "conditional fariamos fizesse | faria fariam; imperative facamos | faca facam; participle | feito feita feitos",
    "dar": "past dei demos | deu deram; present dou damos | da dao; conditional | daria desse; future | der; "
    "imperative | de deem; infinitive | dar; participle | dado dada dados; gerund | dando; imperfect | dava davam",
    "ter": "past tive tivemos | teve tiveram; present tenho temos | tem; future terei | tera tiver; "
    "conditional | teria tivesse; infinitive | ter; imperfect tinhamos | tinha tinham; gerund "
    "| tendo; participle | tido",
    "por": "past pus pusemos | pos puseram; present ponho pomos | poe; imperative | ponha; infinitive | por; "
    "participle | posto",
    "trazer": "past trouxe trouxemos | trouxe trouxeram; present trago | traz; future | trouxer",
    "sair": "past sai saimos | saiu sairam; present saio | sai saem; future | saira sair; conditional | sairia; "
    "infinitive | sair; participle | saido; gerund | saindo; imperfect | saia saiam",
    "cair": "past cai caimos | caiu cairam; present caio | cai caem; future | caira; conditional | cairia; "
    "infinitive | cair; participle | caido; gerund | caindo; imperfect | caia caiam",
    "ir": "past fui fomos | foi foram; present vou vamos | vai vao; future irei iremos | ira; conditional | iria; "
    "infinitive | ir; gerund | indo; imperfect iamos | ia iam",
    "vir": "past vim viemos | veio vieram; present venho | vem; infinitive | vir; gerund | vindo",
    "dizer": "past disse dissemos | disse disseram; present digo dizemos | diz dizem; infinitive "
    "| dizer; gerund | dizendo",
    "pedir": "present peco | pede pedem; imperative | peca pecam",
    "investir": "present invisto | investe investem",
    "perder": "present perco | perde",
    "aderir": "present adiro | adere",
    "prever": "past previ | previu; participle | previsto",
}  # fmt: skip
# Participles besides the regular one.
_SHORT_PARTICIPLES: Final[dict[str, str]] = {
    "pagar": "pago paga pagos pagas",
    "gastar": "gasto gasta gastos gastas",
    "ganhar": "ganho ganha ganhos",
    "entregar": "entregue entregues",
    "aceitar": "aceito aceita",
    "abrir": "aberto aberta",
}


def forms(infinitive: str) -> Iterator[Form]:
    """Every form of the verb; an irregular verb has only the forms of its list where it gives a tense."""
    listed: set[str] = set()
    for line in _IRREGULAR.get(infinitive, "").split(";"):
        tense, _, rest = line.strip().partition(" ")
        if not tense:
            continue
        listed.add(tense)
        first, _, third = rest.partition("|")
        yield from ((form, tense, 1) for form in first.split())  # type: ignore[misc]
        yield from ((form, tense, 3) for form in third.split())  # type: ignore[misc]
    for form in _SHORT_PARTICIPLES.get(infinitive, "").split():
        yield form, "participle", 3
    kind = infinitive[-2:]
    if kind not in _ENDINGS or "infinitive" in listed:
        return
    stem = infinitive[:-2]
    for tense, (first, third) in _ENDINGS[kind].items():
        if tense in listed:
            continue
        for person, endings in ((1, first), (3, third)):
            for ending in endings.split():
                yield _spelled(stem, ending, kind) + ending, tense, person


def _spelled(stem: str, ending: str, kind: str) -> str:
    """The stem before the ending: `pag` + `ei` is `paguei`, `troc` + `e` `troque`, `almoç` + `ei` `almocei`."""
    if kind == "ar" and ending[0] in "ei":
        if stem.endswith("g"):
            return stem + "u"
        if stem.endswith("c"):
            return stem[:-1] + "qu"
    return stem.replace("ç", "c")
