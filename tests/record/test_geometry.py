import pytest

from record.geometry import Box


def test_iou_of_half_overlapping_boxes() -> None:
    assert Box(0, 0, 0.5, 1).iou(Box(0.25, 0, 0.75, 1)) == pytest.approx(1 / 3)


def test_iou_of_apart_and_of_empty_boxes_is_zero() -> None:
    assert Box(0, 0, 0.2, 0.2).iou(Box(0.5, 0.5, 1, 1)) == 0
    assert Box(0, 0, 0, 0).iou(Box(0, 0, 0, 0)) == 0


def test_of_orders_corners_and_refuses_a_wrong_count() -> None:
    assert Box.of([0.9, 0.8, 0.1, 0.2]) == Box(0.1, 0.2, 0.9, 0.8)
    with pytest.raises(ValueError, match="got 3"):
        Box.of([1, 2, 3])


def test_clamp_and_distance() -> None:
    assert Box(-1, 0.2, 2, 0.4).clamp() == Box(0, 0.2, 1, 0.4)
    assert Box(0, 0, 0, 0).distance(Box(0.3, 0.4, 0.3, 0.4)) == pytest.approx(0.5)


@pytest.mark.parametrize("box", [Box(0, 0, 0, 0), Box(1, 1, 1, 1), Box(0.49, 0.5, 0.5, 0.51)])
def test_grid_always_has_a_cell(box: Box) -> None:
    left, top, right, bottom = box.to_grid(16)
    assert 0 <= left < right <= 16
    assert 0 <= top < bottom <= 16


@pytest.mark.parametrize(
    ("box", "is_inside"),
    [
        (Box(0, 0, 1, 1), True),
        (Box(0.2, 0.2, 0.2, 0.8), False),
        (Box(-0.1, 0, 0.5, 0.5), False),
        (Box(0, 0, float("nan"), 1), False),
    ],
)
def test_a_box_inside_has_area_and_crosses_no_border(box: Box, is_inside: bool) -> None:
    assert box.is_inside is is_inside


def test_a_scaled_box_keeps_its_centre_and_the_pictures_edge() -> None:
    assert Box(0.4, 0.4, 0.6, 0.6).scaled(2).to_list() == pytest.approx([0.3, 0.3, 0.7, 0.7])
    assert Box(0.8, 0.4, 1.0, 0.6).scaled(2).to_list() == pytest.approx([0.7, 0.3, 1.0, 0.7])


def test_halfway_between_two_boxes() -> None:
    assert Box(0, 0, 0.2, 0.4).halfway_to(Box(0.4, 0.2, 1, 0.6)) == Box(0.2, 0.1, 0.6, 0.5)
