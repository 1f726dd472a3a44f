"""The kit ships with the library, and the library does without it."""

import subprocess
import sys

IMPORT_EVERYTHING_ELSE = """
import importlib, pkgutil, sys
import onsite_workflow
def visit(package):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if module.name != "onsite_workflow.testing":
            found = importlib.import_module(module.name)
            if module.ispkg:
                visit(found)
visit(onsite_workflow)
tools = ("pytest", "hypothesis", "onsite_workflow.testing")
print([name for name in tools if name in sys.modules])
"""


def test_the_library_imports_neither_its_kit_nor_a_test_tool() -> None:
    command = [sys.executable, "-c", IMPORT_EVERYTHING_ELSE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
