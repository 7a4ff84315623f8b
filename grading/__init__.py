"""Grading of the course's exercises: a folder of notebooks in, marks and feedback out.

A student's code runs in a sandbox on inputs that the student has not seen, and returns values; whether
these are right is decided outside. `python -m grading --help` says how to use it; `book/instructors.md`
what it promises.
"""
