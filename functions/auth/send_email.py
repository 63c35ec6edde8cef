"""emails.fifo: the mails of accounts, through SES."""

from functools import cache
from typing import Any

from falachefe import runtime
from falachefe.auth import doors
from falachefe.auth.postman import MailSettings, Postman, SesMailer
from falachefe.aws.clients import client
from falachefe.aws.worker import Delivery
from falachefe.workers import queue_worker


@cache
def settings() -> MailSettings:
    return MailSettings.from_env()


def process(letter: dict[str, Any], _: Delivery) -> None:
    mailer = SesMailer(lambda: client("sesv2"), settings().email_from)
    Postman(runtime.database(), doors.mail_tokens(), mailer, settings(), runtime.clock())(letter)


handler = queue_worker("emails", process)
