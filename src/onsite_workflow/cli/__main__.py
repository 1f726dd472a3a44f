"""``python -m onsite_workflow.cli``."""

from . import main

raise SystemExit(main())
