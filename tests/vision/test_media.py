"""Pictures in every form that cameras and programs leave, and what is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudy.errors import FerstudyError
from ferstudy.vision.media import open_source, printable, read_image
from ferstudy.vision.samples import sample_photo, write_sample_video

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


@pytest.mark.parametrize("name", ["dark.png", "dark.tif"])
def test_a_dark_picture_of_sixteen_bits_stays_dark(name: str, tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 200, np.uint16)).save(tmp_path / name)
    assert read_image(tmp_path / name).max() == 1


@pytest.mark.parametrize(
    "values",
    [np.arange(256, dtype=np.int32), np.arange(256, dtype=np.float32), np.arange(256, dtype=np.float32) / 255,
     np.arange(256, dtype=np.int32) * 257, np.arange(256, dtype=np.float32) * 257],
    ids=["8 in 32 bits", "float to 255", "float to 1", "16 in 32 bits", "float to 65535"],
)  # fmt: skip
def test_the_range_of_deep_pictures_is_the_smallest_that_holds_them(values: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(values.reshape(16, 16)).save(tmp_path / "deep.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "deep.tif")[..., 0].reshape(-1), np.arange(256))


def test_what_is_no_number_in_a_float_picture_is_black(tmp_path: Path) -> None:
    Image.fromarray(np.array([[np.nan, 1.0]], np.float32)).save(tmp_path / "nan.tif")
    assert read_image(tmp_path / "nan.tif")[0, :, 0].tolist() == [0, 255]


def test_transparency_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (10, 20, 30, 0)).save(tmp_path / "clear.png")
    assert (read_image(tmp_path / "clear.png") == 255).all()


# The left half is made transparent: by a channel, by a level, by a colour, by a palette's entry, by a palette's levels.
@pytest.mark.parametrize(
    ("mode", "clear"),
    [("LA", None), ("RGBA", None), ("L", 90), ("1", 0), ("RGB", (90, 90, 90)), ("P", 0), ("P", b"\0\xff"), ("I;16", 0)],
)
def test_transparent_pixels_are_white_and_others_keep_their_colour(
    mode: str, clear: int | tuple[int, ...] | bytes | None, tmp_path: Path
) -> None:
    half = np.zeros((4, 8), np.uint8)
    half[:, 4:] = 1
    if mode in ("LA", "RGBA"):
        picture = Image.fromarray(np.where(half, 30, 90).astype(np.uint8)).convert(mode)
        picture.putalpha(Image.fromarray(half * 255))
    elif mode == "P":
        picture = Image.fromarray(half).convert("P")
        picture.putpalette([90, 90, 90, 30, 30, 30])
    elif mode == "I;16":
        picture = Image.fromarray(half.astype(np.uint16) * (30 * 257))
    elif mode == "1":
        picture = Image.fromarray(half * 255).convert("1")
    else:
        picture = Image.fromarray(np.where(half, 30, 90).astype(np.uint8)).convert(mode)
    picture.save(tmp_path / "half.png", **({} if clear is None else {"transparency": clear}))
    image = read_image(tmp_path / "half.png")
    assert (image[:, :4] == 255).all()
    assert (image[:, 4:] == (255 if mode == "1" else 30)).all()


# By the EXIF standard's table of what row 0 and column 0 of the stored picture are.
UPRIGHT = {
    1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1), 8: np.rot90,
}  # fmt: skip


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_exif_orientation_is_applied(orientation: int, suffix: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    PHOTO.save(tmp_path / f"stored.{suffix}")
    PHOTO.save(tmp_path / f"turned.{suffix}", exif=exif)
    with Image.open(tmp_path / f"stored.{suffix}") as stored:
        pixels = np.asarray(stored.convert("RGB"))
    np.testing.assert_array_equal(read_image(tmp_path / f"turned.{suffix}"), UPRIGHT[orientation](pixels))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_does_not_hide_the_picture(tmp_path: Path) -> None:
    PHOTO.save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\1\x12")
    assert read_image(tmp_path / "a.jpg").shape == (64, 96, 3)


def test_cmyk_jpeg_keeps_its_colours(tmp_path: Path) -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [250, 250, 250]]], np.uint8).repeat(16, 0).repeat(16, 1)
    Image.fromarray(colours).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    with Image.open(tmp_path / "print.jpg") as stored:
        assert stored.mode == "CMYK"
    assert np.abs(read_image(tmp_path / "print.jpg").astype(int) - colours).mean() < 4


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (20000, 2)])
def test_shapes_at_the_limit(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("L", size, 77).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image.shape == (size[1], size[0], 3)
    assert (image == 77).all()


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


def test_pictures_are_known_by_their_bytes(tmp_path: Path) -> None:
    PHOTO.save(tmp_path / "photo.jfif", "jpeg")
    PHOTO.save(tmp_path / "photo.of-me", "png")
    assert [open_source(str(path)).kind for path in sorted(tmp_path.iterdir())] == ["image", "image"]


def test_what_a_folder_holds_beside_pictures_is_named(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jfif", "film.mp4", "notes.txt", ".hidden.jpg", "c.jpg.annotated.png"):
        PHOTO.save(tmp_path / name, "jpeg")
    source = open_source(str(tmp_path))
    assert [frame.name for frame in source.frames()] == ["a.jpg", "b.jfif"]
    assert source.skipped == ("c.jpg.annotated.png", "film.mp4", "notes.txt")
    assert source.count == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [("²", "does not exist"), ("2147483648", "no camera 2147483648"), ("a\0b", "does not exist"),
     ("n" * 5000, "is no path"),     ("https://example.org/a.jpg", "is an address")],
)  # fmt: skip
def test_odd_names_are_told(name: str, message: str) -> None:
    with pytest.raises(FerstudyError, match=message):
        open_source(name)


def test_a_pipe_is_no_source(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FerstudyError, match="neither a file nor a folder"):
        open_source(str(tmp_path / "pipe"))
    PHOTO.save(tmp_path / "a.png")
    assert open_source(str(tmp_path)).count == 1


def test_names_are_printable() -> None:
    assert printable("a\x1b[31m\n.jpg") == "a\\x1b[31m\\n.jpg"
    assert printable(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\\udce9"
    assert printable("früh, 早.jpg") == "früh, 早.jpg"


def test_large_pictures_are_whole(tmp_path: Path) -> None:
    """Converted strip by strip."""
    rows = np.arange(1300, dtype=np.uint8)[:, None, None] + np.zeros((1, 9, 3), np.uint8)
    Image.fromarray(rows).save(tmp_path / "tall.png")
    np.testing.assert_array_equal(read_image(tmp_path / "tall.png"), rows)
