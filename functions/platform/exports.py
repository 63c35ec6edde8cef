"""/v1/platform/exports: lists that somebody asked to have as a file, and the links to the files."""

from falachefe.app import runtime
from falachefe.exports.service import exports_resource
from falachefe.resources.http import serve

NEEDS = ("files",)
api = serve(exports_resource(runtime.files))
handler = api.handler()
