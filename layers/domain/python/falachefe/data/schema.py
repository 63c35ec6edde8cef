"""Every table of the product, for migrations and for tests that walk all tables. Functions never import this."""

from falachefe.audit import models as _audit
from falachefe.auth import models as _auth
from falachefe.crews import models as _crews
from falachefe.data import outbox as _outbox
from falachefe.data import quarantine as _quarantine
from falachefe.data.base import Base
from falachefe.finance import models as _finance
from falachefe.hr import models as _hr
from falachefe.marketing import models as _marketing
from falachefe.platform import models as _platform
from falachefe.support import models as _support
from falachefe.tenancy import models as _tenancy
from falachefe.whatsapp import models as _whatsapp

__all__ = ["metadata"]

metadata = Base.metadata
_OF_CONTEXTS = (_audit, _auth, _crews, _finance, _hr, _marketing, _platform, _support, _tenancy, _whatsapp)
_OF_QUEUES = (_outbox, _quarantine)
