from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

import deployments.playing.player as player
from tests.studio.browsing import Open
from tests.studio.cast import World
from tests.studio.conftest import Serve
from tests.studio.serving import served
from tests.studio.steps import generate, is_ready, run_of, say

pytestmark = pytest.mark.slow


def test_a_sentence_becomes_a_picture_and_shows_how(serve: Serve, world: World, open_page: Open) -> None:
    world.gate.clear()
    page = open_page(serve().url)
    page.get_by_role("button", name="a man is kicking a ball").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="a man is kicking a ball")).to_be_visible()
    world.gate.set()
    expect(page.locator(".film li img.whole")).to_have_count(4)
    is_ready(page)
    expect(page.locator(".film .chosen")).to_contain_text("the right leg swings forward")
    expect(page.get_by_role("list", name="Stages")).to_contain_text("Choose the pose")
    expect(page.locator("svg.over .proposed")).to_be_visible()
    page.get_by_role("button", name="Attention").click()
    page.get_by_role("button", name="Mask").click()
    expect(page.locator("canvas.over")).to_have_count(2)
    lit = "all => all.map(one => new Set(one.getContext('2d').getImageData(0, 0, 16, 16).data).size)"
    page.wait_for_function(f"() => ({lit})([...document.querySelectorAll('canvas.over')]).every(n => n > 2)")


def test_previews_are_shown_while_candidates_are_drawn(serve: Serve, world: World, open_page: Open) -> None:
    page = open_page(serve().url)
    world.pause_s = 0.1
    generate(page)
    expect(page.locator(".film img.coming").first).to_have_attribute("src", re.compile("^data:image/webp"))
    expect(page.locator(".stages .now")).to_have_text("Draw candidates")
    is_ready(page)


def test_a_method_without_candidates_is_watched_as_well(serve: Serve, world: World, open_page: Open) -> None:
    world.gate.clear()
    page = open_page(serve().url)
    page.get_by_label("Method").select_option("plain")
    generate(page)
    expect(page.locator(".film img.coming")).to_have_attribute("src", re.compile("^data:image/webp"))
    world.gate.set()
    is_ready(page)
    expect(page.locator(".film")).to_have_count(0)
    expect(page.get_by_role("button", name="Move the object")).to_be_disabled()
    expect(page.get_by_text("This method looks for no object")).to_be_visible()


def test_what_is_done_without_the_language_model_is_said(serve: Serve, world: World, open_page: Open) -> None:
    world.is_mute = True
    page = open_page(serve().url)
    generate(page)
    is_ready(page)
    lacking = page.get_by_text("The language model did not choose a pose, so the first candidate was used.")
    lacking.click()
    expect(page.get_by_text("it says nothing")).to_be_visible()
    expect(page.locator(".film .chosen")).to_contain_text("Candidate 1")


def test_a_run_that_waits_says_where_it_stands(serve: Serve, world: World, open_page: Open) -> None:
    world.gate.clear()
    page = open_page(serve(max_playing=1).url)
    generate(page)
    expect(page.locator(".film img.coming").first).to_be_visible()
    generate(page, "a man is kicking a ball")
    expect(page.locator(".standing")).to_contain_text("Waiting: 1 run before this one, ready in about")
    world.gate.set()
    expect(page.locator(".standing")).not_to_contain_text("Waiting")


def test_settings_are_taken_as_they_stand(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url)
    say(page)
    page.get_by_label("Candidates").fill("2")
    page.get_by_label("Seed").fill("7")
    page.keyboard.press("Control+Enter")
    is_ready(page)
    expect(page.locator(".standing")).to_contain_text("seed 7")
    expect(page.locator(".film li")).to_have_count(2)


def test_a_run_is_stopped(serve: Serve, world: World, open_page: Open) -> None:
    page = open_page(serve().url)
    world.gate.clear()
    generate(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()


def test_what_cannot_be_drawn_is_said(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url)
    say(page, "a wizard is kicking a ball")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("That cannot be drawn")
    expect(page.get_by_role("alert")).to_contain_text("wizard")
    expect(page.get_by_label("Who does what with what?")).to_be_focused()


def test_a_run_that_fails_says_so(serve: Serve, world: World, open_page: Open) -> None:
    world.failing = frozenset({2})
    page = open_page(serve().url)
    generate(page)
    expect(page.get_by_text("This run has no picture.")).to_be_visible()
    expect(page.locator(".standing")).to_contain_text("No picture")


def test_a_reload_in_mid_run_follows_on(serve: Serve, world: World, open_page: Open) -> None:
    page = open_page(serve().url)
    world.gate.clear()
    generate(page)
    run = run_of(page)
    page.reload()
    expect(page.locator(".stages .now")).to_have_text("Draw candidates")
    world.gate.set()
    is_ready(page)
    assert run_of(page) == run


def test_two_tabs_watch_the_same_run(serve: Serve, world: World, open_page: Open) -> None:
    page = open_page(serve().url)
    world.gate.clear()
    generate(page)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("heading", name="a woman is kicking a ball")).to_be_visible()
    world.gate.set()
    is_ready(page)
    is_ready(other)


def test_a_lost_connection_is_said_and_survived(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url)
    cut = list[str]()

    def lose_first(route: Route) -> None:
        cut.append(route.request.url)
        if len(cut) == 1:
            route.fulfill(body=": nothing\n\n", content_type="text/event-stream")
        else:
            route.continue_()

    page.route("**/events", lose_first)
    generate(page)
    expect(page.get_by_text("is back. Nothing was missed")).to_be_visible()
    is_ready(page)


def test_a_page_opened_before_the_models_are_there_waits_for_them(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url)
    asked = list[str]()

    def load_first(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            told = {"type": "server_error", "code": "not_ready", "message": "it loads", "param": None}
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": told})
        else:
            route.continue_()

    page.route("**/v1/models", load_first)
    page.reload()
    expect(page.get_by_text("it loads")).to_be_visible()
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    expect(page.get_by_text("it loads")).to_be_hidden()


def test_a_restarted_service_is_said_and_survived(
    world: World, open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(player, "LEASE_S", 1.0)
    folder = tmp_path_factory.mktemp("runs")
    world.pause_s = 0.1
    with served(world, folder) as first:
        page = open_page(first.url)
        generate(page)
        expect(page.locator(".film img.coming").first).to_be_visible()
    expect(page.get_by_text("The connection was lost. The run goes on")).to_be_visible()
    world.pause_s = 0.01
    with served(world, folder, port=first.port):
        expect(page.get_by_text("began this run anew")).to_be_visible()
        is_ready(page)
        page.goto("about:blank")
