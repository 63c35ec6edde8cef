"""Composition of the handlers of `functions/auth`."""

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
"""In a minute: WhatsApp codes presented or requested."""


@dataclass(frozen=True)
class SigningSettings(Settings):
    signing_key_secret_arn: str


def token_keys() -> TokenKeys:
    """For the few functions that may read the signing key's seed."""
    seed, published = SigningSettings.from_env(), runtime.TokenKeySettings.from_env()
    store = AwsSecretStore(runtime.secret, lambda: client("secretsmanager"))
    return TokenKeys(store, seed.signing_key_secret_arn, published.token_keys_secret_arn)


def signing_key() -> SigningKey:
    """The key that signs now; a rotation takes effect without a deployment."""
    return token_keys().signing(runtime.clock().now())


def attempts() -> SignInAttempts:
    return SignInAttempts(runtime.table("AUTH_TABLE"), runtime.pepper())


def devices() -> Devices:
    return Devices(runtime.pepper())


def network(api: Api) -> str:
    """The origin that failed sign-ins count for when the device is not known."""
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
    """Limits uses of mailed tokens."""
    _limit(api, "link", _address(api), LimitSettings.from_env().mails_per_address, HOUR)


def limit_oauth(api: Api, part: Literal["start", "callback", "token"]) -> None:
    """Limits each step of a sign-in with a provider as strictly as sign-ins by e-mail."""
    _limit(api, f"oauth-{part}", _address(api), LimitSettings.from_env().logins_per_address, QUARTER_HOUR)


def limit_codes(api: Api) -> None:
    """Limits presenting and requesting WhatsApp codes, as the limits of a phone do not stop attempts on many phones."""
    try:
        _limit(api, "sign-in", _address(api), CODES_PER_ADDRESS, MINUTE)
    except LimitExceeded:
        emit("whatsapp_rate_limit_hits_total", runtime.clock().now(), scope="address")
        raise


def _limit(api: Api, name: str, key: str, limit: int, window_s: int) -> None:
    request_limits().hit(api.add_header, name, key, limit=limit, window_s=window_s, now=runtime.clock().now())


def _address(api: Api) -> str:
    return address_key(api.event.request_context.identity.source_ip)
