"""Tests of what the database itself refuses and fills in, one for each constraint that is new."""
