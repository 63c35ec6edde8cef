"""/v1/platform/posts: what a company tells its people."""

from falachefe.posts.resource import POSTS
from falachefe.resources.http import serve

api = serve(POSTS)
handler = api.handler()
