from tests.integration.office import office

__all__ = ["office"]
