//! The fonts: one that comes with the crate, and those of the computer.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cosmic_text::{Attrs, Family, FontSystem, fontdb};
use krilla::text::Font;
use skrifa::{FontRef, MetadataProvider};

use crate::PdfError;

/// DejaVu Sans 2.37, unchanged; its licence lies beside it.
const BUNDLED: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
const BUNDLED_FAMILY: &str = "DejaVu Sans";
/// Decides which country's forms Han characters take; the same everywhere, so that the same text
/// gives the same pages.
const LOCALE: &str = "en-US";
/// Code points of Unicode: 0x110000 bits are 136 KB.
const CODE_POINTS: usize = 0x11_0000;

/// Fonts, and what was asked of them.
pub(crate) struct Fonts {
    pub system: FontSystem,
    for_pdf: HashMap<fontdb::ID, Font>,
    covered: Coverage,
    without_font: BTreeMap<char, u64>,
}

impl Fonts {
    /// The bundled font first, then all of this computer.
    pub(crate) fn of_this_computer() -> Result<Self, PdfError> {
        let mut fonts = bundled();
        fonts.load_system_fonts();
        Self::new(fonts)
    }

    #[cfg(test)]
    pub(crate) fn bundled_only() -> Result<Self, PdfError> {
        Self::new(bundled())
    }

    fn new(fonts: fontdb::Database) -> Result<Self, PdfError> {
        let covered = Coverage::of(&fonts);
        if !covered.has('a') {
            return Err(PdfError::Layout("the font cannot be read"));
        }
        let system = FontSystem::new_with_locale_and_db(LOCALE.into(), fonts);
        Ok(Self { system, for_pdf: HashMap::new(), covered, without_font: BTreeMap::new() })
    }

    /// Whether some font has a character. Those that only shape others need none.
    pub(crate) fn has(&self, c: char) -> bool {
        self.covered.has(c) || is_invisible(c)
    }

    /// These are drawn by no font, though one says that it has them.
    pub(crate) fn give_up(&mut self, all: &[char]) {
        all.iter().for_each(|c| self.covered.remove(*c));
    }

    pub(crate) fn count_missing(&mut self, all: &[char]) {
        for c in all {
            *self.without_font.entry(*c).or_default() += 1;
        }
    }

    pub(crate) fn without_font(&self) -> BTreeMap<char, u64> {
        self.without_font.clone()
    }

    /// A font as the PDF embeds it.
    pub(crate) fn for_pdf(&mut self, id: fontdb::ID) -> Result<Font, PdfError> {
        if let Some(font) = self.for_pdf.get(&id) {
            return Ok(font.clone());
        }
        let index = self.system.db().face(id).map_or(0, |face| face.index);
        let data = self.system.db().with_face_data(id, |data, _| Arc::new(data.to_vec()));
        let font = data.and_then(|data| Font::new(data.into(), index));
        let font = font.ok_or(PdfError::Layout("a font cannot be read"))?;
        self.for_pdf.insert(id, font.clone());
        Ok(font)
    }
}

#[cfg(test)]
impl Fonts {
    /// As a font that has a character in its table and no form of it for the words around.
    pub(crate) fn pretend_to_have(&mut self, c: char) {
        self.covered.insert(c);
    }
}

/// What every paragraph asks for; other families stand in for what it has not.
pub(crate) fn attributes() -> Attrs<'static> {
    Attrs::new().family(Family::Name(BUNDLED_FAMILY))
}

fn bundled() -> fontdb::Database {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_source(fontdb::Source::Binary(Arc::new(BUNDLED)));
    fonts
}

/// No glyph is missed for these.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Joiners, direction marks and isolates, variation selectors and tags: no glyph of their own.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Which characters at least one upright face has: others are not considered by the layout.
struct Coverage(Vec<u64>);

impl Coverage {
    fn of(fonts: &fontdb::Database) -> Self {
        let mut covered = Self(vec![0; CODE_POINTS / 64]);
        for face in fonts.faces() {
            if face.style == fontdb::Style::Normal && face.stretch == fontdb::Stretch::Normal {
                fonts.with_face_data(face.id, |data, index| covered.add(data, index));
            }
        }
        covered
    }

    fn add(&mut self, data: &[u8], index: u32) {
        let Ok(font) = FontRef::from_index(data, index) else { return };
        for (code, _) in font.charmap().mappings() {
            if let Some(word) = self.0.get_mut(code as usize / 64) {
                *word |= 1 << (code % 64);
            }
        }
    }

    fn remove(&mut self, c: char) {
        let code = u32::from(c);
        if let Some(word) = self.0.get_mut(code as usize / 64) {
            *word &= !(1 << (code % 64));
        }
    }

    #[cfg(test)]
    fn insert(&mut self, c: char) {
        self.0[c as usize / 64] |= 1 << (u32::from(c) % 64);
    }

    fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        self.0.get(code as usize / 64).is_some_and(|word| word & (1 << (code % 64)) != 0)
    }
}
