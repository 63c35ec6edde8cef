from tests.integration.office import admin, office

__all__ = ["admin", "office"]
