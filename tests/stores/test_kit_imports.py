"""The kit ships with the library, and the library does without it."""

import subprocess
import sys

IMPORT_EVERYTHING_ELSE = """
import importlib, pkgutil, sys
import onsite_workflow
for module in pkgutil.walk_packages(onsite_workflow.__path__, "onsite_workflow."):
    if not module.name.startswith("onsite_workflow.testing"):
        importlib.import_module(module.name)
tools = ("pytest", "hypothesis", "onsite_workflow.testing")
print([name for name in tools if name in sys.modules])
"""


def test_the_library_imports_neither_its_kit_nor_a_test_tool() -> None:
    command = [sys.executable, "-c", IMPORT_EVERYTHING_ELSE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
