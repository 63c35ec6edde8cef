"""/v1/platform/exports: lists that somebody asked to have as a file, and the links to the files."""

from falachefe.app import runtime
from falachefe.app.rest import resource_api
from falachefe.exports.service import exports_resource

NEEDS = ("files",)
api = resource_api(exports_resource(runtime.files))
handler = api.handler()
