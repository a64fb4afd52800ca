from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.arguments import AppArgs
from deployments.config import ROOT, ConfigError, DiffusionArgs, read_key
from deployments.launch.profile import read_profile, unknown_keys
from deployments.reserved import Reserved

PROFILE = ROOT / "serve_config.yaml"
MINIMAL: dict[str, Any] = {"diffusion": {"checkpoint": "runwayml/stable-diffusion-v1-5"}}


def with_value(group: str, key: str, value: object) -> dict[str, Any]:
    return {**MINIMAL, group: {**MINIMAL.get(group, {}), key: value}}


def test_the_shipped_profile_is_valid_and_stays_on_this_machine() -> None:
    profile = read_profile(PROFILE)
    assert profile.host == "127.0.0.1"
    assert Path(profile.args.diffusion.checkpoint).is_absolute()


def test_model_folders_are_found_below_the_root() -> None:
    found = AppArgs.read({"diffusion": {"checkpoint": "some/model", "adapter": "miniature"}}).diffusion
    assert (found.checkpoint, found.adapter) == ("some/model", str(ROOT / "miniature"))
    assert AppArgs.read(MINIMAL).diffusion.adapter is None


def test_every_deployment_of_the_shipped_profile_has_bounds_written_out() -> None:
    profile = read_profile(PROFILE)
    listed = {one.name: one for one in profile.schema.applications[0].deployments}
    assert listed.keys() == profile.args.parts.keys()
    for name, bounds in listed.items():
        assert {"min_replicas", "max_replicas"} <= dict(bounds.autoscaling_config or {}).keys(), name


def test_two_cores_hold_the_shipped_profile_but_no_second_painter() -> None:
    profile = read_profile(PROFILE)
    parts = profile.args.parts
    at_most = sum(
        args.num_cpus * profile.replicas(name)[1] for name, args in parts.items() if name != "Diffusion"
    )
    assert parts["Diffusion"].num_cpus + at_most <= 2
    assert 2 * parts["Diffusion"].num_cpus + sum(args.num_cpus for args in parts.values()) > 2


def test_replicas_drain_longer_than_the_longest_request() -> None:
    args = AppArgs.read(with_value("ingress", "request_timeout_s", 77))
    for name in args.parts:
        options = args.options(name)
        assert options["graceful_shutdown_timeout_s"] > 77 and options["max_surge_percent"] > 0
        assert options["health_check_period_s"] + 3 * options["health_check_timeout_s"] < 30


@pytest.mark.parametrize("group", ["diffusion", "vlm", "analysis", "ingress"])
def test_an_unknown_key_names_the_nearest_known_one(group: str) -> None:
    given = with_value(group, "num_cpu", 3)
    if group == "vlm":
        given["vlm"]["model"] = "some/model"
    with pytest.raises(ConfigError, match=rf"'{group}.num_cpu': did you mean 'num_cpus'\?"):
        AppArgs.read(given)


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown key 'difusion': did you mean 'diffusion'"):
        AppArgs.read({**MINIMAL, "difusion": {}})


def test_an_unknown_key_with_no_like_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="known keys: analysis, diffusion"):
        AppArgs.read({**MINIMAL, "zzz": 1})


@pytest.mark.parametrize(("key", "value"), [("max_trajectories", 0), ("dtype", "float8"), ("num_gpus", -1)])
def test_a_value_out_of_range_is_named(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"diffusion\.{key}={value!r}"):
        AppArgs.read(with_value("diffusion", key, value))


def test_graphs_need_a_gpu() -> None:
    with pytest.raises(ConfigError, match="cuda_graphs needs device=cuda"):
        AppArgs.read(with_value("diffusion", "cuda_graphs", True))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigError, match=r"diffusion\.checkpoint: field required"):
        AppArgs.read({"diffusion": {}})


def changed_profile(tmp_path: Path, *listed: dict[str, Any]) -> Path:
    """The shipped profile with other entries under `deployments:`."""
    given = yaml.safe_load(PROFILE.read_text())
    given["applications"][0]["deployments"] = list(listed)
    path = tmp_path / "profile.yaml"
    path.write_text(yaml.safe_dump(given))
    return path


def test_fewest_replicas_cannot_exceed_the_most(tmp_path: Path) -> None:
    bounds = {"min_replicas": 3, "max_replicas": 2}
    with pytest.raises(ConfigError, match="Analysis: min_replicas=3 is above max_replicas=2"):
        read_profile(changed_profile(tmp_path, {"name": "Analysis", "autoscaling_config": bounds}))


def test_bounds_are_those_written_or_one(tmp_path: Path) -> None:
    listed = (
        {"name": "Analysis", "autoscaling_config": {"max_replicas": 3}},
        {"name": "VLM", "num_replicas": 2},
    )
    profile = read_profile(changed_profile(tmp_path, *listed))
    assert [profile.replicas(name) for name in ("Analysis", "VLM", "Ingress")] == [(1, 3), (2, 2), (1, 1)]


def test_the_edge_has_room_beside_what_it_holds_open(tmp_path: Path) -> None:
    args = read_profile(PROFILE).args
    assert args.options("Ingress")["max_ongoing_requests"] > args.ingress.max_open
    with pytest.raises(
        ConfigError, match=r"max_ongoing_requests=96 is not above ingress.max_open=96.*/healthz"
    ):
        read_profile(changed_profile(tmp_path, {"name": "Ingress", "max_ongoing_requests": 96}))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"policy_kwargs": {"drain": 3}}, "autoscaling_policy: unknown key 'drain'.*'drain_s'"),
        ({"policy_kwargs": {"drain_s": 0}}, "autoscaling_policy: drain_s=0: give seconds above 0"),
        ({"policy_function": "deployments.scaling.policy:ByWrok"}, "autoscaling_policy: .*ByWrok"),
        ({"policy_function": "deployments.scalign:ByWork"}, "autoscaling_policy: .*deployments.scalign"),
        ({"policy_args": {}}, "unknown key 'autoscaling_policy.policy_args'"),
    ],
)
def test_a_policy_that_cannot_be_made_is_named(tmp_path: Path, policy: dict[str, Any], said: str) -> None:
    given = yaml.safe_load(PROFILE.read_text())
    function = {"policy_function": "deployments.scaling.policy:ByWork"}
    given["applications"][0]["autoscaling_policy"] = {**function, **policy}
    path = tmp_path / "profile.yaml"
    path.write_text(yaml.safe_dump(given))
    with pytest.raises(ConfigError, match=said):
        read_profile(path)


def test_bounds_of_no_deployment_name_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'Diffusion'"):
        read_profile(changed_profile(tmp_path, {"name": "Difusion"}))


def test_a_bound_among_the_arguments_is_told_its_place() -> None:
    with pytest.raises(
        ConfigError, match=r"'diffusion.max_replicas' is a bound: write it under deployments:"
    ):
        AppArgs.read(with_value("diffusion", "max_replicas", 3))


def test_a_step_may_hang_for_as_long_as_its_device_explains() -> None:
    usual = [DiffusionArgs(checkpoint="c", device=device).hang_limit_s for device in ("cuda:0", "cpu")]
    assert usual == [30, 120]
    assert DiffusionArgs(checkpoint="c", hang_s=7).hang_limit_s == 7
    assert DiffusionArgs(checkpoint="c", compile_blocks=True).hang_limit_s > 600


def test_an_api_needs_an_address_and_a_local_model_takes_none() -> None:
    with pytest.raises(ConfigError, match="needs base_url"):
        AppArgs.read({**MINIMAL, "vlm": {"kind": "openai", "model": "gpt-4o"}})
    with pytest.raises(ConfigError, match="belong to kind=openai"):
        AppArgs.read({**MINIMAL, "vlm": {"model": "a/b", "base_url": "http://127.0.0.1:1/v1"}})


IMAGES = {"model": "some-model", "base_url": "http://127.0.0.1:1/v1"}


def test_an_images_api_needs_a_model_and_an_address() -> None:
    assert AppArgs.read(MINIMAL).images is None
    with pytest.raises(ConfigError, match=r"images\.base_url: field required"):
        AppArgs.read({**MINIMAL, "images": {"model": "some-model"}})
    with pytest.raises(ConfigError, match=r"'images.modle': did you mean 'model'"):
        AppArgs.read({**MINIMAL, "images": {**IMAGES, "modle": "x"}})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"stepz": 3}, "settings: unknown setting 'stepz': did you mean 'steps'"),
        ({"steps": 0}, "settings: steps=0: input should be greater"),
        ({"method": "images_api"}, "needs an images section"),
        (7, "settings=7: input should be a valid dictionary"),
    ],
)
def test_settings_are_checked_at_the_start(settings: object, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        AppArgs.read({**MINIMAL, "settings": settings})


def test_an_images_api_may_answer_every_request() -> None:
    found = AppArgs.read({**MINIMAL, "images": IMAGES, "settings": {"method": "images_api"}})
    assert found.settings == {"method": "images_api"}


def test_a_hub_id_stays_and_a_folder_becomes_absolute() -> None:
    assert AppArgs.read(MINIMAL).diffusion.checkpoint == "runwayml/stable-diffusion-v1-5"
    found = AppArgs.read(with_value("diffusion", "checkpoint", "miniature/weights/diffusion"))
    assert found.diffusion.checkpoint == str(ROOT / "miniature/weights/diffusion")


def test_reserves_speak_ray_serve() -> None:
    options = Reserved(num_gpus=1, threads=3).options(60)
    assert options["backpressure_config"]["status_code"] == 429
    assert options["ray_actor_options"]["num_gpus"] == 1
    assert options["ray_actor_options"]["runtime_env"]["env_vars"]["OMP_NUM_THREADS"] == "3"


def test_arguments_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        AppArgs.read(MINIMAL).diffusion.device = "cuda"  # type: ignore[misc]


def test_keys_that_ray_would_drop_are_refused(tmp_path: Path) -> None:
    given = yaml.safe_load(PROFILE.read_text())
    given["http_options"]["prot"] = 9000
    path = tmp_path / "profile.yaml"
    path.write_text(yaml.safe_dump(given))
    with pytest.raises(ConfigError, match=r"unknown key 'http_options.prot': did you mean 'port'"):
        read_profile(path)


def test_keys_are_looked_for_in_lists_too() -> None:
    from ray.serve.schema import ServeDeploySchema

    given = {"applications": [{"import_path": "a:b", "deployments": [{"name": "x", "num_replica": 1}]}]}
    (line,) = unknown_keys(ServeDeploySchema, given)
    assert "applications.deployments.num_replica" in line and "num_replicas" in line


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_profile(tmp_path / "none.yaml")


def test_a_key_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    with pytest.raises(ConfigError, match="SOME_KEY is not set"):
        read_key("SOME_KEY", "vlm.api_key_env")


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "holds no keys"), ("- 1", "holds no keys"), ("applications: []", "one is started"), (None, "read")],
)
def test_a_file_that_is_no_profile_is_told(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "profile.yaml"
    path.mkdir() if text is None else path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_profile(path)


def test_what_is_wrong_with_a_group_shows_no_password() -> None:
    given = {"keys_file": "a", "keys_env": "B", "store_url": "postgresql+psycopg://record:secret@there/runs"}
    with pytest.raises(ConfigError, match="ingress: value error, keys_file and keys_env") as caught:
        AppArgs.read({**MINIMAL, "ingress": given})
    assert "secret" not in str(caught.value)
