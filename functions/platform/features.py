"""GET /v1/platform/features: the feature flags that are on for the caller's company."""

from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.companies.schemas import Features

api = rest_api("platform")


@api.get("/features", permission="account.manage", summary="List the features of the caller's company")
def features() -> Features:
    found = runtime.flags().of(api.principal().company_id, runtime.clock().now())
    return {"features": [name for name, on in found.items() if on]}


handler = api.handler()
