"""Worker of emails.fifo: sends the e-mails of accounts through SES."""

from functools import cache
from typing import Any

from falachefe.accounts.mail.worker import MailSettings, MailWorker, SesMailer
from falachefe.app import auth_wiring, runtime
from falachefe.app.workers import queue_worker
from falachefe.aws.clients import client
from falachefe.aws.worker import Delivery


@cache
def settings() -> MailSettings:
    return MailSettings.from_env()


def process(payload: dict[str, Any], _: Delivery) -> None:
    mailer = SesMailer(lambda: client("sesv2"), settings().email_from)
    MailWorker(runtime.database(), auth_wiring.mail_tokens(), mailer, settings(), runtime.clock())(payload)


handler = queue_worker("emails", process)
