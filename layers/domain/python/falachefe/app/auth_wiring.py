"""What the handlers of `functions/auth` stand on, put together once for all of them."""

from dataclasses import dataclass
from typing import Final, Literal

from falachefe.accounts.mail.tokens import MailTokens
from falachefe.accounts.passwords.devices import Devices
from falachefe.accounts.passwords.lockout import SignInAttempts
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.aws.emf import emit
from falachefe.http.api import Api
from falachefe.http.rate_limits.addresses import address_key
from falachefe.http.rate_limits.callers import MINUTE
from falachefe.http.rate_limits.public import (
    HOUR,
    QUARTER_HOUR,
    LimitSettings,
    RequestLimits,
)
from falachefe.kernel.config import Settings
from falachefe.kernel.errors import LimitExceeded
from falachefe.sessions.signing_keys import SigningKey
from falachefe.sessions.token_keys import AwsSecretStore, TokenKeys

CODES_PER_ADDRESS: Final = 20
"""In a minute: codes of WhatsApp given and asked for."""


@dataclass(frozen=True)
class SigningSettings(Settings):
    signing_key_secret_arn: str


def token_keys() -> TokenKeys:
    """For those few functions that may read what access tokens are signed with."""
    seed, published = SigningSettings.from_env(), runtime.TokenKeySettings.from_env()
    store = AwsSecretStore(runtime.secret, lambda: client("secretsmanager"))
    return TokenKeys(store, seed.signing_key_secret_arn, published.token_keys_secret_arn)


def signing_key() -> SigningKey:
    """The key of this deployment that signs at the moment; a rotation arrives without a deploy."""
    return token_keys().signing(runtime.clock().now())


def attempts() -> SignInAttempts:
    return SignInAttempts(runtime.table("AUTH_TABLE"), runtime.pepper())


def devices() -> Devices:
    return Devices(runtime.pepper())


def network(api: Api) -> str:
    """What failed sign-ins count for where the device is not known."""
    return _address(api)


def mail_tokens() -> MailTokens:
    return MailTokens(runtime.table("AUTH_TABLE"), runtime.pepper())


def request_limits() -> RequestLimits:
    return RequestLimits(runtime.limits(), runtime.pepper())


def limit_logins(api: Api) -> None:
    _limit(api, "login", _address(api), LimitSettings.from_env().logins_per_address, QUARTER_HOUR)


def limit_registrations(api: Api) -> None:
    _limit(api, "register", _address(api), LimitSettings.from_env().registrations_per_address, HOUR)


def limit_mails(api: Api, email: str) -> None:
    settings = LimitSettings.from_env()
    _limit(api, "mail-address", _address(api), settings.mails_per_address, HOUR)
    _limit(api, "mail", email.strip().casefold(), settings.mails_per_email, HOUR)


def limit_links(api: Api) -> None:
    """For those who try mailed tokens."""
    _limit(api, "link", _address(api), LimitSettings.from_env().mails_per_address, HOUR)


def limit_oauth(api: Api, part: Literal["start", "callback", "token"]) -> None:
    """Each part of a sign-in by another provider, as often as one may sign in by e-mail."""
    _limit(api, f"oauth-{part}", _address(api), LimitSettings.from_env().logins_per_address, QUARTER_HOUR)


def limit_codes(api: Api) -> None:
    """For those who give or ask for codes of WhatsApp: a phone's own limits keep nobody from trying many phones."""
    try:
        _limit(api, "sign-in", _address(api), CODES_PER_ADDRESS, MINUTE)
    except LimitExceeded:
        emit("whatsapp_rate_limit_hits_total", runtime.clock().now(), scope="address")
        raise


def _limit(api: Api, name: str, key: str, limit: int, window_s: int) -> None:
    request_limits().hit(api.add_header, name, key, limit=limit, window_s=window_s, now=runtime.clock().now())


def _address(api: Api) -> str:
    return address_key(api.event.request_context.identity.source_ip)
