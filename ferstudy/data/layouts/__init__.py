"""Writers of the datasets' own layouts on disk, so that loaders and protocols run anywhere, on synthetic faces.

Each writes small numbers of small pictures unless told otherwise, and marks its folder as a stand-in. ``LAYOUTS`` has a
writer ``(folder, **numbers) -> folder`` for every dataset that is read from disk; ``FORMS`` has the values of its
option ``form``, the forms in which people have the dataset, its owners' own first.
"""

from collections.abc import Callable
from pathlib import Path

from ferstudy.data.layouts.fer2013 import FER2013_LAYOUTS, write_fer2013, write_fer2013_faces, write_ferplus
from ferstudy.data.layouts.films import CK_PLUS_FORMS, OULU_CASIA_FORMS, write_ck_plus, write_oulu_casia
from ferstudy.data.layouts.posed import JAFFE_FORMS, KDEF_FORMS, write_jaffe, write_kdef
from ferstudy.data.layouts.wild import FOLDER_FORMS, RAF_DB_FORMS, write_folder, write_raf_db, write_vemo

LAYOUTS: dict[str, Callable[..., Path]] = {
    "ck_plus": write_ck_plus,
    "fer2013": write_fer2013_faces,
    "ferplus": write_ferplus,
    "folder": write_folder,
    "jaffe": write_jaffe,
    "kdef": write_kdef,
    "oulu_casia": write_oulu_casia,
    "raf_db": write_raf_db,
    "vemo": write_vemo,
}

FORMS: dict[str, tuple[str, ...]] = {
    "ck_plus": CK_PLUS_FORMS,
    "fer2013": FER2013_LAYOUTS,
    "folder": FOLDER_FORMS,
    "jaffe": tuple(JAFFE_FORMS),
    "kdef": tuple(KDEF_FORMS),
    "oulu_casia": tuple(OULU_CASIA_FORMS),
    "raf_db": RAF_DB_FORMS,
}

__all__ = [
    "FER2013_LAYOUTS",
    "FOLDER_FORMS",
    "FORMS",
    "LAYOUTS",
    "write_ck_plus",
    "write_fer2013",
    "write_fer2013_faces",
    "write_ferplus",
    "write_folder",
    "write_jaffe",
    "write_kdef",
    "write_oulu_casia",
    "write_raf_db",
    "write_vemo",
]
