"""Face crops: against Pillow's own resizing, the detector's own boxes, and pictures whose faces are known."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudy.data import faces
from ferstudy.data.faces import FaceCrop, crop_face, eye_angle, read_faces
from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import Box, Detection
from ferstudy.vision.detection import get_detector
from ferstudy.vision.samples import sample_group, sample_photo

RNG = np.random.default_rng(0)
PHOTO = Image.fromarray(sample_photo())
BILINEAR = Image.Resampling.BILINEAR
SIZES = (48, 86, 96, 128, 224)


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    PHOTO.save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    Image.fromarray(RNG.integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(tmp_path / "noise.png")
    return tmp_path / "noise.png"


def never(*_: object) -> None:
    pytest.fail("cut again what the cache has")


def test_a_picture_of_the_wanted_size_is_kept_as_it_is(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 256, (3, 48, 48), dtype=np.uint8)
    paths = [tmp_path / f"{k}.png" for k in range(3)]
    for path, image in zip(paths, pixels, strict=True):
        Image.fromarray(image).save(path)
    read = read_faces([*paths, paths[0]], FaceCrop(size=48))
    np.testing.assert_array_equal(read.images, pixels[[0, 1, 2, 0]])
    assert read.boxes.tolist() == [[0, 0, 48, 48]] * 4
    assert read.rows.tolist() == [0, 1, 2, 3]
    assert not read.found.any()
    assert read.warnings == ()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_sizes_and_colours_are_pillows(size: int, channels: int, photo: Path) -> None:
    read = read_faces([photo], FaceCrop(size=size, channels=channels))
    wanted = PHOTO.convert("L" if channels == 1 else "RGB").resize((size, size), BILINEAR)
    np.testing.assert_array_equal(read.images[0], np.asarray(wanted))
    assert read.images.shape == ((1, size, size) if channels == 1 else (1, size, size, 3))


@pytest.mark.parametrize("detector", ["haar", "mtcnn"])
@pytest.mark.parametrize("margin", [0, 20])
@pytest.mark.parametrize("square", [True, False])
def test_the_crop_is_the_detectors_box(detector: str, margin: int, square: bool, photo: Path) -> None:
    box = get_detector(detector).detect(sample_photo())[0]
    read = read_faces([photo], FaceCrop(detector, margin, square, size=96, channels=3))
    assert read.boxes.tolist() == [[box.x, box.y, box.width, box.height]]
    width, height = box.width + 2 * margin, box.height + 2 * margin
    left, top = box.x - margin, box.y - margin
    if square:
        side = max(width, height)
        left, top, width, height = left + width // 2 - side // 2, top + height // 2 - side // 2, side, side
    wanted = PHOTO.crop((left, top, left + width, top + height)).resize((96, 96), BILINEAR)
    # The longer axis is resized first; Pillow's own order rounds the values between the two steps differently.
    assert np.abs(read.images[0].astype(int) - np.asarray(wanted)).max() <= 1


@pytest.mark.parametrize("square", [True, False])
@pytest.mark.parametrize(
    "box", [Box(-20, -9, 40, 30), Box(50, 30, 60, 40), Box(5, 5, 1, 1), Box(30, 10, 2, 9), Box(-90, 70, 30, 30)]
)
def test_beyond_the_picture_the_border_is_repeated(box: Box, square: bool) -> None:
    image = RNG.integers(0, 256, (48, 64), dtype=np.uint8)
    pad = 200
    padded = Image.fromarray(np.pad(image, pad, mode="edge"))
    cut = box.squared() if square else box
    place = (cut.x + pad, cut.y + pad, cut.x + cut.width + pad, cut.y + cut.height + pad)
    wanted = np.asarray(padded.crop(place).resize((64, 64), BILINEAR))
    got = crop_face(image, Detection(box), FaceCrop("haar", square=square, size=64))
    assert np.abs(got.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("size", [(640, 480), (90, 300)])
def test_a_whole_picture_keeps_its_aspect(size: tuple[int, int]) -> None:
    image = np.zeros((size[1], size[0]), np.uint8)
    y, x = np.mgrid[: size[1], : size[0]]
    image[np.hypot(x - size[0] / 2, y - size[1] / 2) < min(size) / 4] = 255
    disc = crop_face(image, None, FaceCrop(size=224)) > 127
    assert abs(disc.any(0).sum() - disc.any(1).sum()) <= 1
    stretched = crop_face(image, None, FaceCrop(size=224, square=False)) > 127
    assert stretched.any(0).sum() / stretched.any(1).sum() == pytest.approx(size[1] / size[0], rel=0.05)


@pytest.mark.parametrize("angle", [-25, 15, 30])
def test_aligned_eyes_are_level(angle: int, tmp_path: Path) -> None:
    PHOTO.rotate(angle, BILINEAR, center=(225, 120)).save(tmp_path / "tilted.png")
    tilted, level = (
        read_faces([tmp_path / "tilted.png"], FaceCrop("mtcnn", 40, align=align, size=224, channels=3)).images[0]
        for align in (False, True)
    )
    angles = []
    for image in (tilted, level):
        (face,) = get_detector("mtcnn").find(image)
        assert face.points is not None
        angles.append(eye_angle(face.points))
    assert abs(angles[0] - (eye_angle_of_photo() - angle)) < 4
    assert abs(angles[1]) < 3


def eye_angle_of_photo() -> float:
    (face,) = get_detector("mtcnn").find(sample_photo())
    assert face.points is not None
    return eye_angle(face.points)


def test_aligning_a_level_face_at_the_border_changes_nothing() -> None:
    image = sample_photo()
    level = ((10.0, 30.0), (50.0, 30.0), (30.0, 50.0), (15.0, 70.0), (45.0, 70.0))
    face = Detection(Box(-10, 0, 80, 90), 1.0, level)
    aligned, plain = (crop_face(image, face, FaceCrop("mtcnn", 20, align=align)) for align in (True, False))
    assert np.abs(aligned.astype(int) - plain).max() <= 1


def test_aligning_turns_about_the_boxes_centre() -> None:
    image = np.zeros((200, 200), np.uint8)
    image[95:105, 95:105] = 255  # the centre of the box stays
    image[128:134, 128:134] = 255  # 45 degrees below it, level once the eyes are
    points = ((60.0, 60.0), (120.0, 120.0), (90.0, 90.0), (90.0, 90.0), (90.0, 90.0))
    face = Detection(Box(40, 40, 120, 120), 1.0, points)
    turned = crop_face(image, face, FaceCrop("mtcnn", align=True, size=120)) > 90
    assert turned[55:65, 55:65].mean() > 0.8
    assert np.abs(np.argwhere(turned[:, 80:]).mean(0) - [60, np.hypot(31, 31) - 20]).max() < 1.5


def test_of_several_faces_the_largest_is_kept(tmp_path: Path) -> None:
    Image.fromarray(sample_group(6)).save(tmp_path / "group.png")
    read = read_faces([tmp_path / "group.png"], FaceCrop("haar"))
    areas = [box.width * box.height for box in get_detector("haar").detect(sample_group(6))]
    assert read.detected.tolist() == [6]
    assert read.boxes[0, 2] * read.boxes[0, 3] == max(areas)
    assert read.warnings == ("haar saw several faces in 1 of 1 pictures; the largest is kept",)


@pytest.mark.parametrize("detector", ["haar", "mtcnn"])
def test_pictures_without_a_face_are_kept_whole_or_dropped(detector: str, noise: Path, photo: Path) -> None:
    paths = [noise, photo, noise]
    kept = read_faces(paths, FaceCrop(detector, size=64))
    assert kept.found.tolist() == [False, True, False]
    assert kept.detected.tolist() == [0, 1, 0]
    assert kept.boxes[0].tolist() == [0, 0, 80, 60]
    np.testing.assert_array_equal(kept.images[0], read_faces([noise], FaceCrop(size=64)).images[0])
    assert "found no face in 2 of 3 pictures; they are kept whole" in kept.warnings[0]
    left = read_faces(paths, FaceCrop(detector, size=64, missing="drop"))
    assert len(left) == 1
    assert left.rows.tolist() == [1]
    np.testing.assert_array_equal(left.images, kept.images[1:2])
    assert "they are left out" in left.warnings[0]


def test_without_a_detector_nothing_is_dropped(noise: Path) -> None:
    assert len(read_faces([noise], FaceCrop(missing="drop"))) == 1


def _plain(path: Path) -> None:
    PHOTO.save(path)


def _rotated(path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    PHOTO.rotate(90).save(path, exif=exif)


def _deep(path: Path) -> None:
    Image.fromarray(np.asarray(PHOTO.convert("L")).astype(np.uint16) * 257).save(path)


def _clear(path: Path) -> None:
    picture = PHOTO.convert("LA")
    picture.putalpha(Image.fromarray(np.where(np.arange(512) < 400, 255, 0).astype(np.uint8)[None].repeat(512, 0)))
    picture.save(path)


FORMS: dict[str, Callable[[Path], None]] = {
    "a.png": _plain, "a.webp": _plain, "turned.png": _rotated, "deep.png": _deep, "deep.tiff": _deep,
    "clear.png": _clear, "print.jpg": lambda path: PHOTO.convert("CMYK").save(path, quality=95),
    "palette.gif": lambda path: PHOTO.quantize(256).save(path), "grey.jpeg": lambda path: PHOTO.convert("L").save(path),
}  # fmt: skip


@pytest.mark.parametrize("detector", ["haar", "mtcnn"])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_picture_shows_the_same_face(name: str, detector: str, tmp_path: Path) -> None:
    FORMS[name](tmp_path / name)
    _plain(tmp_path / "plain.png")
    read = read_faces([tmp_path / "plain.png", tmp_path / name], FaceCrop(detector, 20))
    assert read.found.all()
    assert np.abs(read.boxes[0] - read.boxes[1]).max() <= 8
    assert np.corrcoef(read.images.reshape(2, -1))[0, 1] > 0.85


@pytest.mark.parametrize("detector", ["none", "haar", "mtcnn"])
@pytest.mark.parametrize("size", [(1, 1), (20_000, 10), (3, 9_000), (24, 24)])
def test_tiny_and_narrow_pictures(size: tuple[int, int], detector: str, tmp_path: Path) -> None:
    Image.new("RGB", size, (9, 9, 9)).save(tmp_path / "a.png")
    tracemalloc.start()
    read = read_faces([tmp_path / "a.png"], FaceCrop(detector, size=224))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (read.images == 9).all()
    assert peak < 50e6


def test_no_pictures() -> None:
    read = read_faces([], FaceCrop("mtcnn", size=48, channels=3, missing="drop"))
    assert read.images.shape == (0, 48, 48, 3)
    assert read.boxes.shape == (0, 4)


@pytest.mark.parametrize("what", ["missing", "text", "truncated", "folder"])
def test_a_file_that_is_no_picture_is_named(what: str, photo: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.png"
    if what == "text":
        wrong.write_text("no picture")
    elif what == "truncated":
        wrong.write_bytes(photo.read_bytes()[:5000])
    elif what == "folder":
        wrong.mkdir()
    with pytest.raises(FerstudyError, match="wrong.png (cannot be read|is not a readable image)"):
        read_faces([photo, wrong], FaceCrop())


def test_the_cache_goes_by_content(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = FaceCrop("haar", size=64)
    first = read_faces([photo], settings)
    photo.rename(tmp_path / "renamed.png")
    with monkeypatch.context() as patch:
        patch.setattr(faces, "read_image", never)
        again = read_faces([tmp_path / "renamed.png"], FaceCrop("haar", size=64, missing="drop"))
    for name in ("images", "boxes", "found", "detected", "rows"):
        np.testing.assert_array_equal(getattr(again, name), getattr(first, name))
    PHOTO.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "renamed.png")
    assert read_faces([tmp_path / "renamed.png"], settings).boxes[0, 0] != first.boxes[0, 0]


def test_another_crop_is_another_entry(tmp_path: Path) -> None:
    PHOTO.rotate(20, BILINEAR, center=(225, 120)).crop((100, 30, 330, 240)).save(tmp_path / "a.png")
    crops = [
        FaceCrop(), FaceCrop(square=False), FaceCrop(size=64), FaceCrop(channels=3), FaceCrop("haar"),
        FaceCrop("haar", 20), FaceCrop("mtcnn"), FaceCrop("mtcnn", 20), FaceCrop("mtcnn", square=False),
        FaceCrop("mtcnn", align=True),
    ]  # fmt: skip
    images = [read_faces([tmp_path / "a.png"], wanted).images for wanted in crops]
    assert len({(image.shape, image.tobytes()) for image in images}) == len(crops)
    for wanted, image in zip(crops, images, strict=True):
        np.testing.assert_array_equal(read_faces([tmp_path / "a.png"], wanted).images, image)


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no array at all"])
def test_a_damaged_entry_is_made_anew(damage: bytes, photo: Path, tmp_path: Path) -> None:
    first = read_faces([photo], FaceCrop())
    (entry,) = (tmp_path / "cache").rglob("*.npy")
    whole = entry.read_bytes()
    entry.write_bytes(damage or whole[: len(whole) // 2])
    np.testing.assert_array_equal(read_faces([photo], FaceCrop()).images, first.images)
    assert entry.read_bytes() == whole
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == [entry]


def test_an_interrupted_run_continues_where_it_was(
    photo: Path, noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "last.png").write_text("no picture")
    with pytest.raises(FerstudyError):
        read_faces([photo, noise, tmp_path / "last.png"], FaceCrop())
    monkeypatch.setattr(faces, "read_image", never)
    assert len(read_faces([photo, noise], FaceCrop())) == 2


def test_an_unwritable_cache_is_told_and_costs_nothing_else(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = read_faces([photo], FaceCrop()).images
    monkeypatch.setenv("FERSTUDY_CACHE", str(photo / "cache"))
    read = read_faces([photo], FaceCrop())
    np.testing.assert_array_equal(read.images, wanted)
    assert "could not write the cache" in read.warnings[-1]


def test_a_full_disk_leaves_nothing_half_written(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ferstudy.data.cache.np.save", full)
    assert "No space left" in read_faces([photo], FaceCrop()).warnings[-1]
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "wrong",
    [{"detector": "harr"}, {"margin": -1, "detector": "haar"}, {"margin": 0.2, "detector": "haar"}, {"margin": 20},
     {"align": True}, {"align": True, "detector": "haar"}, {"size": 4}, {"size": 5000}, {"size": 48.0},
     {"channels": 2}, {"missing": "skip"}],
)  # fmt: skip
def test_impossible_crops_are_refused(wrong: dict) -> None:
    with pytest.raises(FerstudyError):
        FaceCrop(**wrong)


def test_a_face_without_landmarks_cannot_be_aligned() -> None:
    with pytest.raises(FerstudyError, match="eyes"):
        crop_face(sample_photo(), Detection(Box(0, 0, 50, 50)), FaceCrop("mtcnn", align=True))
