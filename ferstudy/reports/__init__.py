"""Reports: parameterised notebooks executed by papermill, their entries with evidence, and the site made of them."""

from ferstudy.reports.profiles import PROFILES, Profile, get_profile
from ferstudy.reports.study import Study

__all__ = ["PROFILES", "Profile", "Study", "get_profile"]
