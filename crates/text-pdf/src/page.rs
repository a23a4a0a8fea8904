//! Lines on numbered pages.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;

use crate::fonts::Fonts;
use crate::layout::{Layout, Line};
use crate::paper::{MARGIN, PAGE};
use crate::{Look, PdfError};

const BOTTOM: f32 = PAGE.1 - MARGIN;
const FOOT: f32 = PAGE.1 - 36.0;
/// What a head needs below itself: two lines of words.
const BELOW_HEAD: f32 = 27.0;
/// 50,000 pages of 5 KB are 250 MB.
const MAX_PAGES: u32 = 50_000;
const BLACK: u8 = 0;
const GREY: u8 = 90;

/// Pages that are done, and the one that is being filled.
pub(crate) struct Pages {
    document: Document,
    title: String,
    done: u32,
    page: Vec<Placed>,
    /// From the top of the page, in points.
    y: f32,
}

/// A line with its place on the page.
struct Placed {
    /// Of its baseline.
    y: f32,
    grey: u8,
    line: Line,
}

impl Pages {
    pub(crate) fn new(title: &str) -> Self {
        let title = one_line(title);
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title(title.clone()));
        Self { document, title, done: 0, page: Vec::new(), y: MARGIN }
    }

    pub(crate) fn begun(&self) -> u32 {
        self.done + 1
    }

    pub(crate) fn add(
        &mut self,
        look: Look,
        lines: Vec<Line>,
        layout: &mut Layout,
        fonts: &mut Fonts,
    ) -> Result<(), PdfError> {
        let height: f32 = lines.iter().map(|line| line.height).sum();
        if !self.page.is_empty() {
            self.y += space_above(look);
        }
        if keeps_with_next(look) && self.y + height + BELOW_HEAD > BOTTOM {
            self.turn(layout, fonts)?;
        }
        let grey = if look == Look::Small { GREY } else { BLACK };
        for line in lines {
            if self.y + line.height > BOTTOM {
                self.turn(layout, fonts)?;
            }
            let y = self.y + line.baseline;
            self.y += line.height;
            self.page.push(Placed { y, grey, line });
        }
        Ok(())
    }

    pub(crate) fn finish(
        mut self,
        layout: &mut Layout,
        fonts: &mut Fonts,
    ) -> Result<(Vec<u8>, u32), PdfError> {
        self.turn(layout, fonts)?;
        let pdf = self.document.finish().map_err(|error| PdfError::Write(format!("{error:?}")))?;
        Ok((pdf, self.done))
    }

    /// Draws the page with its foot; the next one is empty.
    fn turn(&mut self, layout: &mut Layout, fonts: &mut Fonts) -> Result<(), PdfError> {
        if self.done == MAX_PAGES {
            return Err(PdfError::TooLong(MAX_PAGES));
        }
        self.done += 1;
        self.foot(layout, fonts)?;
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(PdfError::Layout("the page"))?;
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        for placed in self.page.drain(..) {
            draw(&mut surface, &placed, fonts)?;
        }
        surface.finish();
        page.finish();
        self.y = MARGIN;
        Ok(())
    }

    fn foot(&mut self, layout: &mut Layout, fonts: &mut Fonts) -> Result<(), PdfError> {
        const TITLE_CHARS: usize = 60;
        let title: String = self.title.chars().take(TITLE_CHARS).collect();
        // Isolates (UAX #9), so that a title that is written from right to left keeps to itself.
        let text = format!("Page {} · \u{2068}{title}\u{2069}", self.done);
        let shown = crate::shown::shown(&text, fonts);
        if let Some(line) = layout.lines(fonts, Look::Small, &shown.text)?.into_iter().next() {
            self.page.push(Placed { y: FOOT, grey: GREY, line });
        }
        Ok(())
    }
}

/// The metadata of a PDF are XML (ISO 16684-1), which has no control characters.
fn one_line(title: &str) -> String {
    title
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c })
        .collect()
}

fn draw(surface: &mut Surface<'_>, placed: &Placed, fonts: &mut Fonts) -> Result<(), PdfError> {
    let color = rgb::Color::new(placed.grey, placed.grey, placed.grey);
    let fill = Fill { paint: color.into(), opacity: NormalizedF32::ONE, rule: Default::default() };
    surface.set_fill(Some(fill));
    for run in &placed.line.runs {
        let from = Point { x: MARGIN + run.x, y: placed.y };
        surface.draw_glyphs(
            from,
            &run.glyphs,
            fonts.for_pdf(run.font)?,
            &run.text,
            run.size,
            false,
        );
    }
    Ok(())
}

fn keeps_with_next(look: Look) -> bool {
    matches!(look, Look::Heading | Look::Head)
}

fn space_above(look: Look) -> f32 {
    match look {
        Look::Title => 0.0,
        Look::Heading => 12.0,
        Look::Head => 7.0,
        Look::Body | Look::Small => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_what_xml_takes() {
        assert_eq!(one_line("Ada\u{1}\nBo\0\u{ffff}"), "Ada  Bo  ");
    }
}
