"""emails.fifo: the mails of accounts, through SES."""

from functools import cache
from typing import Any

from falachefe import runtime
from falachefe.auth import doors
from falachefe.auth.postman import MailSettings, Postman, SesMailer
from falachefe.aws.backoff import with_backoff
from falachefe.aws.batch import SqsAttributes, fifo_batch
from falachefe.aws.clients import client


@cache
def settings() -> MailSettings:
    return MailSettings.from_env()


def process(letter: dict[str, Any], _: SqsAttributes) -> None:
    mailer = SesMailer(lambda: client("sesv2"), settings().email_from)
    Postman(runtime.database(), doors.mail_tokens(), mailer, settings(), runtime.clock())(letter)


handler = with_backoff(
    fifo_batch(process),
    sqs=lambda: client("sqs"),
    queue_url=lambda: runtime.queue_url("emails"),
    delays=(10, 60, 300, 900),
)
