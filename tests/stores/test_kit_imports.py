"""The kit ships with the library, and the library does without it."""

import subprocess
import sys

IMPORT_EVERYTHING_ELSE = """
import importlib, sys
from pathlib import Path
import onsite_workflow
root = Path(onsite_workflow.__file__).parent
for path in root.rglob("*.py"):
    parts = path.relative_to(root.parent).with_suffix("").parts
    if "testing" not in parts and parts[-1] != "__main__":
        importlib.import_module(".".join(parts).removesuffix(".__init__"))
tools = ("pytest", "hypothesis", "onsite_workflow.testing")
print([name for name in tools if name in sys.modules])
"""


def test_the_library_imports_neither_its_kit_nor_a_test_tool() -> None:
    command = [sys.executable, "-c", IMPORT_EVERYTHING_ELSE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
