//! What can go wrong with a PDF.

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The page cannot hold a line, or a font cannot be read.
    #[error("the pages cannot be laid out: {0}")]
    Layout(&'static str),
    /// The document has more pages than one file takes.
    #[error("the text fills more than {0} pages")]
    TooLong(u32),
    /// The library could not write what it was given.
    #[error("the PDF cannot be written: {0}")]
    Write(String),
}
