"""Declares suppliers as a REST resource; its only rules are in the schemas."""

from typing import Final

from falachefe.finance.models import Supplier
from falachefe.finance.schemas import SupplierIn, SupplierOut
from falachefe.resources.declaration import Resource
from falachefe.resources.schemas import partial_of

SUPPLIERS: Final = Resource[Supplier, SupplierIn, SupplierOut](
    name="suppliers",
    singular="supplier",
    context="finance",
    model=Supplier,
    read=SupplierOut,
    create=SupplierIn,
    update=partial_of(SupplierIn),
    filter_by=("name", "cnpj", "created_at"),
    sort_by=("name", "created_at"),
    search_in=("name", "notes"),
    default_sort="name",
)
