"""Stored results of long trainings; ``benchmarks/`` has a script of the same name for each."""
