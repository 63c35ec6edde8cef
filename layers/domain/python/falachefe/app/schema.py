"""Every table of the product, for migrations and for tests that walk all tables. Functions never import this."""

from falachefe.access import models as _access
from falachefe.accounts import models as _accounts
from falachefe.api_keys import models as _api_keys
from falachefe.audit import models as _audit
from falachefe.companies import models as _companies
from falachefe.crews import models as _crews
from falachefe.db import outbox as _outbox
from falachefe.db import quarantine as _quarantine
from falachefe.db.base import Base
from falachefe.exports import models as _exports
from falachefe.finance import models as _finance
from falachefe.finance.bills import models as _bills
from falachefe.flags import models as _flags
from falachefe.hr import models as _hr
from falachefe.marketing import models as _marketing
from falachefe.messaging import models as _messaging
from falachefe.phone_sign_in import models as _phone_sign_in
from falachefe.plans import models as _plans
from falachefe.posts import models as _posts
from falachefe.reminders import models as _reminders
from falachefe.support import models as _support

__all__ = ["metadata"]

metadata = Base.metadata
_OF_CONTEXTS = (
    _access, _accounts, _api_keys, _audit, _bills, _companies, _crews, _exports, _finance, _flags,
    _hr, _marketing, _messaging, _phone_sign_in, _plans, _posts, _reminders, _support,
)  # fmt: skip
_OF_QUEUES = (_outbox, _quarantine)
