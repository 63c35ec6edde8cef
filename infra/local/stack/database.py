"""Creates what a cluster in an account already has: the owner's login, the database and the extension `vector`."""

from pg8000.native import Connection, identifier, literal

from infra.local.stack.postgres import SUPERUSER, PostgresAddress
from infra.local.stack.vault import DATABASE, Vault


def prepare(address: PostgresAddress, vault: Vault) -> None:
    """Idempotent."""
    owner = vault.owner()
    name = identifier(owner["username"])
    with _connect(address, "postgres") as connection:
        if not connection.run("select 1 from pg_roles where rolname = :role", role=owner["username"]):
            connection.run(f"create role {name} login createrole nosuperuser")
        connection.run(f"alter role {name} password {literal(owner['password'])}")
        if not connection.run("select 1 from pg_database where datname = :name", name=DATABASE):
            connection.run(f"create database {identifier(DATABASE)} owner {name}")
    with _connect(address, DATABASE) as connection:
        # On Aurora the owner may create the extension; here only a superuser may.
        connection.run("set client_min_messages = warning")
        connection.run("create extension if not exists vector")


def _connect(address: PostgresAddress, database: str) -> Connection:
    return Connection(
        SUPERUSER, host=address.host, port=address.port, database=database, password=address.password, ssl_context=False
    )
