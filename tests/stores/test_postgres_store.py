import pytest

from onsite_workflow.adapters.postgres import PostgresStore
from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import StoreContract


class TestPostgresStore(StoreContract):
    @pytest.fixture(autouse=True)
    def address(self, database: str) -> None:
        self.url = database

    def open_store(self) -> CaseStore:
        return PostgresStore(self.url)

    def reopen(self, store: CaseStore) -> CaseStore:
        store.close()
        return self.open_store()
