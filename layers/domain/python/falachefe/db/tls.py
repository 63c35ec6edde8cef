"""Certificate authorities that connections to Postgres trust.

RDS signs clusters' certificates with its own authorities, one set per region, which are in no public trust store; RDS
Proxy has certificates of Amazon's public authorities. `certificates/` holds both: `rds/<region>.pem` and `amazon.pem`,
written by `python -m infra.local.rds_certificates`, which also compares them with those that AWS publishes.
"""

import ssl
from functools import cache
from pathlib import Path

from falachefe.db.address import DatabaseAddress

_CERTIFICATES = Path(__file__).parent / "certificates"
_RDS = ".rds.amazonaws.com"


class UnknownRegion(Exception):
    """The layer has no RDS authorities for this region."""


def context_of(address: DatabaseAddress) -> ssl.SSLContext:
    """A TLS context that verifies chain and host name. Cached, because building one takes milliseconds."""
    return _context(address.ca_file, _region(address.host))


@cache
def _context(ca_file: Path | None, region: str | None) -> ssl.SSLContext:
    # Not `create_default_context`: it loads all public authorities, none of which signs for RDS, and its strict mode
    # refuses authorities without an extension that RFC 5280 requires.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    elif region is not None:
        context.load_verify_locations(authorities_of(region))
        context.load_verify_locations(_CERTIFICATES / "amazon.pem")
    else:
        context.load_default_certs()
    return context


def authorities_of(region: str) -> Path:
    """The file of a region's authorities. Raises `UnknownRegion` with instructions, not as an outage."""
    file = _CERTIFICATES / "rds" / f"{region}.pem"
    if not file.exists():
        raise UnknownRegion(f"no authorities of RDS in {region}: python -m infra.local.rds_certificates adds them")
    return file


def _region(host: str) -> str | None:
    """`name.cluster-abc.sa-east-1.rds.amazonaws.com` → `sa-east-1`; None for a Postgres that is not RDS."""
    return host.removesuffix(_RDS).rpartition(".")[2] if host.endswith(_RDS) else None
