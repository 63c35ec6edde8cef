"""/v1/business/campaigns: messages to a segment of the contacts."""

from falachefe.marketing.resources import CAMPAIGNS
from falachefe.resources.http import serve

api = serve(CAMPAIGNS)
handler = api.handler()
