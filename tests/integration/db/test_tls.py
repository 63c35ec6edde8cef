"""Which servers connections to Postgres trust. The tests' server has no TLS, so a TLS proxy is put before it."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import Engine, text

from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import migrate, owner_engine
from falachefe.db.tls import UnknownRegion, authorities_of, context_of
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.ids import new_id
from infra.local.stack.postgres import PostgresAddress
from infra.local.standins.rds_proxy import RdsProxy, TlsFront
from tests.integration.conftest import application_address, new_database, owner_address
from tests.integration.db.authority import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def front(authority: Authority, postgres: PostgresAddress, superuser: Engine) -> Iterator[TlsFront]:
    made = TlsFront(postgres.host, postgres.port, authority.server("localhost"))
    yield made
    made.close()


@pytest.fixture
def address(authority: Authority, front: TlsFront, postgres: PostgresAddress) -> DatabaseAddress:
    known = application_address(postgres, "falachefe")
    return replace(known, host="localhost", port=front.port, ssl=True, ca_file=authority.file)


def answered(address: DatabaseAddress) -> int:
    database = Database(lambda: make_engine(address))
    try:
        with database.tenant(new_id()) as session:
            return int(session.scalar(text("select 41 + 1")) or 0)
    finally:
        database.dispose()


def test_a_server_with_a_certificate_of_the_authority_is_trusted(address: DatabaseAddress) -> None:
    assert answered(address) == 42


def test_a_server_of_another_authority_is_refused(address: DatabaseAddress, tmp_path: Path) -> None:
    other_authority = Authority(tmp_path, "Another CA")

    with pytest.raises(Unavailable) as caught:
        answered(replace(address, ca_file=other_authority.file))
    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value.__cause__)


def test_public_authorities_are_not_trusted_for_a_private_server(address: DatabaseAddress) -> None:
    """As with Aurora: the machine's trust store does not contain its authority."""
    with pytest.raises(Unavailable):
        answered(replace(address, ca_file=None))


def test_a_certificate_for_another_host_is_refused(
    authority: Authority, address: DatabaseAddress, postgres: PostgresAddress
) -> None:
    other = TlsFront(postgres.host, postgres.port, authority.server("elsewhere.test"))

    with pytest.raises(Unavailable) as caught:
        answered(replace(address, port=other.port))
    assert "Hostname mismatch" in str(caught.value.__cause__)
    other.close()


def test_a_server_without_tls_is_refused(address: DatabaseAddress, postgres: PostgresAddress) -> None:
    plain = TlsFront(postgres.host, postgres.port, None)

    with pytest.raises(Unavailable) as caught:
        answered(replace(address, port=plain.port))
    assert "Server refuses SSL" in str(caught.value.__cause__)
    plain.close()


def test_a_server_that_requires_tls_refuses_plain_connections(address: DatabaseAddress) -> None:
    with pytest.raises(Unavailable) as caught:
        answered(replace(address, ssl=False))
    assert "requires TLS" in str(caught.value.__cause__)


def test_functions_reach_the_proxy_by_tls(authority: Authority, postgres: PostgresAddress, superuser: Engine) -> None:
    proxy = RdsProxy(application_address(postgres, "falachefe"), tls=authority.server("localhost"))

    assert answered(replace(proxy.login, host="localhost", port=proxy.port, ssl=True, ca_file=authority.file)) == 42
    assert (proxy.pins, proxy.refused) == ([], [])
    proxy.close()


def test_the_migration_reaches_the_server_by_tls(
    front: TlsFront, authority: Authority, postgres: PostgresAddress, migrations_folder: Path
) -> None:
    new_database(postgres, "migrated_by_tls").dispose()
    owner = replace(
        owner_address(postgres, "migrated_by_tls"), host="localhost", port=front.port, ssl=True, ca_file=authority.file
    )
    engine = owner_engine(owner)

    assert migrate(engine, application_address(postgres, "unused"), migrations_folder)
    engine.dispose()


# ---- the authorities in the layer


def at(host: str) -> DatabaseAddress:
    return DatabaseAddress("u", "p", host, 5432, "d")


@pytest.mark.parametrize("region", ["sa-east-1", "us-east-1", "eu-west-1"])
def test_the_layer_contains_the_rds_authorities(region: str) -> None:
    certificates = x509.load_pem_x509_certificates(authorities_of(region).read_bytes())
    names = {one.subject.rfc4514_string().split("CN=")[1].split(",")[0] for one in certificates}

    assert names == {f"Amazon RDS {region} Root CA {kind} G1" for kind in ("RSA2048", "RSA4096", "ECC384")}
    for one in certificates:
        one.verify_directly_issued_by(one)
        assert one.not_valid_after_utc > datetime.now(UTC) + timedelta(days=5 * 365)


def test_an_rds_host_is_verified_with_its_regions_and_amazons_authorities() -> None:
    trusted = {
        dict(pair[0] for pair in one["subject"])["commonName"]  # type: ignore[misc]
        for one in context_of(at("falachefe-dev.cluster-abc.sa-east-1.rds.amazonaws.com")).get_ca_certs()
    }

    assert {name for name in trusted if "RDS" in str(name)} == {
        f"Amazon RDS sa-east-1 Root CA {kind} G1" for kind in ("RSA2048", "RSA4096", "ECC384")
    }
    assert "Amazon Root CA 1" in trusted  # it signs for RDS Proxy
    assert len(trusted) == 8


def test_a_region_without_authorities_fails_with_what_to_do() -> None:
    with pytest.raises(UnknownRegion, match="rds_certificates"):
        context_of(at("falachefe-dev.cluster-abc.xx-north-9.rds.amazonaws.com"))


def test_every_tls_context_verifies_certificate_and_host() -> None:
    for host in ("x.sa-east-1.rds.amazonaws.com", "localhost"):
        context = context_of(at(host))
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("endpoint", ["", "localhost:5432/x", "postgresql://h:1/d?ssl=no", "postgresql://h:1"])
def test_an_unreadable_endpoint_does_not_disable_tls(endpoint: str) -> None:
    with pytest.raises(ValueError, match="not an endpoint"):
        DatabaseAddress.of(endpoint, {"username": "u", "password": "p"})


def test_an_endpoint_uses_tls_by_default() -> None:
    login = {"username": "u", "password": "p"}

    assert DatabaseAddress.of("postgresql://h:6543/d", login) == DatabaseAddress("u", "p", "h", 6543, "d", ssl=True)
    assert DatabaseAddress.of("postgresql://h:6543/d?ssl=false", login).ssl is False
