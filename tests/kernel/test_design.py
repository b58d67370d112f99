import re
from pathlib import Path

import pytest

from kernel.html import HUES

SOURCES = Path(__file__).parents[2] / "src"
DESIGN = (SOURCES / "kernel/static/design.css").read_text()
BRANDS = {
    name: (SOURCES / name / "static/brand.css").read_text() for name in ("cognigy_ai", "live_agent")
}
PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\);")
THEMES = {"light": 1, "dark": 2}

AAA, AA, PARTS = 7.0, 4.5, 3.0  # WCAG 2.2: 1.4.6, 1.4.3, 1.4.11
SURFACES = ("surface-0", "surface-1", "surface-2")

TEXT_ON_SURFACES = [("text", s, AAA) for s in (*SURFACES, "surface-3")]
MUTED_ON_SURFACES = [("text-muted", s, AA) for s in (*SURFACES, "surface-3")]
LINKS = [("accent", s, AA) for s in (*SURFACES, "accent-soft")] + [
    ("accent-hover", s, AA) for s in SURFACES
]
BUTTONS = [
    ("accent-text", "accent", AA),
    ("accent-text", "accent-hover", AA),
    ("danger-text", "danger-fill", AA),
    ("danger-text", "danger-fill-hover", AA),
]
MESSAGES = [
    pair
    for tone in ("danger", "warning", "success")
    for pair in (
        (tone, "surface-1", AA),
        (tone, "surface-0", AA),
        (tone, f"{tone}-soft", AA),
        ("text", f"{tone}-soft", AAA),
    )
] + [("text", "accent-soft", AAA)]
CONTROLS = [("border-strong", s, PARTS) for s in ("surface-0", "surface-1")] + [
    ("accent", s, PARTS) for s in (*SURFACES, "surface-3")
]
PAIRS = TEXT_ON_SURFACES + MUTED_ON_SURFACES + LINKS + BUTTONS + MESSAGES + CONTROLS


def colours(css: str, theme: str) -> dict[str, str]:
    return {match[1]: match[THEMES[theme] + 1] for match in PAIR.finditer(css)}


def luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_the_greatest_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_is_to_be_read_stands_out(front, back, least, brand, theme):
    palette = colours(DESIGN, theme) | colours(BRANDS[brand], theme)
    assert contrast(palette[front], palette[back]) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("number", range(HUES))
def test_initials_stand_out_on_their_hue(number, theme):
    rule = re.search(rf"\.hue-{number} {{(.*?)}}", DESIGN)
    assert rule
    palette = colours(rule[1], theme)
    assert contrast(palette["hue"], palette["hue-soft"]) >= AA


@pytest.mark.parametrize("theme", THEMES)
def test_the_two_products_differ_in_colour(theme):
    one, other = (colours(css, theme)["accent"] for css in BRANDS.values())
    assert one != other


def test_both_brands_set_the_same_properties():
    sets = [set(colours(css, "light")) for css in BRANDS.values()]
    assert sets[0] == sets[1] == {"accent", "accent-hover", "accent-soft", "accent-text"}


@pytest.mark.parametrize("css", [DESIGN, *BRANDS.values()], ids=["design", *BRANDS])
def test_colours_are_written_in_custom_properties_only(css):
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    without = re.sub(r"--[\w-]+:[^;]+;", "", plain)
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", without) == []


def test_every_custom_property_that_is_used_is_set():
    css = DESIGN + "".join(BRANDS.values())
    assert set(re.findall(r"var\((--[\w-]+)\)", css)) <= set(re.findall(r"(--[\w-]+):", css))


def test_every_custom_property_that_is_set_is_used():
    css = DESIGN + "".join(BRANDS.values())
    assert set(re.findall(r"(--[\w-]+):", css)) <= set(re.findall(r"var\((--[\w-]+)\)", css))


@pytest.mark.parametrize("css", [DESIGN, *BRANDS.values()], ids=["design", *BRANDS])
def test_the_style_loads_nothing(css):
    assert "url(" not in css
    assert "@import" not in css


def test_texts_have_one_of_four_sizes():
    sizes = set(re.findall(r"font-size: ([^;]+);", DESIGN))
    named = {size for size in sizes if size.startswith("var(--size-")}
    # code beside text is drawn a little smaller; iOS zooms into inputs below 1rem
    assert sizes - named == {"0.92em", "1rem"}


def test_lengths_are_logical_so_that_the_layout_can_be_mirrored():
    physical = r"(?:margin|padding|border)-(?:left|right|top|bottom)|\s(?:left|right|top|bottom):"
    assert re.findall(physical, DESIGN) == []
    assert re.findall(r"text-align: (?:left|right)", DESIGN) == []


def test_what_moves_stops_for_readers_who_want_no_motion():
    for moving in re.findall(r"transition: ([^;]+);", DESIGN):
        assert all("var(--quick)" in part for part in moving.split(","))
    still = [block for block in DESIGN.split("@media (prefers-reduced-motion: reduce)")[1:]]
    assert "--quick: 0s" in still[0]
    assert "animation: none" in still[1]


def test_targets_on_touch_are_at_least_40_pixels():
    coarse = re.findall(r"@media \(pointer: coarse\) {\s*[^}]*--control: ([\d.]+)rem", DESIGN)
    assert coarse
    assert all(float(rem) * 16 >= 40 for rem in coarse)


def test_the_classes_of_the_macros_are_drawn():
    drawn = set(re.findall(r"\.([a-z][\w-]*)", DESIGN))
    for path in (SOURCES / "kernel/templates").rglob("*.html"):
        for classes in re.findall(r'class="([\w -]+)"', path.read_text()):
            missing = set(classes.split()) - drawn
            assert not missing, f"{path.name}: {missing}"
