//! Text of any script as a PDF with numbered pages: shaped, wrapped, right to left where it is
//! written so, with the parts of the fonts that are used embedded.
//!
//! ```
//! use text_pdf::{Look, TextPdf};
//!
//! let mut pdf = TextPdf::new("Minutes")?;
//! pdf.write(Look::Title, "Minutes")?;
//! pdf.write(Look::Body, "Ada: שלום. Bo: здравствуй.")?;
//! let finished = pdf.finish()?;
//! assert_eq!(finished.pages, 1);
//! assert!(finished.pdf.starts_with(b"%PDF-"));
//! # Ok::<(), text_pdf::PdfError>(())
//! ```
//!
//! DejaVu Sans comes with this crate and covers Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew
//! and Arabic letters. Other scripts and emoji take the fonts of the computer. A character that no
//! font has stands as its code point, `<U+13000>`, and is counted in [`Finished::without_font`]; so
//! do control characters, among them those that would turn the order of the words around.
//!
//! The same text with the same fonts gives the same bytes: no time and no chance goes into a PDF.
//! A document holds its pages in memory, compressed: 2 to 5 KB a page of text.

mod error;
mod fonts;
mod layout;
mod page;
mod paper;
mod shown;

use std::collections::BTreeMap;

pub use error::PdfError;
use fonts::Fonts;
use layout::Layout;
use page::Pages;

/// How a paragraph looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The name of the document.
    Title,
    /// The name of a part. Does not stand alone at the foot of a page.
    Heading,
    /// Who said something, and when. Does not stand alone at the foot of a page.
    Head,
    /// Words.
    Body,
    /// What is told beside the words.
    Small,
}

/// A document that is being written.
pub struct TextPdf {
    fonts: Fonts,
    layout: Layout,
    pages: Pages,
}

/// A document that is done.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The file.
    pub pdf: Vec<u8>,
    /// How many pages it has.
    pub pages: u32,
    /// Characters that no font of this computer has, and how often each came.
    pub without_font: BTreeMap<char, u64>,
}

impl TextPdf {
    /// Begins a document; `title` stands at the foot of each page.
    ///
    /// # Errors
    /// [`PdfError::Layout`] if the font that comes with the crate cannot be read.
    pub fn new(title: &str) -> Result<Self, PdfError> {
        let mut fonts = Fonts::of_this_computer()?;
        let layout = Layout::new(&mut fonts);
        Ok(Self { fonts, layout, pages: Pages::new(title) })
    }

    /// Adds a paragraph; line ends within it stay.
    ///
    /// # Errors
    /// [`PdfError::TooLong`].
    pub fn write(&mut self, look: Look, text: &str) -> Result<(), PdfError> {
        let mut shown = shown::shown(text, &self.fonts);
        let mut lines = self.layout.lines(&mut self.fonts, look, &shown.text)?;
        let boxes = layout::boxes(&lines);
        if !boxes.is_empty() {
            // A font has them, and none has them as they stand here.
            self.fonts.give_up(&boxes);
            shown = shown::shown(text, &self.fonts);
            lines = self.layout.lines(&mut self.fonts, look, &shown.text)?;
        }
        self.fonts.count_missing(&shown.missing);
        self.pages.add(look, lines, &mut self.layout, &mut self.fonts)
    }

    /// How many pages are begun.
    pub fn pages(&self) -> u32 {
        self.pages.begun()
    }

    /// Characters that no font of this computer has so far, and how often each came.
    pub fn without_font(&self) -> BTreeMap<char, u64> {
        self.fonts.without_font()
    }

    /// Ends the document.
    ///
    /// # Errors
    /// [`PdfError::Write`].
    pub fn finish(mut self) -> Result<Finished, PdfError> {
        let (pdf, pages) = self.pages.finish(&mut self.layout, &mut self.fonts)?;
        Ok(Finished { pdf, pages, without_font: self.fonts.without_font() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_in_place_of_a_letter_becomes_its_code_point() {
        let mut fonts = Fonts::bundled_only().unwrap();
        fonts.pretend_to_have('𓀀');
        let layout = Layout::new(&mut fonts);
        let mut pdf = TextPdf { fonts, layout, pages: Pages::new("boxes") };
        pdf.write(Look::Body, "𓀀 ya 𓀀").unwrap();
        assert_eq!(pdf.without_font(), BTreeMap::from([('𓀀', 2)]));
    }
}
