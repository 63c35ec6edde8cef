"""The demo company's posts, and a role for one of its users."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.access import role_assignments
from falachefe.access.permissions import permissions_of
from falachefe.access.roles_resource import ROLES
from falachefe.accounts.users import UserView
from falachefe.db.outbox import Outbox
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.posts.resource import POSTS
from falachefe.resources import crud
from falachefe.resources.declaration import Resource
from falachefe.resources.lists import query_string

BUYER: Final = "João Santos"
ROLE: Final[Mapping[str, Any]] = {
    "name": "Compras",
    "description": "Cuida dos fornecedores e vê o orçamento.",
    "permissions": ["budgets.read", "suppliers.create", "suppliers.read", "suppliers.update"],
}
_OPENING: Final = "Novo horário aos domingos"
_SUMMER: Final = "Cardápio de verão"
_DRAFT: Final = "Confraternização de fim de ano"
POST_TEXTS: Final[Mapping[str, str]] = {
    _OPENING: "A partir do próximo domingo abrimos às 7h.\n\nQuem trabalha no turno da manhã entra às 6h30.",
    _SUMMER: "Chegam o sorvete de tapioca e a torta de maracujá. Provem antes de recomendar!",
    _DRAFT: "Sugestões de lugar e data até sexta.",
}
_PUBLISHED: Final[Mapping[str, timedelta]] = {_OPENING: timedelta(days=-6), _SUMMER: timedelta(days=3)}


def add_role_and_posts(
    session: Session, company_id: UUID, owner: UserView, people: list[UserView], now: datetime
) -> None:
    """Creates a role for purchases, and posts: one published, one scheduled in three days, one draft."""
    who = Principal(owner.id, company_id, owner.role, permissions_of(owner.role), "")
    work = RequestUnitOfWork(session, Outbox(company_id), Actor("user", owner.id), now, who)
    role_id = _once(work, ROLES, "name", dict(ROLE))
    for person in people:
        if person.name == BUYER:
            role_assignments.assign(work, person.id, role_id)
    for title, content in POST_TEXTS.items():
        moment = _PUBLISHED.get(title)
        _once(
            work,
            POSTS,
            "title",
            {"title": title, "content": content, "published_at": None if moment is None else now + moment},
        )


def _once(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], name: str, document: Mapping[str, Any]) -> UUID:
    """The id of the row with this name, which is created when it is missing."""
    query = query_string.parse(resource, {name: [document[name]], "limit": ["1"]}, work.who)
    found = crud.list_page(work, resource, query, {}).data
    made = found[0] if found else crud.create(work, resource, resource.create.model_validate(document))
    return UUID(made["id"])
