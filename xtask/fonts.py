"""Cuts the fonts of the page to the characters it writes, and tables their advances for the layout.

Called by `cargo xtask fonts` as: fonts.py UNPACKED STATIC_FONTS ADVANCES_RS. UNPACKED holds the npm packages
`inter-ui` and `@fontsource-variable/jetbrains-mono`, each unpacked into a folder of its own.
"""

import io
import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

WEIGHTS = [400, 500, 600, 700]
ASCII = range(0x20, 0x7F)
# What the page writes beyond ASCII: marks between words, quotes, arrows, comparisons.
SYMBOLS = "\u00a0°±·×–‘’“”…←↑→↓−≤≥✓"

unpacked, fonts, advances = map(Path, sys.argv[1:])


def reread(font):
    """Through a file and back: what comes after reads tables that are no longer those of the package."""
    file = io.BytesIO()
    font.flavor = None
    font.save(file)
    file.seek(0)
    return TTFont(file, recalcTimestamp=False)


def cut(source):
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[*ASCII, *map(ord, SYMBOLS)])
    cutter.subset(font)
    return reread(font)


def write(font, name, limits):
    font = instancer.instantiateVariableFont(reread(font), limits)
    font.flavor = "woff2"
    font.save(fonts / name)
    print(f"{name}: {(fonts / name).stat().st_size} bytes")


def widths(font, limits):
    """The advance of each character in thousandths of an em; 0 where the font has none."""
    font = instancer.instantiateVariableFont(reread(font), limits)
    em, cmap, metrics = font["head"].unitsPerEm, font.getBestCmap(), font["hmtx"]
    width = lambda code: round(metrics[cmap[code]][0] * 1000 / em) if code in cmap else 0
    return [width(code) for code in ASCII], [width(ord(symbol)) for symbol in SYMBOLS]


def rows(numbers):
    return "".join(
        "        " + ", ".join(map(str, numbers[at : at + 20])) + ",\n" for at in range(0, len(numbers), 20)
    )


sans = cut(unpacked / "inter/package/variable/InterVariable.woff2")
mono = cut(unpacked / "mono/package/files/jetbrains-mono-latin-wght-normal.woff2")
fonts.mkdir(parents=True, exist_ok=True)
span = (WEIGHTS[0], WEIGHTS[-1])
write(sans, "inter.woff2", {"wght": span, "opsz": 14})
write(mono, "jetbrains-mono.woff2", {"wght": span})
shutil.copyfile(unpacked / "inter/package/LICENSE.txt", fonts / "inter-OFL.txt")
shutil.copyfile(unpacked / "mono/package/LICENSE", fonts / "jetbrains-mono-OFL.txt")

mono_ascii, mono_symbols = widths(mono, {"wght": WEIGHTS[0]})
assert len(set(mono_ascii)) == 1, "the letters of the mono font differ in width"
lacking = "".join(symbol for symbol, width in zip(SYMBOLS, mono_symbols) if width == 0)
escape = lambda text: text.replace("\u00a0", "\\u{a0}")
tables = ""
for weight in WEIGHTS:
    ascii_widths, symbol_widths = widths(sans, {"wght": weight, "opsz": 14})
    assert all(ascii_widths) and all(symbol_widths), "the sans font lacks a character"
    tables += f"    Table {{ weight: {weight}, ascii: [\n{rows(ascii_widths)}    ], symbols: &[\n{rows(symbol_widths)}    ] }},\n"
advances.write_text(f"""//! How far each character of the bundled fonts goes, in thousandths of an em.
//!
//! Made by `cargo xtask fonts` together with the fonts.

/// The advances of the sans font at one weight.
pub(super) struct Table {{
    /// The weight.
    pub(super) weight: u16,
    /// From the space to the tilde.
    pub(super) ascii: [u16; 95],
    /// Of [`SYMBOLS`], one for one.
    pub(super) symbols: &'static [u16],
}}

/// What the fonts have beyond ASCII.
pub(super) const SYMBOLS: &str = "{escape(SYMBOLS)}";

/// The advance of every character of the mono font.
pub(super) const MONO: u16 = {mono_ascii[0]};

/// Those of [`SYMBOLS`] that the mono font lacks, and that the sans font stands in for.
pub(super) const NOT_IN_MONO: &str = "{lacking}";

/// The sans font at each of its weights.
pub(super) const SANS: &[Table] = &[
{tables}];
""")
