"""Datasets by name, the splits and protocols that make their numbers mean something, and batches for networks."""

from ferstudy.data._registry import dataset_info, find_root, list_datasets, load_dataset
from ferstudy.data.base import DatasetInfo, FaceDataset

__all__ = ["DatasetInfo", "FaceDataset", "dataset_info", "find_root", "list_datasets", "load_dataset"]
