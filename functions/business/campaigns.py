"""/v1/business/campaigns: messages to a segment of the contacts; sending and cancelling them."""

from uuid import UUID

from falachefe.app.rest import resource_api
from falachefe.marketing import actions
from falachefe.marketing.resources import CAMPAIGNS
from falachefe.marketing.schemas import CampaignOut, SendIn
from falachefe.resources.actions import answered

REFUSED = {404: "No such campaign", 409: "Its state does not allow it, or there is nobody or no number to send to"}

api = resource_api(CAMPAIGNS)


@api.post("/campaigns/<item_id>/send", permission="marketing.send", summary="Send a campaign", refuses=REFUSED)
def send(item_id: UUID, body: SendIn | None = None) -> CampaignOut:
    """Begins within a minute, or at the given time. Above 50 people it needs `marketing.send_large`."""
    return answered(api, CampaignOut, lambda work: actions.send(work, item_id, body or SendIn()))


@api.post("/campaigns/<item_id>/cancel", permission="marketing.send", summary="Cancel a campaign", refuses=REFUSED)
def cancel(item_id: UUID) -> CampaignOut:
    """Of one that is being sent, what has not gone out yet."""
    return answered(api, CampaignOut, lambda work: actions.cancel(work, item_id))


handler = api.handler()
