"""A QR code as the `d` of one SVG path: the page needs no image, and no other address."""

from itertools import groupby

QUIET_ZONE = 4  # modules of white around it (ISO/IEC 18004)


def qr_path(text: str) -> tuple[int, str]:
    """The size of the square in modules, and the dark ones, one stroke for each run of a row."""
    from segno import make  # noqa: PLC0415 - only when somebody sets two-step login up

    rows = [tuple(row) for row in make(text, error="m", micro=False).matrix_iter(border=QUIET_ZONE)]
    strokes = []
    for y, row in enumerate(rows):
        x = 0
        for dark, modules in groupby(row):
            run = len(tuple(modules))
            if dark:
                strokes.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run
    return len(rows), "".join(strokes)
