from pathlib import Path

import pytest

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import StoreContract


class TestSQLiteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "cases.db"

    def open_store(self) -> CaseStore:
        return SQLiteStore(self.path)

    def reopen(self, store: CaseStore) -> CaseStore:
        store.close()
        return self.open_store()
