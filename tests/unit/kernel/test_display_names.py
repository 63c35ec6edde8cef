"""Names in e-mails: links and hidden characters are refused, real names are accepted."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.accounts.mail import texts as mail_texts
from falachefe.kernel.display_names import name_problem, without_links

REAL = [
    "Ana Souza",
    "J. P. Morgan Neto",
    "J.P. Silva",
    "Padaria do Chefe S.A.",
    "Silva & Filhos Ltda.",
    "Dr. João d'Ávila",
    "Açaí 24/7",
    "Clínica Vet: cães e gatos",
    "Café nº 1.234",
    "Família 👩‍👧‍👦",
    "D’Or",
]
LINKS = [
    "https://evil.example",
    "Ganhe em evil.com",
    "EVIL.COM.BR/premio",
    "www.premio",
    "x.co",
    "Clique http://1.2.3.4/a",
    "10.0.0.1",
    "golpe@evil.example",
    "mailto:golpe",
    "prêmio.中国",
    "evil．com",
    "evil。com",
    "ｅｖｉｌ.ｃｏｍ",
    "evil.xn--p1ai",
]
HIDDEN = ["Ana\u202egnp", "\u2066Ana\u2069", "A\u200bna", "Ana\x00", "Ana\u2028Lima", "\ufeffAna", "Ana\r\nBcc: x"]
AS_READERS_TAKE_IT = re.compile(r"[\w-]\.[^\W\d_]{2,}|://|www\.|@|\d\.\d+\.\d+\.\d", re.IGNORECASE)


@pytest.mark.parametrize("name", REAL)
def test_a_real_name_is_accepted_and_shown_unchanged(name: str) -> None:
    assert name_problem(name) is None
    assert without_links(name) == name


@pytest.mark.parametrize("name", [*LINKS, *HIDDEN])
def test_a_name_with_a_link_or_hidden_characters_is_refused(name: str) -> None:
    objection = name_problem(name)

    assert objection is not None
    assert objection.startswith("O nome")


NAMES = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from([*LINKS, *HIDDEN, *REAL, ".", "com", "br", "@", "://", " "]), max_size=6).map("".join),
)


@given(NAMES, NAMES)
def test_no_name_becomes_a_link_in_an_email(name: str, company: str) -> None:
    """Also of rows from before names were checked: whatever is stored, the only link is ours."""
    app = "https://app.example.com"
    for mail in (
        mail_texts.verification(name, company, app, "t"),
        mail_texts.reset(name, company, app, "t"),
        mail_texts.invitation(name, company, app, "t"),
        mail_texts.password_changed(name, company, app),
    ):
        for text in (mail.subject, mail.text):
            without_ours = re.sub(rf"{re.escape(app)}\S*", "", text)
            assert not AS_READERS_TAKE_IT.search(unicodedata.normalize("NFKC", without_ours)), without_ours
            assert not [c for c in text if unicodedata.category(c) == "Cf" and c != "\u200d"]
        assert all(target.startswith(app) for target in re.findall(r'href="([^"]*)"', mail.html))
        assert mail.html.count("<a ") == mail.html.count("href=") <= 2
        assert "\n" not in mail.subject


@given(st.text(max_size=400))
def test_a_shown_name_is_short_and_valid_itself(name: str) -> None:
    shown = without_links(name)

    assert len(shown) <= 120
    assert name_problem(shown) is None
