"""/v1/business/campaigns: messages to a segment of the contacts."""

from falachefe.app.rest import resource_api
from falachefe.marketing.resources import CAMPAIGNS

api = resource_api(CAMPAIGNS)
handler = api.handler()
