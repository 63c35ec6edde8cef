"""What the sign-in API answers with."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field

from falachefe.http.schemas import Id, Moment

_Email = Annotated[str, Field(examples=["ana@padariadochefe.com.br"])]
_Role = Annotated[str, Field(examples=["admin"])]
_DeviceToken = Annotated[str, Field(examples=["<device-token>"])]
_Count = Annotated[int, Field(ge=0, examples=[2])]


class SignedInUser(TypedDict):
    id: Id
    company_id: Id
    name: Annotated[str, Field(examples=["Ana Souza"])]
    email: _Email | None
    role: _Role


class TokenPair(TypedDict):
    """The refresh token can be used once; `expires_in` is the lifetime of the access token in seconds."""

    access_token: Annotated[str, Field(examples=["<access-token>"])]
    refresh_token: Annotated[str, Field(examples=["<refresh-token>"])]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(examples=[1800])]


class OwnSession(TypedDict):
    """A session of the caller; `address` is masked to /24 (IPv6: /48)."""

    id: Id
    device_name: Annotated[str | None, Field(examples=["Celular da Ana"])]
    user_agent: Annotated[str | None, Field(examples=["Mozilla/5.0 (Android 16)"])]
    address: Annotated[str | None, Field(examples=["203.0.113.0"])]
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment
    current: bool


class SignIn(TypedDict):
    user: SignedInUser
    tokens: TokenPair
    session: OwnSession


class SignInOnDevice(SignIn):
    """`device_token`: send it with the next sign-in on this device; it is not a credential."""

    device_token: _DeviceToken


class WhatsappSignIn(TypedDict):
    """`user`, `tokens` and `session` are present for users only; a customer has no account."""

    status: Literal["verified"]
    message: Annotated[str, Field(examples=["Número confirmado. Continue a conversa no WhatsApp."])]
    user: NotRequired[SignedInUser]
    tokens: NotRequired[TokenPair]
    session: NotRequired[OwnSession]


class Refreshed(TypedDict):
    tokens: TokenPair


class OwnAccount(SignedInUser):
    company_name: Annotated[str, Field(examples=["Padaria do Chefe"])]
    phone: Annotated[str | None, Field(examples=["+5511987654321"])]
    email_verified: bool
    last_login_at: Moment | None
    created_at: Moment


class OwnSessions(TypedDict):
    data: list[OwnSession]


class OtherSessionsEnded(TypedDict):
    ended: _Count


class PasswordChanged(TypedDict):
    sessions_ended: _Count


class PasswordReset(TypedDict):
    """`device_token`: send it with the next sign-in, so that failed attempts of others do not block it."""

    status: Literal["changed"]
    device_token: _DeviceToken
    message: Annotated[str, Field(examples=["Senha alterada. Entre com a nova senha."])]


class EmailVerified(TypedDict):
    status: Literal["verified"]
    message: Annotated[str, Field(examples=["E-mail confirmado."])]


class PermissionShown(TypedDict):
    """`held`: whether the caller has the permission and may grant it."""

    code: Annotated[str, Field(examples=["finance.read"])]
    description: Annotated[str, Field(examples=["Ver o caixa e os relatórios"])]
    held: bool


class Permissions(TypedDict):
    data: list[PermissionShown]
