"""RDS's certificate authorities in the domain layer, one file per region.

python -m infra.local.rds_certificates global-bundle.pem           writes them from the bundle that AWS publishes
python -m infra.local.rds_certificates --check global-bundle.pem   says which differ from it, and ends non-zero then

The bundle: https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem. Only roots still valid are taken.
"""

import re
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from infra.local.paths import ROOT

FOLDER = ROOT / "layers" / "domain" / "python" / "falachefe" / "db" / "certificates" / "rds"
_ROOT_NAME = re.compile(r"Amazon RDS ([a-z]+(?:-[a-z]+)+-\d) Root CA (?:RSA2048|RSA4096|ECC384) G\d+")


def by_region(bundle: bytes, now: datetime) -> dict[str, str]:
    """The text of each region's file. Raises `cryptography`'s error for a root that did not sign itself."""
    found: dict[str, list[tuple[str, x509.Certificate]]] = defaultdict(list)
    for certificate in x509.load_pem_x509_certificates(bundle):
        name = str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
        match = _ROOT_NAME.fullmatch(name)
        if match and certificate.not_valid_after_utc > now:
            certificate.verify_directly_issued_by(certificate)
            found[match[1]].append((name, certificate))
    return {
        region: "".join(_text(name, certificate) for name, certificate in sorted(roots, key=lambda root: root[0]))
        for region, roots in sorted(found.items())
    }


def _text(name: str, certificate: x509.Certificate) -> str:
    until, print_ = certificate.not_valid_after_utc.date(), certificate.fingerprint(hashes.SHA256()).hex()
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return f"# {name}, until {until}, SHA-256 {print_}\n{pem}"


def main(arguments: list[str]) -> int:
    *options, bundle = arguments
    wanted = by_region(Path(bundle).read_bytes(), datetime.now(UTC))
    present = {file.stem: file.read_text() for file in FOLDER.glob("*.pem")}
    differ = sorted(region for region in wanted.keys() | present.keys() if wanted.get(region) != present.get(region))
    for region in differ:
        print(f"{region} differs")
        if "--check" not in options:
            (FOLDER / f"{region}.pem").write_text(wanted.get(region, present.get(region, "")))
    return 1 if differ and "--check" in options else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
