"""The course: its lessons, its terms, its exercises, and what the lessons work with.

The notebooks in ``notebooks/lessons`` hold the narrative; what they call stands here and in :mod:`ferstudy.widgets`.
"""

from ferstudy.course.exercises import check
from ferstudy.course.glossary import GLOSSARY, define
from ferstudy.course.lessons import LESSONS, Lesson

__all__ = ["GLOSSARY", "LESSONS", "Lesson", "check", "define"]
