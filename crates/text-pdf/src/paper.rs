//! The paper that a document is for.

/// A4 (ISO 216) in points: width and height.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// On all four sides, in points: 2 cm.
pub(crate) const MARGIN: f32 = 56.7;
/// Between the margins, in points.
pub(crate) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
