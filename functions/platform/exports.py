"""/v1/platform/exports: exports of lists to files, and the links to download them."""

from falachefe.app import runtime
from falachefe.app.rest import resource_api
from falachefe.exports.service import exports_resource

NEEDS = ("files",)
api = resource_api(exports_resource(runtime.files))
handler = api.handler()
