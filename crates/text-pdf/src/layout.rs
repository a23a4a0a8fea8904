//! A paragraph as lines of glyphs.

use std::rc::Rc;

use cosmic_text::{Buffer, LayoutGlyph, LayoutRun, Metrics, Shaping, Wrap, fontdb};
use krilla::text::{GlyphId, KrillaGlyph};

use crate::fonts::{Fonts, attributes, is_blank};
use crate::paper::WIDTH;
use crate::{Look, PdfError};

/// A line, ready to be drawn.
pub(crate) struct Line {
    pub height: f32,
    /// From its top, in points.
    pub baseline: f32,
    pub runs: Vec<Run>,
}

/// Glyphs of one font.
pub(crate) struct Run {
    pub font: fontdb::ID,
    pub size: f32,
    /// From the left margin, in points.
    pub x: f32,
    /// The glyphs' ranges are of this text.
    pub text: Rc<str>,
    pub glyphs: Vec<KrillaGlyph>,
}

/// Makes lines of text.
pub(crate) struct Layout {
    buffer: Buffer,
}

impl Layout {
    pub(crate) fn new(fonts: &mut Fonts) -> Self {
        let mut buffer = Buffer::new(&mut fonts.system, metrics(Look::Body));
        buffer.set_wrap(Wrap::WordOrGlyph);
        buffer.set_size(Some(WIDTH), None);
        Self { buffer }
    }

    /// The lines of a paragraph, as wide as the page.
    pub(crate) fn lines(
        &mut self,
        fonts: &mut Fonts,
        look: Look,
        text: &str,
    ) -> Result<Vec<Line>, PdfError> {
        self.buffer.set_metrics(metrics(look));
        self.buffer.set_text(text, &attributes(), Shaping::Advanced, None);
        self.buffer.shape_until_scroll(&mut fonts.system, false);
        Ok(self.buffer.layout_runs().map(|run| line(&run)).collect())
    }
}

/// Characters for which a font drew its box for what it has not.
pub(crate) fn boxes(lines: &[Line]) -> Vec<char> {
    let runs = lines.iter().flat_map(|line| &line.runs);
    let glyphs = runs.flat_map(|run| run.glyphs.iter().map(|glyph| (&run.text, glyph)));
    let missing = glyphs.filter(|(_, glyph)| glyph.glyph_id.to_u32() == 0);
    missing
        .flat_map(|(text, glyph)| text[glyph.text_range.clone()].chars())
        .filter(|c| !is_blank(*c))
        .collect()
}

/// Size of the letters and height of a line, in points.
fn metrics(look: Look) -> Metrics {
    match look {
        Look::Title => Metrics::new(18.0, 26.0),
        Look::Heading => Metrics::new(12.0, 20.0),
        Look::Head => Metrics::new(8.0, 12.0),
        Look::Body => Metrics::new(9.5, 13.5),
        Look::Small => Metrics::new(7.5, 11.0),
    }
}

fn line(run: &LayoutRun<'_>) -> Line {
    let text: Rc<str> = run.text.into();
    // A line that is read from the right lists its glyphs from there.
    let mut glyphs: Vec<&LayoutGlyph> = run.glyphs.iter().collect();
    glyphs.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0.0;
    for glyph in glyphs {
        let fits = |last: &Run| last.font == glyph.font_id && last.size == glyph.font_size;
        if !runs.last().is_some_and(fits) {
            let font = glyph.font_id;
            x = glyph.x;
            runs.push(Run {
                font,
                size: glyph.font_size,
                x,
                text: Rc::clone(&text),
                glyphs: Vec::new(),
            });
        }
        if let Some(last) = runs.last_mut() {
            last.glyphs.push(for_pdf(glyph, x));
            x += glyph.w;
        }
    }
    Line { height: run.line_height, baseline: run.line_y - run.line_top, runs }
}

/// All lengths in ems; `x` is where the glyphs before it end.
fn for_pdf(glyph: &LayoutGlyph, x: f32) -> KrillaGlyph {
    KrillaGlyph::new(
        GlyphId::new(u32::from(glyph.glyph_id)),
        glyph.w / glyph.font_size,
        glyph.x_offset + (glyph.x - x) / glyph.font_size,
        glyph.y_offset,
        0.0,
        glyph.start..glyph.end,
        None,
    )
}
