"""The bucket of files: objects written piece by piece, and links that open one of them for a while."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

PART_SIZE: Final = 5 * 1024 * 1024
"""The smallest that S3 takes for a part that is not the last: what a writer holds in memory."""


class Files:
    def __init__(self, s3: Callable[[], Any], bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def write(self, key: str, content_type: str, pieces: Iterable[bytes]) -> int:
        """Writes one object from pieces, however many, and returns its size in bytes.

        Whoever reads meets the whole object or the one before it. When `pieces` or S3 fail, nothing is left; what a
        crash leaves half written is the bucket's lifecycle's to remove.
        """
        upload = _Upload(self._s3(), self._bucket, key, content_type)
        try:
            for piece in pieces:
                upload.add(piece)
            return upload.finish()
        except BaseException:
            with suppress(Exception):  # what went wrong first is what the caller has to know
                upload.abort()
            raise

    def link(self, key: str, file_name: str, seconds: int) -> str:
        """An address that downloads the object as `file_name`, without any other credential, for `seconds`."""
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        url: str = self._s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
        return url


class _Upload:
    """What is smaller than a part goes up in one request, anything else in parts."""

    def __init__(self, s3: Any, bucket: str, key: str, content_type: str) -> None:
        self._s3 = s3
        self._place = {"Bucket": bucket, "Key": key}
        self._content_type = content_type
        self._waiting = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._upload_id: str | None = None
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        self._waiting += piece
        while len(self._waiting) >= PART_SIZE:
            self._send(bytes(self._waiting[:PART_SIZE]))
            del self._waiting[:PART_SIZE]

    def finish(self) -> int:
        if self._upload_id is None:
            self._s3.put_object(**self._place, Body=bytes(self._waiting), ContentType=self._content_type)
            return self._size
        if self._waiting:
            self._send(bytes(self._waiting))
        self._s3.complete_multipart_upload(
            **self._place, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )
        return self._size

    def abort(self) -> None:
        if self._upload_id is not None:
            self._s3.abort_multipart_upload(**self._place, UploadId=self._upload_id)

    def _send(self, part: bytes) -> None:
        if self._upload_id is None:
            begun = self._s3.create_multipart_upload(**self._place, ContentType=self._content_type)
            self._upload_id = begun["UploadId"]
        number = len(self._parts) + 1
        taken = self._s3.upload_part(**self._place, UploadId=self._upload_id, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": taken["ETag"]})
