"""The lost-property office is made known to whatever reads lines and stored events."""

from onsite_workflow.procedures import register

from .lost_property import LOST_PROPERTY

register(LOST_PROPERTY)
