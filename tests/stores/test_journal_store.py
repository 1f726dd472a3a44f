"""A store of others, put to the contract; this is all that its test file needs."""

from pathlib import Path

from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import StoreContract

from .journal_store import JournalStore


class TestJournalStore(StoreContract):
    declares = JournalStore.capabilities

    def open_store(self, folder: Path) -> CaseStore:
        return JournalStore(folder)
