"""Pictures in every form that cameras and programs leave, and what is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudy.errors import FerstudyError
from ferstudy.media import open_source, read_image
from ferstudy.samples import sample_photo, write_sample_video

PHOTO = Image.fromarray(sample_photo()).resize((96, 64))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK", "1", "YCbCr", "RGBA", "LA"])
def test_every_mode_becomes_rgb(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.tif" if mode in ("CMYK", "YCbCr") else "a.png")
    PHOTO.convert(mode).save(path)
    image = read_image(path)
    assert image.shape == (64, 96, 3)
    assert image.dtype == np.uint8
    if mode not in ("1", "P"):
        assert abs(image.mean() - np.asarray(PHOTO).mean()) < 6


def test_sixteen_bits_keep_their_range(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 64 * 96).reshape(64, 96).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    image = read_image(tmp_path / "deep.png")
    assert (image.min(), image.max()) == (0, 255)
    np.testing.assert_allclose(image[..., 0], values / 257, atol=0.51)


def test_transparency_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (10, 20, 30, 0)).save(tmp_path / "clear.png")
    assert (read_image(tmp_path / "clear.png") == 255).all()


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    PHOTO.save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").shape == (96, 64, 3)


@pytest.mark.parametrize("what", ["text", "truncated", "empty", "missing"])
def test_what_is_no_picture_is_told(what: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    if what == "text":
        path.write_text("no picture")
    elif what == "truncated":
        PHOTO.save(path)
        path.write_bytes(path.read_bytes()[:400])
    elif what == "empty":
        path.touch()
    with pytest.raises(FerstudyError, match="not a readable image|does not exist|is empty"):
        open_source(str(path))


def test_folders_are_sorted_and_say_what_they_skip(tmp_path: Path) -> None:
    for name in ("b.png", "a.PNG", "ü.png"):
        PHOTO.save(tmp_path / name, "png")
    (tmp_path / "broken.jpg").write_bytes(b"x")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    frames = list(open_source(str(tmp_path)).frames())
    assert [f.name for f in frames] == ["a.PNG", "b.png", "broken.jpg", "ü.png"]
    assert [f.image is None for f in frames] == [False, False, True, False]
    assert "not a readable image" in frames[2].problem


def test_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="holds no image"):
        open_source(str(tmp_path))


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_videos(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"v{suffix}"
    write_sample_video(path, count=7, fps=12)
    source = open_source(str(path))
    assert (source.kind, source.fps) == ("video", 12)
    for _ in range(2):
        frames = list(source.frames())
        assert [f.number for f in frames] == list(range(7))
        assert all(f.image is not None and f.image.shape == (480, 640, 3) for f in frames)


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100], ids=["zero bytes", "text"])
def test_what_is_no_video_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(content)
    with pytest.raises(FerstudyError, match="is empty|gives no frame"):
        open_source(str(path))


def test_a_picture_named_as_video_gives_its_one_frame(tmp_path: Path) -> None:
    PHOTO.save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.mp4")
    frames = list(open_source(str(tmp_path / "a.mp4")).frames())
    assert len([f for f in frames if f.image is not None]) == 1


def test_a_camera_that_is_not_there() -> None:
    with pytest.raises(FerstudyError, match="camera 97 gives no frame"):
        open_source("97")
