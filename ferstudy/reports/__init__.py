"""Reports: parameterised notebooks executed by papermill, their entries with evidence, and the site made of them."""

from ferstudy.reports.profiles import PROFILES, Profile, get_profile
from ferstudy.reports.report import Report

__all__ = ["PROFILES", "Profile", "Report", "get_profile"]
