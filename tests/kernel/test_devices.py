"""What a `User-Agent` header is called."""

import pytest

from kernel.devices import device_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36", "Chrome", "Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0", "Edge", "Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36 OPR/111.0", "Opera", "Windows"),
        (f"{MAC} AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15", "Safari", "macOS"),
        (f"{MAC[:-1]}; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "macOS"),
        (f"{LINUX} {WEBKIT} HeadlessChrome/126.0 Safari/537.36", "Chrome", "Linux"),
        (f"{IPHONE} AppleWebKit/605.1.15 FxiOS/127.0 Mobile Safari/605.1.15", "Firefox", "iPhone"),
        (f"{IPHONE} AppleWebKit/605.1.15 CriOS/126.0 Mobile Safari/604.1", "Chrome", "iPhone"),
        (f"{ANDROID} {WEBKIT} SamsungBrowser/25.0 Chrome/121.0", "Samsung Internet", "Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/126.0 Safari/537.36", "Chrome",
         "ChromeOS"),
        ("curl/8.5.0", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_a_browser_is_recognised(user_agent: str, browser: str, system: str) -> None:
    found = device_of(user_agent)
    assert (found.browser, found.system) == (browser, system)
