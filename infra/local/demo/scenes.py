"""The demo's scenes: messages, and the expected replies and rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import product
from secrets import randbelow
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.demo.client import DemoError, Ledger, Outcome, Phone, Row, converse
from infra.local.demo.transcript import Transcript, role_name
from infra.local.front_door.payloads import Payload, new_message_id

_TIME_ZONE = ZoneInfo("America/Sao_Paulo")
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@dataclass
class Run:
    """One run of the demo: its people, its ledger, and every check so far."""

    owner: Phone
    staff: Phone
    visitor: Phone
    ledger: Ledger
    transcript: Transcript
    newcomer: str
    checks: int = 0
    failures: list[str] = field(default_factory=list)
    scenes: int = 0
    unanswered: int = 0

    def scene(self, name: str, story: str) -> None:
        self.scenes += 1
        self.transcript.scene(self.scenes, name, story)

    def say(self, phone: Phone, words: str) -> "Exchange":
        """Sends one message, and waits for the replies."""
        self.transcript.says(phone.name, words)
        return self.post(phone, [phone.payload(words)], words)

    def post(self, phone: Phone, payloads: Sequence[Payload], words: str) -> "Exchange":
        """Posts several webhooks in a row, and waits for the replies."""
        outcome = converse(phone, self.ledger, payloads, self.transcript.hears, self.transcript.note)
        self.unanswered += not outcome.replies
        exchange = Exchange(self, words, outcome)
        exchange.must(all(one == 200 for one in outcome.answers), "", f"o webhook respondeu {list(outcome.answers)}")
        return exchange


@dataclass(frozen=True)
class Exchange:
    """Messages and their outcome; each check writes its own line of the transcript."""

    run: Run
    words: str
    outcome: Outcome

    def must(self, holds: bool, passed: str, failed: str) -> "Exchange":
        """Counts a check; a failed one ends the demo with an error, after the remaining scenes."""
        self.run.checks += 1
        if holds and passed:
            self.run.transcript.passed(passed)
        if not holds:
            self.run.transcript.failed(failed)
            self.run.failures.append(f"“{self.words}”: {failed}")
        return self

    def answered(self, *, by: str | None, once: bool = True, saying: str = "") -> "Exchange":
        """Checks that a reply came: if given, from that agent, exactly one, matching the pattern `saying`."""
        replies, turns = self.outcome.replies, self.outcome.turns
        if not replies:
            return self.must(False, "", "nenhuma resposta chegou ao telefone")
        if once:
            self.must(len(replies) == 1, "", f"chegaram {len(replies)} respostas em vez de uma")
        if by is not None:
            roles = [turn.role for turn in turns]
            self.must(bool(roles) and roles[-1] == by, "", f"respondeu {_listed(roles)} em vez de {role_name(by)}")
        said = "\n".join(reply.text for reply in replies)
        return self.must(
            re.search(saying, said, re.IGNORECASE) is not None,
            "",
            f"a resposta não fala de “{saying.replace('\\', '')}”",
        )

    def ran(self, tool: str, **wanted: object) -> "Exchange":
        """Checks for exactly one effective run of that tool, with those arguments."""
        if not self.outcome.replies:
            return self  # reported already
        runs = [one for turn in self.outcome.turns for one in turn.tools if one.tool == tool and one.ok]
        self.must(len(runs) == 1, "", f"{tool} rodou {len(runs)} vezes em vez de uma")
        for name, value in wanted.items() if runs else ():
            got = runs[0].args.get(name)
            self.must(_same(got, value), "", f"{tool} recebeu {name}={got} em vez de {value}")
        return self

    def wrote(self, table: str, passed: str, **wanted: object) -> "Exchange":
        """Checks for exactly one new row in that table, with those values."""
        rows = self._rows(table)
        if len(rows) != 1:
            return self.must(False, "", f"{table} ganhou {len(rows)} linhas em vez de uma")
        wrong = [name for name, value in wanted.items() if not _same(rows[0].fields.get(name), value)]
        return self.must(not wrong, passed, _differences(rows[0], wrong, wanted))

    def wrote_nothing(self, table: str, passed: str) -> "Exchange":
        rows = self._rows(table)
        return self.must(not rows, passed, f"{table} ganhou {len(rows)} linhas, e não devia ganhar nenhuma")

    def handed_over(self, source: str, target: str) -> "Exchange":
        pairs = [(one.source, one.target) for turn in self.outcome.turns for one in turn.handoffs]
        passed = f"passagem de {role_name(source)} para {role_name(target)} registrada"
        return self.must(
            (source, target) in pairs, passed, f"não houve passagem de {role_name(source)} para {role_name(target)}"
        )

    def stored_once(self) -> "Exchange":
        """Checks that the message is one row, however often it was delivered."""
        rows = [row for row in self._rows("messages") if row.fields["direction"] == "in"]
        return self.must(len(rows) == 1, "uma mensagem guardada", f"a mensagem foi guardada {len(rows)} vezes")

    def _rows(self, table: str) -> list[Row]:
        return [row for row in self.outcome.rows if row.table == table]


def money_in_and_out(run: Run) -> None:
    run.scene("Despesas e receitas", "Quem manda conta o que gastou e o que recebeu; cada frase vira um lançamento.")
    expense = run.say(run.owner, "gastei 150 de gasolina hoje").answered(by="financial", saying="150")
    expense.ran("add_expense", amount=Decimal(150), category="combustivel", date=today())
    expense.wrote(
        "transactions",
        f"lançamento: despesa de R$ 150,00, combustível, {_br(today())}",
        kind="expense", amount=Decimal(150), category="combustivel", occurred_on=today(),
    )  # fmt: skip
    income = run.say(run.owner, "recebi 2 mil de vendas ontem").answered(by="financial", saying="2.000")
    income.ran("add_income", amount=Decimal(2000), category="vendas", date=today() - timedelta(days=1))
    income.wrote(
        "transactions",
        f"lançamento: receita de R$ 2.000,00, vendas, {_br(today() - timedelta(days=1))}",
        kind="income", amount=Decimal(2000), category="vendas", occurred_on=today() - timedelta(days=1),
    )  # fmt: skip


def missing_amount(run: Run) -> None:
    run.scene(
        "Valor que faltou",
        "Nada entra no caixa por palpite: sem valor, a equipe pergunta; a resposta completa o lançamento.",
    )
    question = run.say(run.staff, "paguei a conta de luz").answered(by="financial", saying=r"valor|quanto")
    question.wrote_nothing("transactions", "nada lançado ainda")
    answer = run.say(run.staff, "R$ 312,40").answered(by="financial", saying="312,40")
    answer.ran("add_expense", amount=Decimal("312.40"), category="energia")
    answer.wrote(
        "transactions", "lançamento: despesa de R$ 312,40, energia",
        kind="expense", amount=Decimal("312.40"), category="energia",
    )  # fmt: skip


def cash_flow(run: Run) -> None:
    run.scene("Fluxo de caixa", "Um pedido em português vira o relatório do mês.")
    report = run.say(run.owner, "como está o caixa este mês?").answered(by="financial", saying=r"R\$\s?[\d.]+,\d\d")
    report.ran("cash_flow_report", start=today().replace(day=1))
    report.wrote_nothing("transactions", "só leitura: nada foi lançado")


def people(run: Run) -> None:
    run.scene("Equipe e folgas", "O RH cadastra quem chega e anota a folga de quem já está.")
    name = run.newcomer
    hired = run.say(run.owner, f"cadastra a funcionária {name} como atendente").answered(by="hr", saying=name)
    hired.ran("add_employee", name=name)
    hired.wrote("employees", f"{name} na lista de funcionários", name=name, status="active")
    first = _next_monday()
    last = first + timedelta(days=2)
    asked = run.say(run.owner, f"a {name} vai tirar folga de {_br(first)} a {_br(last)}").answered(by="hr")
    asked.ran("request_time_off", start=first, end=last)
    asked.wrote(
        "time_off_requests", f"folga de {_br(first)} a {_br(last)}",
        kind="request", start_date=first, end_date=last,
    )  # fmt: skip


def handoff(run: Run) -> None:
    run.scene(
        "Do Financeiro para o RH", "Dois assuntos de uma vez: o Financeiro faz a sua parte e passa o resto ao RH."
    )
    first, second = "gastei 80 com material de limpeza", f"a {run.newcomer} faltou hoje"
    run.transcript.says(run.owner.name, first)
    run.transcript.says(run.owner.name, second)
    mixed = run.post(run.owner, [run.owner.payload(first), run.owner.payload(second)], f"{first} / {second}")
    mixed.answered(by="hr", saying=run.newcomer).handed_over("financial", "hr")
    mixed.wrote("transactions", "lançamento: despesa de R$ 80,00", kind="expense", amount=Decimal(80))
    mixed.wrote("time_off_requests", f"falta de {run.newcomer} em {_br(today())}", kind="absence", start_date=today())


def campaign(run: Run) -> None:
    run.scene("Campanha", "O Marketing deixa a campanha pronta para revisar; nada é enviado.")
    name = _campaign_name(run.ledger)
    words = (
        f"cria a campanha {name} para os clientes ativos com a mensagem: Pão quentinho com 10% de desconto até sexta!"
    )
    drafted = run.say(run.owner, words).answered(by="marketing", saying=re.escape(name))
    drafted.ran("create_campaign", segment="active", name=name)
    drafted.wrote("campaigns", f"campanha “{name}” em rascunho", name=name, segment="active", status="draft")


def repeated_delivery(run: Run) -> None:
    run.scene("A mesma entrega, três vezes", "O provedor repete o webhook; a empresa responde e lança uma vez só.")
    words = "paguei 42,90 de estacionamento hoje"
    run.transcript.says(run.staff.name, words, "entregue três vezes")
    payload = run.staff.payload(words, new_message_id())
    repeated = run.post(run.staff, [payload] * 3, words).answered(by="financial", saying="42,90")
    repeated.stored_once()
    repeated.wrote("transactions", "um lançamento só: despesa de R$ 42,90", kind="expense", amount=Decimal("42.90"))


def quick_messages(run: Run) -> None:
    run.scene("Duas mensagens no mesmo segundo", "Quem escreve picado recebe uma resposta só, sobre as duas mensagens.")
    first, second = "paguei o aluguel da loja", "foram 1.200 reais"
    run.transcript.says(run.staff.name, first)
    run.transcript.says(run.staff.name, second)
    both = run.post(run.staff, [run.staff.payload(first), run.staff.payload(second)], f"{first} / {second}")
    both.answered(by="financial", saying=r"1\.200")
    both.wrote(
        "transactions",
        "um lançamento só: despesa de R$ 1.200,00",
        kind="expense",
        amount=Decimal(1200),
        category="aluguel",
    )


def visitor_signs_in(run: Run) -> None:
    run.scene("Um número desconhecido", "Antes de responder, a empresa confirma o telefone com um código.")
    question = run.say(run.visitor, "oi, vocês abrem no domingo?").answered(by=None, saying="código")
    said = "\n".join(reply.text for reply in question.outcome.replies)
    found = _CODE.search(said)
    question.must(found is not None, "código de seis dígitos recebido", "nenhum código de seis dígitos chegou")
    if found is None:
        return
    answered = run.say(run.visitor, found[0]).answered(by="support", once=False)
    contact = run.ledger.contact(run.visitor.number) or {}
    answered.must(
        contact.get("verified_at") is not None and contact["user_id"] is None,
        "telefone confirmado: agora é um contato, sem permissão de funcionário",
        "o telefone não virou um contato confirmado",
    )
    logs = [row for row in answered.outcome.rows if row.table == "whatsapp_auth_logs" and row.fields["success"]]
    masked = all("*" in str(row.fields["masked_phone"]) for row in logs)
    answered.must(
        bool(logs) and masked,
        "tentativa registrada com o telefone mascarado",
        "a entrada não foi registrada na auditoria",
    )


SCENES: Sequence[Callable[[Run], None]] = (
    money_in_and_out,
    missing_amount,
    cash_flow,
    people,
    handoff,
    campaign,
    repeated_delivery,
    quick_messages,
    visitor_signs_in,
)


def today() -> date:
    return datetime.now(_TIME_ZONE).date()


def visitor_number() -> str:
    """A mobile number that no earlier run has used."""
    return f"+551196{randbelow(10_000_000):07d}"


def _next_monday() -> date:
    return today() + timedelta(days=7 - today().weekday())


def newcomer_name(ledger: Ledger) -> str:
    """A name that no employee has yet, so that a repeated run hires another person."""
    first = ("Bianca", "Camila", "Débora", "Elisa", "Fernanda", "Gabriela", "Helena", "Isabela", "Juliana", "Larissa")
    last = (
        "Rocha",
        "Nogueira",
        "Teixeira",
        "Barbosa",
        "Cardoso",
        "Moreira",
        "Fonseca",
        "Queiroz",
        "Siqueira",
        "Tavares",
    )
    return _unused([f"{one} {other}" for one, other in product(first, last)], ledger.names("employees"))


def _campaign_name(ledger: Ledger) -> str:
    things = ("Natal", "Verão", "Festa Junina", "Primavera", "Café da Tarde", "Pão Quente", "Volta às Aulas")
    kinds = ("Feliz", "Dourado", "em Família", "do Bairro", "da Casa", "Especial", "em Dobro", "Mais Doce", "de Sempre")
    return _unused([f"{thing} {kind}" for thing, kind in product(things, kinds)], ledger.names("campaigns"))


def _unused(names: Sequence[str], taken: set[str]) -> str:
    free = [name for name in names if name.lower() not in taken]
    if not free:
        raise DemoError("A empresa de demonstração já usou todos os nomes; recomece com `make reset`.")
    return free[randbelow(len(free))]


def _same(got: Any, wanted: object) -> bool:
    if isinstance(wanted, Decimal):
        try:
            return Decimal(str(got)) == wanted
        except InvalidOperation:
            return False
    if isinstance(wanted, date):
        return str(got) == wanted.isoformat()
    if isinstance(wanted, str) and isinstance(got, str):
        return got.casefold() == wanted.casefold()
    return bool(got == wanted)


def _differences(row: Row, wrong: Sequence[str], wanted: dict[str, object]) -> str:
    found = ", ".join(f"{name}={row.fields.get(name)} em vez de {wanted[name]}" for name in wrong)
    return f"{row.table}: {found}"


def _listed(roles: Sequence[str]) -> str:
    return " e ".join(role_name(role) for role in roles) if roles else "ninguém da equipe"


def _br(day: date) -> str:
    return day.strftime("%d/%m/%Y")
