"""The e-mails' pt-BR texts, as plain text and as simple HTML."""

from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote

from falachefe.kernel.display_names import without_links

_SIGNATURE: Final = "Falachefe"


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str


def verification(name: str, company_name: str, app_url: str, token: str) -> Mail:
    name, company_name = without_links(name), without_links(company_name)
    return _mail(
        "Confirme seu e-mail",
        f"Olá, {name}!",
        [
            f"Sua conta na empresa {company_name} está quase pronta. Confirme que este e-mail é seu:",
            _link(app_url, "verificar-email", token),
            "O link vale por 24 horas. Se você não criou esta conta, ignore esta mensagem.",
        ],
    )


def reset(name: str, company_name: str, app_url: str, token: str) -> Mail:
    name, company_name = without_links(name), without_links(company_name)
    return _mail(
        "Crie uma nova senha",
        f"Olá, {name}!",
        [
            f"Recebemos um pedido de nova senha para sua conta na empresa {company_name}. Para criá-la, acesse:",
            _link(app_url, "nova-senha", token),
            "O link vale por 30 minutos e só funciona uma vez.",
            "Se não foi você quem pediu, ignore esta mensagem: sua senha continua a mesma.",
        ],
    )


def invitation(name: str, company_name: str, app_url: str, token: str) -> Mail:
    name, company_name = without_links(name), without_links(company_name)
    return _mail(
        f"{company_name} convidou você",
        f"Olá, {name}!",
        [
            f"A empresa {company_name} criou uma conta para você no Falachefe. Para entrar, escolha sua senha:",
            _link(app_url, "nova-senha", token),
            "O link vale por 3 dias e só funciona uma vez. Depois disso, peça outro em:",
            f"{app_url.rstrip('/')}/esqueci-a-senha",
            "Se você não conhece esta empresa, ignore esta mensagem.",
        ],
    )


def password_changed(name: str, company_name: str, app_url: str) -> Mail:
    name, company_name = without_links(name), without_links(company_name)
    return _mail(
        "Sua senha foi alterada",
        f"Olá, {name}!",
        [
            f"A senha da sua conta na empresa {company_name} acaba de ser alterada.",
            "Os outros aparelhos em que você tinha entrado foram desconectados.",
            "Se não foi você, crie uma nova senha agora:",
            f"{app_url.rstrip('/')}/esqueci-a-senha",
        ],
    )


def _link(app_url: str, page: str, token: str) -> str:
    # Browsers do not send the fragment to servers, so the token stays out of access logs and referrers.
    return f"{app_url.rstrip('/')}/{page}#token={quote(token, safe='')}"


def _mail(subject: str, greeting: str, paragraphs: list[str]) -> Mail:
    parts = [greeting, *paragraphs, _SIGNATURE]
    html = "".join(f"<p>{_anchor(part) if part.startswith('http') else escape(part)}</p>" for part in parts)
    whole = (
        f'<!doctype html><html lang="pt-BR"><meta charset="utf-8"><title>{escape(subject)}</title><body>{html}</body>'
    )
    return Mail(f"{subject} · Falachefe", "\n\n".join(parts) + "\n", whole + "</html>")


def _anchor(url: str) -> str:
    return f'<a href="{escape(url)}">{escape(url)}</a>'
