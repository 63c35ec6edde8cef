"""GET and POST /v1/business/transactions: the ledger's entries."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe import runtime
from falachefe.data.outbox import Outbox
from falachefe.finance import schemas, service
from falachefe.finance.schemas import IsoDate, Kind, TransactionIn
from falachefe.http.api import Api

api = Api("business")


@api.get("/transactions", permission="finance.read")
def list_transactions(
    *,
    start: IsoDate | None = None,
    end: IsoDate | None = None,
    kind: Kind | None = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=service.LARGEST_PAGE)] = 50,
) -> dict[str, Any]:
    wanted = service.TransactionFilter(start=start, end=end, kind=kind, category=category)
    after = schemas.position_of(cursor)
    company_id = api.principal().company_id
    with runtime.database().tenant(company_id) as session:
        page = service.list_transactions(session, company_id, wanted, after=after, limit=limit)
    return schemas.page_document(page, limit)


@api.post("/transactions", permission="finance.write", status_code=201)
def record_transaction(entry: TransactionIn) -> dict[str, Any]:
    who = api.principal()
    outbox = Outbox(who.company_id)
    with runtime.database().tenant(who.company_id) as session:
        written = service.record_transaction(
            session,
            who.company_id,
            kind=entry.kind,
            amount=entry.amount,
            description=entry.description,
            category=entry.category,
            occurred_on=entry.date,
            created_by=who.user_id,
            source="api",
            now=runtime.clock().now(),
            outbox=outbox,
        )
        outbox.save(session)
    outbox.publish(runtime.database(), runtime.publisher())
    return schemas.transaction_document(written)


handler = api.handler()
