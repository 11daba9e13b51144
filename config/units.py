"""Units with names, so that a default reads as a measure."""

SECONDS = 1.0
MINUTES = 60 * SECONDS
HOURS = 60 * MINUTES
DAYS = 24 * HOURS
MILLISECONDS = SECONDS / 1000

KIB = 1024
MIB = 1024 * KIB

__all__ = ["DAYS", "HOURS", "KIB", "MIB", "MILLISECONDS", "MINUTES", "SECONDS"]
