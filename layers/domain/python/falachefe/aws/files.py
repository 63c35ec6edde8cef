"""An S3 bucket of files: streaming uploads and presigned download links."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

PART_SIZE: Final = 5 * 1024 * 1024
"""S3's minimum size of a part other than the last; a writer holds one part in memory."""


class Files:
    def __init__(self, s3: Callable[[], Any], bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def write(self, key: str, content_type: str, pieces: Iterable[bytes]) -> int:
        """Writes one object from any number of pieces and returns its size in bytes.

        Readers see the complete object or the previous one. When `pieces` or S3 fail, the upload is aborted; parts
        left by a crash are removed by the bucket's lifecycle rule.
        """
        upload = _Upload(self._s3(), self._bucket, key, content_type)
        try:
            for piece in pieces:
                upload.add(piece)
            return upload.finish()
        except BaseException:
            with suppress(Exception):  # the first error is the one to raise
                upload.abort()
            raise

    def link(self, key: str, file_name: str, seconds: int) -> str:
        """A presigned URL that downloads the object as `file_name` for `seconds`."""
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        url: str = self._s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
        return url


class _Upload:
    """Uploads less than one part in a single request, anything larger as a multipart upload."""

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
