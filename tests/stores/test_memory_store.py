from pathlib import Path

from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import StoreContract


class TestMemoryStore(StoreContract):
    declares = MemoryStore.capabilities

    def open_store(self, folder: Path) -> CaseStore:
        return MemoryStore()
