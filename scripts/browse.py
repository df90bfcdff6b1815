"""Open pages in headless Chromium and print what a reader would wait for: size, first paint, ready, errors on the console."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from topner.errors import TopnerError

PAINT = "performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)[0] ?? null"
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def browse(paths: list[Path], shots: Path | None, widths: list[int]) -> int:
    """Print a row a page and width; returns the number of console errors.

    Raises:
        TopnerError: there is no browser, no driver, or no such page.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise TopnerError("the package playwright is not installed", hint="pip install 'topner[dev]'") from None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise TopnerError("there is no chromium", hint="apt-get install chromium")
    errors: list[str] = []
    print(f"{'page':40} {'width':>6} {'MB':>6} {'first paint, s':>15} {'loaded, s':>10} {'errors':>7}")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        for path in paths:
            if not path.is_file():
                raise TopnerError("no such page", path=path)
            for width in widths:
                page = browser.new_page(viewport={"width": width, "height": 900})
                before = len(errors)
                page.on("console", lambda message: errors.append(message.text))
                page.on("pageerror", lambda error: errors.append(str(error)))
                page.goto(path.resolve().as_uri(), wait_until="load")
                page.wait_for_timeout(200)
                paint, loaded = page.evaluate(PAINT), page.evaluate(LOADED)
                size = path.stat().st_size / 1e6
                shown = "—" if paint is None else f"{paint / 1000:.2f}"
                print(
                    f"{path.name:40} {width:6} {size:6.1f} {shown:>15} {loaded / 1000:10.2f} {len(errors) - before:7}"
                )
                if shots is not None:
                    shots.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=shots / f"{path.stem}-{width}.png")
                page.close()
        browser.close()
    for error in errors:
        print(error, file=sys.stderr)
    return len(errors)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--shots", type=Path, help="folder for screenshots")
    parser.add_argument("--widths", default="1440,1100", help="window widths in pixels")
    arguments = parser.parse_args()
    try:
        widths = [int(width) for width in arguments.widths.split(",")]
        sys.exit(browse(arguments.pages, arguments.shots, widths) > 0)
    except TopnerError as error:
        sys.exit(f"browse: {error}")


if __name__ == "__main__":
    main()
