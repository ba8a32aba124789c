#!/usr/bin/env python3
"""Draws what `tmux capture-pane -e -p` prints as an SVG: terminal.py TITLE <capture >picture.svg, or terminal.py TITLE FRAME... >film.svg"""
import html, os, re, sys

COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff", "34": "#79c0ff", "35": "#d2a8ff", "90": "#8b949e"}
WIDTH, LINE, LEFT, TOP = 8.43, 19, 16, 52


def spans(line):
    style = {}
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            if part:
                yield part, dict(style)
            continue
        codes = part[2:-1].split(";")
        while codes:
            code = codes.pop(0)
            if code in ("", "0"):
                style.clear()
            elif code == "1":
                style["font-weight"] = "bold"
            elif code == "2":
                style["fill-opacity"] = "0.6"
            elif code in ("38", "48"):
                number = codes[1] if codes[:1] == ["5"] else ""
                codes = codes[2:]
                if code == "38":
                    style["fill"] = {"12": "#79c0ff", "8": "#8b949e", "9": "#ff7b72", "10": "#7ee787"}.get(number, "#79c0ff")
            elif code in COLOURS:
                style["fill"] = COLOURS[code]
            elif code == "39":
                style.pop("fill", None)
            elif code == "22":
                style.pop("font-weight", None), style.pop("fill-opacity", None)


def read(stream):
    lines = [re.sub(r"\x1b(?!\[[0-9;]*m)[^m]*?[A-Za-z]|\x0e|\x0f", "", line.rstrip("\n")) for line in stream]
    while lines and not re.sub(r"\x1b\[[0-9;]*m", "", lines[-1]).strip():
        lines.pop()
    return lines


def draw(lines):
    for number, line in enumerate(lines):
        column = 0
        for text, style in spans(line):
            if text.strip():
                attributes = "".join(f' {name}="{value}"' for name, value in style.items())
                lead = len(text) - len(text.lstrip(" "))
                shown = text.strip(" ")
                print(f'<text x="{LEFT + (column + lead) * WIDTH:.1f}" y="{TOP + number * LINE}" textLength="{len(shown) * WIDTH:.1f}"{attributes}>{html.escape(shown).replace(" ", "&#160;")}</text>')
            column += len(text)


def main():
    """A picture of what comes in, or with files "SECONDS-..." a film of them, each as long as its name says."""
    frames = [(float(os.path.basename(name).split("-")[1]), read(open(name))) for name in sys.argv[2:]] or [(0, read(sys.stdin))]
    longest = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for _, lines in frames for line in lines)
    width, height = int(LEFT * 2 + longest * WIDTH), TOP + LINE * max(len(lines) for _, lines in frames) + 6
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">')
    print(f"<title>{html.escape(sys.argv[1])}</title>")
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>')
    for at, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f")):
        print(f'<circle cx="{20 + at * 18}" cy="18" r="5.5" fill="{colour}"/>')
    print('<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14" fill="#e6edf3">')
    whole, at = sum(seconds for seconds, _ in frames), 0.0
    for seconds, lines in frames:
        if whole:
            # Where nothing is animated the last one is seen.
            shows = "visible" if at + seconds == whole else "hidden"
            print(f'<g visibility="{shows}"><animate attributeName="visibility" calcMode="discrete" dur="{whole}s" repeatCount="indefinite" '
                  f'values="hidden;visible;hidden" keyTimes="0;{at / whole:.4f};{(at + seconds) / whole:.4f}"/>')
        draw(lines)
        if whole:
            print("</g>")
        at += seconds
    print("</g>\n</svg>")


if __name__ == "__main__":
    main()
