"""Every table of the product, for migrations and for tests that walk all tables. Functions never import this."""

from falachefe.accounts import models as _auth
from falachefe.audit import models as _audit
from falachefe.companies import models as _tenancy
from falachefe.crews import models as _crews
from falachefe.db import outbox as _outbox
from falachefe.db import quarantine as _quarantine
from falachefe.db.base import Base
from falachefe.finance import models as _finance
from falachefe.hr import models as _hr
from falachefe.marketing import models as _marketing
from falachefe.messaging import models as _whatsapp
from falachefe.posts import models as _platform
from falachefe.support import models as _support

__all__ = ["metadata"]

metadata = Base.metadata
_OF_CONTEXTS = (_audit, _auth, _crews, _finance, _hr, _marketing, _platform, _support, _tenancy, _whatsapp)
_OF_QUEUES = (_outbox, _quarantine)
