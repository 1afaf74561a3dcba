"""From pictures, films and cameras to labelled faces: find, follow, crop, classify, draw; nothing here needs torch."""
