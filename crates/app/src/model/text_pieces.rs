//! A message's text, as the window shows it.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A piece of a message's text. Together they are the text, the overrides of direction left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TextPiece {
    pub text: String,
    /// It is what was searched.
    pub hit: bool,
    /// Where it leads, if it is a link.
    pub link: Option<LinkView>,
    /// An override of direction stood here, which would have shown what follows backwards.
    pub turned: bool,
}

/// An address in a message. It is opened only after the person saw its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LinkView {
    /// `https://…` or `http://…`, as a browser understands it.
    pub url: String,
    /// In ASCII, so that letters of another script that look alike are seen.
    pub host: String,
}
