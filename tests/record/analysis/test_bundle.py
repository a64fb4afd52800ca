"""The pose bundle: cached, whole, checked, and with errors that say what to do."""

import io
import zipfile
from pathlib import Path

import pytest

from record.analysis import bundle as pose_bundle
from record.cache import POSE_BUNDLE_NAME, cache_folder
from record.errors import CheckpointError

MODEL = b"\0\0\0\0TFL3 TFLITE_METADATA"


def bundle(model: bytes = MODEL, compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for network in pose_bundle.NETWORKS:
            archive.writestr(network.name, model)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (bundle(), True),
        (bundle(compression=zipfile.ZIP_DEFLATED), False),
        (bundle(b"\0\0\0\0TFL3 bare"), False),
        (b"<html>not found</html>", False),
    ],
    ids=["good", "compressed", "no metadata", "no zip"],
)
def test_a_bundle_is_known_by_its_shape(data: bytes, good: bool) -> None:
    assert pose_bundle.is_bundle(data) is good


def test_the_cache_is_used_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pose_bundle, "fetch_official", lambda: pytest.fail("fetched"))
    path = tmp_path / POSE_BUNDLE_NAME
    path.write_bytes(bundle())
    assert pose_bundle.ensure_pose_bundle(tmp_path) == path


def test_a_broken_file_in_the_cache_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pose_bundle, "fetch_official", bundle)
    (tmp_path / POSE_BUNDLE_NAME).write_bytes(bundle()[:50])
    path = pose_bundle.ensure_pose_bundle(tmp_path)
    assert path.read_bytes() == bundle()
    assert list(tmp_path.iterdir()) == [path]


def test_the_cache_folder_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORD_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere")


def test_no_network_says_where_to_put_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pose_bundle, "fetch_official", lambda: None)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(CheckpointError, match="could be fetched") as caught:
        pose_bundle.ensure_pose_bundle(tmp_path / "new")
    assert str(tmp_path / "new" / POSE_BUNDLE_NAME) in str(caught.value)


def test_other_networks_than_the_known_ones_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as wheel:
        for network in pose_bundle.NETWORKS:
            wheel.writestr(network.member, MODEL)
    with pytest.raises(CheckpointError, match="sha256"):
        pose_bundle.assemble(out.getvalue())


@pytest.mark.slow
def test_the_bundle_can_be_put_together_from_the_wheel(tmp_path: Path) -> None:
    wheel = pose_bundle.fetch_wheel(tmp_path)
    data = pose_bundle.assemble(wheel)
    assert pose_bundle.is_bundle(data)
    assert data == pose_bundle.assemble(wheel)
