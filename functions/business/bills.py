"""/v1/business/bills: what the company has to pay and to receive; settling and cancelling bills."""

from uuid import UUID

from falachefe.app.rest import resource_api
from falachefe.finance.bills import actions
from falachefe.finance.bills.resources import BILLS
from falachefe.finance.bills.schemas import CancelIn, CancelledBill, SettledBill, SettleIn
from falachefe.resources.actions import answered

REFUSED = {404: "No such bill", 409: "It is settled or cancelled, or the request's Idempotency-Key is in use"}

api = resource_api(BILLS)


@api.post("/bills/<item_id>/settle", permission="bills.settle", summary="Settle a bill or pay a part", refuses=REFUSED)
def settle(item_id: UUID, body: SettleIn | None = None) -> SettledBill:
    """Writes the payment and its ledger entry together. More than is left is refused."""
    return answered(api, SettledBill, lambda work: actions.settle(work, item_id, body or SettleIn()))


@api.post("/bills/<item_id>/cancel", permission="bills.update", summary="Cancel a bill", refuses=REFUSED)
def cancel(item_id: UUID, body: CancelIn | None = None) -> CancelledBill:
    """Cancels what is left of a bill; what was paid stays in the ledger."""
    return answered(api, CancelledBill, lambda work: actions.cancel(work, item_id, body or CancelIn()))


handler = api.handler()
