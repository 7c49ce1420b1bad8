"""Versions of the platform's tables, applied by `Database.upgrade`; a version table of their own."""
