"""What a dataset holds that its papers do not say: copies, leaks, contradicting labels, and how sure labels are."""

from ferstudy.audit.copies import (
    SAME_PHOTO,
    Copies,
    Pairs,
    class_counts,
    constant,
    deduplicated,
    groups_of,
    identical,
    leaks,
    similar_pairs,
    summary,
)
from ferstudy.audit.findings import AUDITS, audit, read_audit, score_without, scored_split, sentences, write_audit
from ferstudy.audit.planted import Planted, plant_copies
from ferstudy.audit.votes import Ceilings, aligned_votes, ceilings, entropy, label_votes, one_against_rest

__all__ = [
    "AUDITS",
    "SAME_PHOTO",
    "Ceilings",
    "Copies",
    "Pairs",
    "Planted",
    "aligned_votes",
    "audit",
    "ceilings",
    "class_counts",
    "constant",
    "deduplicated",
    "entropy",
    "groups_of",
    "identical",
    "label_votes",
    "leaks",
    "one_against_rest",
    "plant_copies",
    "read_audit",
    "score_without",
    "scored_split",
    "sentences",
    "similar_pairs",
    "summary",
    "write_audit",
]
