//! A file that lies beside a PDF.

/// Where a file lies beside the PDF, and its SHA-256 in hex.
pub(crate) struct MediaSum {
    pub(crate) path: String,
    pub(crate) sha256: String,
}
