"""The permissions, named `<resource>.<action>`, and those of each base role. Only superadmin holds `*`.

A user has the permissions of their base role (superadmin, admin, user) and of the company's roles assigned to them
(`falachefe.access.roles_resource`). Every user holds `account.manage`, for their own account and sessions.
"""

from collections.abc import Mapping
from typing import Final

from falachefe.http.principal import EVERYTHING

RESOURCES: Final[Mapping[str, str]] = {
    "api_keys": "chaves de API",
    "bills": "contas",
    "budgets": "orçamentos",
    "campaigns": "campanhas",
    "crews": "equipes de agentes",
    "employees": "colaboradores",
    "posts": "publicações",
    "reminders": "lembretes",
    "roles": "papéis",
    "suppliers": "fornecedores",
    "tickets": "chamados",
    "time_off": "folgas",
    "transactions": "lançamentos",
    "users": "usuários",
}
"""Resources of the REST API (`falachefe.resources`), each with the five actions.

The agents' tools ask for the permissions of their domain (`finance.write` …) instead.
"""
_ACTIONS: Final[Mapping[str, str]] = {
    "read": "Ver",
    "create": "Criar",
    "update": "Alterar",
    "delete": "Excluir",
    "restore": "Recuperar",
}
_OTHERS: Final[Mapping[str, str]] = {
    "account.manage": "Cuidar da própria conta e das próprias sessões",
    "agents.read": "Ver agentes",
    "agents.update": "Alterar agentes",
    "audit_logs.read": "Ver a trilha de auditoria",
    "auth_logs.read": "Ver o registro de entradas pelo WhatsApp",
    "bills.settle": "Dar baixa em contas",
    "channels.read": "Ver canais de WhatsApp",
    "channels.update": "Alterar canais de WhatsApp",
    "contacts.delete": "Excluir contatos",
    "contacts.read": "Ver contatos",
    "contacts.restore": "Recuperar contatos",
    "contacts.update": "Alterar contatos",
    "conversations.read": "Ver conversas e mensagens",
    "conversations.update": "Assumir e devolver conversas",
    "crews.process": "Falar com a equipe de agentes pela API",
    "exports.manage": "Ver as exportações de outras pessoas",
    "exports.read": "Ver as próprias exportações",
    "finance.correct": "Corrigir e apagar lançamentos de outras pessoas, ou antigos, pelos agentes",
    "finance.read": "Ver o financeiro pelos agentes",
    "finance.write": "Lançar no financeiro pelos agentes",
    "hr.read": "Ver o RH pelos agentes",
    "hr.request": "Pedir folgas pelos agentes",
    "hr.write": "Administrar o RH pelos agentes",
    "memories.delete": "Excluir o que os agentes lembram",
    "memories.read": "Ver o que os agentes lembram",
    "marketing.read": "Ver o marketing pelos agentes",
    "marketing.send": "Enviar e cancelar campanhas",
    "marketing.send_large": "Enviar campanhas para mais de 50 pessoas",
    "marketing.write": "Administrar o marketing pelos agentes",
    "metrics.read": "Ver as métricas da empresa",
    "plans.read": "Ver os planos",
    "posts.edit": "Ver rascunhos de todos e alterar publicações de outras pessoas",
    "sessions.end": "Encerrar sessões de outras pessoas",
    "sessions.read": "Ver sessões de outras pessoas",
    "settings.read": "Ver as configurações da empresa",
    "settings.update": "Alterar as configurações da empresa",
    "subscriptions.read": "Ver a assinatura da empresa",
    "tasks.read": "Ver tarefas dos agentes",
}
PLATFORM: Final[Mapping[str, str]] = {
    "companies.manage": "Criar, alterar e suspender empresas",
    "companies.read": "Ver todas as empresas",
    "flags.manage": "Administrar funcionalidades em liberação",
    "plans.manage": "Alterar os planos",
    "subscriptions.manage": "Alterar assinaturas",
}
"""Held only by superadmins; a company's role cannot contain them."""

_OF_RESOURCES: Final[Mapping[str, str]] = {
    f"{name}.{action}": f"{verb} {label}" for name, label in RESOURCES.items() for action, verb in _ACTIONS.items()
}
PERMISSIONS: Final[Mapping[str, str]] = dict(sorted([*_OTHERS.items(), *_OF_RESOURCES.items()]))
"""All permissions that a company's role may contain, with their pt-BR descriptions."""

_USER: Final = frozenset(
    {"account.manage", "crews.process", "crews.read", "finance.write", "hr.read", "hr.request", "marketing.read"}
    # The REST equivalents: record expenses, request time off, see colleagues and campaigns.
    | {"campaigns.read", "employees.read", "time_off.create", "time_off.read", "transactions.create"}
    | {"bills.create", "bills.settle"}
    | {"agents.read", "exports.read", "plans.read"}
    # One's own reminders: nobody sees those of others.
    | {"reminders.create", "reminders.delete", "reminders.read", "reminders.restore", "reminders.update"}
    # One's own posts and published ones; other people's need `posts.edit`.
    | {"posts.create", "posts.delete", "posts.read", "posts.update"}
)

PERMISSIONS_OF: Final[Mapping[str, frozenset[str]]] = {
    "superadmin": frozenset({EVERYTHING}),
    "admin": frozenset(PERMISSIONS),
    "user": _USER,
}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of a base role; an unknown role holds none."""
    return PERMISSIONS_OF.get(role, frozenset())
