//! Pictures to an animated GIF. A frame holds what differs from the one before and nothing else; pictures that are the same
//! become one frame.

use super::role::{LOOKS, Paint};
use super::tokens::{Hue, Theme, Token};
use ::gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};
use std::collections::BTreeMap;

/// Stands for "as in the frame before".
const AS_BEFORE: u8 = 255;

/// So many colours of a palette are colours of the samples, each as it is. The others stand for what lies between: the soft edges
/// of letters and lines.
const EXACT: usize = 200;

/// The colours of a theme that anything on the stage can have.
fn colours_of(theme: Theme) -> Vec<u32> {
    let tokens = [Token::Paper].into_iter().chain(LOOKS.iter().flat_map(|look| {
        [look.style.fill, look.style.stroke].into_iter().filter_map(|paint| match paint {
            Paint::Token(token) => Some(token),
            _ => None,
        })
    }));
    let hues = Hue::ALL.iter().flat_map(|hue| [hue.mark(theme), hue.text(theme)]);
    let mut colours: Vec<u32> =
        tokens.map(|token| token.color(theme)).chain(hues).map(|color| color.0).collect();
    colours.sort_unstable();
    colours.dedup();
    colours
}

/// Pictures that become a GIF. All have one size and are given as bytes of red, green, blue and alpha.
pub struct Animation {
    encoder: Encoder<Vec<u8>>,
    width: usize,
    /// Each colour as 0xRRGGBB.
    palette: Vec<u32>,
    /// Which of the palette stands for a colour.
    known: BTreeMap<u32, u8>,
    last: Vec<u8>,
    last_places: Vec<u8>,
    /// The frame that still lasts.
    waiting: Option<Frame<'static>>,
    frames: usize,
}

fn colour(pixel: &[u8]) -> u32 {
    u32::from(pixel[0]) << 16 | u32::from(pixel[1]) << 8 | u32::from(pixel[2])
}

fn channels(colour: u32) -> [u8; 3] {
    let [_, red, green, blue] = colour.to_be_bytes();
    [red, green, blue]
}

/// At most 255 colours: those of the theme, the most frequent ones of the samples, and what stands for all others.
fn palette(theme: Theme, samples: &[Vec<u8>]) -> Vec<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for pixel in samples.iter().flat_map(|sample| sample.chunks_exact(4)) {
        *counts.entry(colour(pixel)).or_default() += 1;
    }
    let mut palette = colours_of(theme);
    let mut frequent: Vec<(usize, u32)> = counts.iter().map(|(colour, count)| (*count, *colour)).collect();
    frequent.sort_unstable_by(|one, other| other.cmp(one));
    let exact =
        frequent.iter().map(|(_, colour)| *colour).filter(|colour| palette.binary_search(colour).is_err());
    let room = EXACT.saturating_sub(palette.len());
    let exact: Vec<u32> = exact.take(room).collect();
    palette.extend(exact);
    // What is left falls into boxes of near colours, of which the fullest have a colour each.
    let mut boxes: BTreeMap<u32, [usize; 4]> = BTreeMap::new();
    for (colour, count) in counts.iter().filter(|(colour, _)| !palette.contains(colour)) {
        let sums = boxes.entry(colour & 0x00f0_f0f0).or_default();
        for (sum, channel) in sums.iter_mut().zip(channels(*colour)) {
            *sum += usize::from(channel) * count;
        }
        sums[3] += count;
    }
    let mut boxes: Vec<[usize; 4]> = boxes.into_values().collect();
    boxes.sort_unstable_by_key(|sums| std::cmp::Reverse(sums[3]));
    let mean = |sums: &[usize; 4]| (0..3).fold(0, |all, at| all << 8 | (sums[at] / sums[3]) as u32);
    palette.extend(boxes.iter().take(usize::from(AS_BEFORE) - palette.len()).map(mean));
    palette
}

impl Animation {
    /// An animation that begins anew at its end, in the colours of a theme and of some of its pictures.
    ///
    /// # Errors
    ///
    /// Where a side is longer than a GIF can have it.
    pub fn new(width: u16, height: u16, theme: Theme, samples: &[Vec<u8>]) -> Result<Self, EncodingError> {
        let palette = palette(theme, samples);
        let bytes: Vec<u8> = palette.iter().flat_map(|colour| channels(*colour)).collect();
        let mut encoder = Encoder::new(Vec::new(), width, height, &bytes)?;
        encoder.set_repeat(Repeat::Infinite)?;
        let known = (0u8..).zip(&palette).map(|(place, colour)| (*colour, place)).collect();
        Ok(Self {
            encoder,
            width: width.into(),
            palette,
            known,
            last: Vec::new(),
            last_places: Vec::new(),
            waiting: None,
            frames: 0,
        })
    }
    /// The place of the colour in the palette that is nearest to one.
    fn place_of(&mut self, colour: u32) -> u8 {
        if let Some(place) = self.known.get(&colour) {
            return *place;
        }
        let far = |other: u32| -> u32 {
            let pairs = channels(colour).into_iter().zip(channels(other));
            pairs.map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
        };
        let nearest = (0u8..).zip(&self.palette).min_by_key(|(_, other)| far(**other));
        let place = nearest.map_or(0, |(place, _)| place);
        self.known.insert(colour, place);
        place
    }
    /// Shows a picture for so many hundredths of a second.
    ///
    /// # Errors
    ///
    /// Where the encoder has no room.
    pub fn show(&mut self, picture: &[u8], hundredths: u16) -> Result<(), EncodingError> {
        let is_first = self.last.is_empty();
        if let Some(frame) = self.waiting.as_mut().filter(|_| self.last == picture)
            && let Some(delay) = frame.delay.checked_add(hundredths)
        {
            frame.delay = delay;
            return Ok(());
        }
        let mut places = std::mem::take(&mut self.last_places);
        places.resize(picture.len() / 4, 0);
        let mut changed: Vec<bool> = vec![is_first; places.len()];
        for (at, pixel) in picture.chunks_exact(4).enumerate() {
            if is_first || self.last[at * 4..at * 4 + 4] != *pixel {
                let place = self.place_of(colour(pixel));
                changed[at] |= places[at] != place;
                places[at] = place;
            }
        }
        let frame = self.frame(&places, &changed, hundredths);
        self.last_places = places;
        self.last.clear();
        self.last.extend_from_slice(picture);
        self.flush()?;
        self.waiting = Some(frame);
        Ok(())
    }
    /// The smallest frame that holds all that has changed.
    fn frame(&self, places: &[u8], changed: &[bool], delay: u16) -> Frame<'static> {
        let width = self.width;
        let rows = || changed.chunks_exact(width).enumerate().filter(|(_, row)| row.contains(&true));
        let (top, bottom) =
            (rows().next().map_or(0, |(row, _)| row), rows().next_back().map_or(0, |(row, _)| row));
        let left = rows().filter_map(|(_, row)| row.iter().position(|changed| *changed)).min().unwrap_or(0);
        let right = rows().filter_map(|(_, row)| row.iter().rposition(|changed| *changed)).max().unwrap_or(0);
        let mut buffer = Vec::with_capacity((right - left + 1) * (bottom - top + 1));
        for row in top..=bottom {
            let span = row * width + left..=row * width + right;
            let pixels = places[span.clone()].iter().zip(&changed[span]);
            buffer.extend(pixels.map(|(place, changed)| if *changed { *place } else { AS_BEFORE }));
        }
        Frame {
            delay,
            dispose: DisposalMethod::Keep,
            transparent: Some(AS_BEFORE),
            top: top as u16,
            left: left as u16,
            width: (right - left + 1) as u16,
            height: (bottom - top + 1) as u16,
            buffer: buffer.into(),
            ..Frame::default()
        }
    }
    fn flush(&mut self) -> Result<(), EncodingError> {
        let Some(frame) = self.waiting.take() else { return Ok(()) };
        self.frames += 1;
        self.encoder.write_frame(&frame)
    }
    /// How many bytes it has until now.
    pub fn size(&self) -> usize {
        self.encoder.get_ref().len()
    }
    /// The file, and how many frames it has.
    ///
    /// # Errors
    ///
    /// Where the encoder has no room.
    pub fn finish(mut self) -> Result<(Vec<u8>, usize), EncodingError> {
        self.flush()?;
        let frames = self.frames;
        Ok((self.encoder.into_inner()?, frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::gif::{ColorOutput, DecodeOptions};

    const SIDE: usize = 8;

    /// A ground with a square of another colour on it.
    fn picture(ground: u32, at: usize, colour: u32) -> Vec<u8> {
        let pixel = |place: usize| {
            let [x, y] = [place % SIDE, place / SIDE];
            if (at..at + 2).contains(&x) && (at..at + 2).contains(&y) { colour } else { ground }
        };
        (0..SIDE * SIDE).flat_map(|place| channels(pixel(place)).into_iter().chain([255])).collect()
    }

    /// The frames as somebody sees them, each with how long it lasts.
    fn seen(file: &[u8]) -> Vec<(Vec<u8>, u16)> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let mut decoder = options.read_info(file).expect("a GIF");
        let mut screen = vec![0; SIDE * SIDE * 4];
        let mut all = Vec::new();
        while let Some(frame) = decoder.read_next_frame().expect("a frame") {
            let (left, top) = (usize::from(frame.left), usize::from(frame.top));
            for (at, pixel) in frame.buffer.chunks_exact(4).enumerate().filter(|(_, pixel)| pixel[3] == 255) {
                let [x, y] = [left + at % usize::from(frame.width), top + at / usize::from(frame.width)];
                let place = (y * SIDE + x) * 4;
                screen[place..place + 4].copy_from_slice(pixel);
            }
            all.push((screen.clone(), frame.delay));
        }
        all
    }

    #[test]
    fn what_was_shown_is_seen_and_what_is_the_same_is_one_frame() {
        let shown = [(1, 10), (1, 10), (3, 20), (5, 150)];
        let pictures = shown.map(|(at, lasts)| (picture(0x00f6_f5f1, at, 0x00e0_3131), lasts));
        let samples = [pictures[0].0.clone()];
        let mut animation =
            Animation::new(SIDE as u16, SIDE as u16, Theme::Light, &samples).expect("an animation");
        for (picture, lasts) in &pictures {
            animation.show(picture, *lasts).expect("room");
        }
        let (file, frames) = animation.finish().expect("a file");
        assert_eq!((&file[..6], frames), (&b"GIF89a"[..], 3));
        let [first, _, third, fourth] = pictures;
        assert_eq!(seen(&file), [(first.0, 20), third, fourth]);
    }

    #[test]
    fn the_colours_of_the_theme_stay_as_they_are_though_no_sample_has_them() {
        // A sample with more colours than a GIF has.
        let many = (0..SIDE * SIDE * 8).flat_map(|at| [(at % 256) as u8, (at / 2 % 256) as u8, 77, 255]);
        let samples = [many.collect::<Vec<u8>>()];
        for theme in Theme::ALL {
            let paper = Token::Paper.color(theme).0;
            let failed = Hue::Failed.mark(theme).0;
            let shown = picture(paper, 2, failed);
            let mut animation =
                Animation::new(SIDE as u16, SIDE as u16, theme, &samples).expect("an animation");
            animation.show(&shown, 10).expect("room");
            let (file, _) = animation.finish().expect("a file");
            assert_eq!(seen(&file), [(shown, 10)], "{theme:?}");
        }
    }

    #[test]
    fn a_palette_has_room_for_the_place_that_says_as_before() {
        let many = (0u32..70_000).flat_map(|at| channels(at * 239)).collect::<Vec<u8>>();
        let many: Vec<u8> =
            many.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
        for theme in Theme::ALL {
            assert_eq!(palette(theme, std::slice::from_ref(&many)).len(), usize::from(AS_BEFORE));
            let few = palette(theme, &[]).len();
            assert!(few <= EXACT, "{few} colours of the theme");
        }
    }
}
