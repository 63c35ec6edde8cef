"""Pages of a sign-in with an identity provider: its consent page, and the app to which the product redirects."""

from html import escape
from http import HTTPStatus
from typing import Final

from infra.local.front_door.web import Request, Response

_STYLE: Final = """<style>body {{ font: 16px/1.5 system-ui; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }}
label {{ display: block; margin: .8rem 0 }} input[type=text], input[type=email] {{ width: 100%; padding: .4rem }}
button, a.button {{ font: inherit; padding: .4rem 1rem; margin-right: .5rem }}
pre {{ white-space: pre-wrap }}</style>"""

_CONSENT: Final = (
    """<!doctype html><html lang="pt-BR"><meta charset="utf-8"><title>Entrar com {title} (local)</title>"""
    + _STYLE
    + """<body><h1>Entrar com {title}</h1>
<p>Este é um provedor de mentira: diga quem você quer ser. O Falachefe local pede seu nome e seu e-mail.</p>
<form method="post" action="{action}">
<label>E-mail <input type="email" name="email" value="ana@example.org" required></label>
<label>Nome <input type="text" name="name" value="Ana Lima"></label>
<label><input type="checkbox" name="verified" value="yes" checked> O provedor confirmou este e-mail</label>
<button name="answer" value="yes">Autorizar</button> <button name="answer" value="no" formnovalidate>Negar</button>
</form></body></html>"""
)

_APP: Final = (
    """<!doctype html><html lang="pt-BR"><meta charset="utf-8"><title>Aplicativo (local)</title>"""
    + _STYLE.replace("{{", "{").replace("}}", "}")
    + """<body><h1>Aqui seria o aplicativo</h1>
<p><a class="button" href="/v1/auth/oauth/google/start">Entrar com Google</a>
<a class="button" href="/v1/auth/oauth/github/start">Entrar com GitHub</a></p><pre id="said"></pre>
<script>
const said = document.getElementById("said"), given = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
if (given.get("code")) {
  fetch("/v1/auth/oauth/token", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({code: given.get("code"), device_name: "Navegador"})})
    .then(answer => answer.json())
    .then(body => { said.textContent = JSON.stringify(body.user || body, null, 2); });
} else if (given.get("token")) {
  said.textContent = "Token do e-mail: " + given.get("token");
}
</script></body></html>"""
)
_TITLES: Final = {"google": "Google", "github": "GitHub"}


def consent_page(provider: str, action: str) -> str:
    return _CONSENT.format(title=_TITLES[provider], action=escape(action, quote=True))


def app_page(_: Request) -> Response:
    """Any page of the app: exchanges the code in its address, and shows the user who signed in."""
    return Response(HTTPStatus.OK, _APP.encode(), (("Content-Type", "text/html; charset=utf-8"),))
