"""Stores that the kit's command line is told of."""

from pathlib import Path

import attrs

from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.ports import Capability, CaseStore, Commit, StoredCommit
from onsite_workflow.testing import StoreContract


def open_store(folder: Path) -> CaseStore:
    return MemoryStore()


class _Broken(MemoryStore):
    """Claims nothing."""

    def append(self, commit: Commit) -> StoredCommit:
        return super().append(attrs.evolve(commit, keys=()))


class BrokenStore(StoreContract):
    stories = 1

    def open_store(self, folder: Path) -> CaseStore:
        return _Broken()


class _Forgetful(MemoryStore):
    """Forgets a case that occurs in stories alone."""

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return () if case == "\uff5e" else super().load(case)


class ForgetfulStore(StoreContract):
    def open_store(self, folder: Path) -> CaseStore:
        return _Forgetful()


class _Boasting(MemoryStore):
    capabilities = MemoryStore.capabilities | {Capability.JOINING}


class BoastingStore(StoreContract):
    stories = 1

    def open_store(self, folder: Path) -> CaseStore:
        return _Boasting()
