//! A large picture, made smaller before the window gets it: a photo of 100 megapixels would take
//! 400 MB there to be shown as large as a hand.

use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Decoded size that is taken on: 12,000 × 9,000 pixels of four bytes are 432 MB.
const MAX_DECODED: u64 = 512 * 1024 * 1024;

/// Longest edge that is read at all: formats allow 2^32, cameras have 2^14.
const MAX_EDGE: u32 = 32_768;

/// A picture with at most this many times the wanted edge is shown as it is.
const NEARLY: u32 = 2;

/// Why a picture is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unshown {
    /// The bytes are no whole picture.
    Broken,
    /// It would take more memory than a picture is worth.
    TooLarge,
}

/// The picture with no edge longer than `edge`, as JPEG or PNG; `None` if it is small enough or
/// moves, and is shown as it is.
///
/// # Errors
/// [`Unshown`]: the window has a word for each.
pub fn smaller(bytes: &[u8], edge: u32) -> Result<Option<Vec<u8>>, Unshown> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|_| Unshown::Broken)?;
    let Some(format) = reader.format() else { return Ok(None) };
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Ok(None);
    }
    let (width, height) = reader.into_dimensions().map_err(|_| Unshown::Broken)?;
    if width.max(height) <= edge.saturating_mul(NEARLY) {
        return Ok(None);
    }
    if width.max(height) > MAX_EDGE || u64::from(width) * u64::from(height) * 4 > MAX_DECODED {
        return Err(Unshown::TooLarge);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Unshown::Broken)?;
    let turn = image::ImageDecoder::orientation(&mut decoder).ok();
    let picture = image::DynamicImage::from_decoder(decoder).map_err(|_| Unshown::Broken)?;
    let mut small = picture.resize(edge, edge, FilterType::Triangle);
    // The small one has no EXIF any more that says how the camera was held.
    if let Some(turn) = turn {
        small.apply_orientation(turn);
    }
    let (small, format) = if small.color().has_alpha() {
        (small, ImageFormat::Png)
    } else {
        (small.into_rgb8().into(), ImageFormat::Jpeg)
    };
    let mut out = Cursor::new(Vec::new());
    small.write_to(&mut out, format).map_err(|_| Unshown::Broken)?;
    Ok(Some(out.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, RgbImage};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::from(RgbImage::new(width, height))
            .write_to(&mut out, ImageFormat::Png)
            .unwrap();
        out.into_inner()
    }

    #[test]
    fn a_large_picture_is_made_smaller_and_a_small_one_is_not() {
        let small = smaller(&png(900, 300), 100).unwrap().unwrap();
        let made = image::load_from_memory(&small).unwrap();
        assert_eq!((made.width(), made.height()), (100, 33));
        assert_eq!(smaller(&png(150, 20), 100), Ok(None));
        assert_eq!(smaller(b"GIF89a", 100), Ok(None), "it may move");
        assert_eq!(smaller(b"no picture", 100), Ok(None), "that is seen by who draws it");
    }

    #[test]
    fn a_picture_that_was_cut_off_is_broken() {
        let whole = png(900, 300);
        assert_eq!(smaller(&whole[..whole.len() / 2], 100), Err(Unshown::Broken));
        assert_eq!(smaller(&whole[..20], 100), Err(Unshown::Broken));
    }

    #[test]
    fn a_header_that_claims_too_much_costs_no_memory() {
        let mut bomb = png(900, 300);
        // Width and height of the IHDR chunk, at 16 and 20; its sum at 29 is not looked at first.
        bomb[16..24].copy_from_slice(&[0, 0, 0x7f, 0xff, 0, 0, 0x7f, 0xff]);
        assert!(matches!(smaller(&bomb, 100), Err(Unshown::TooLarge | Unshown::Broken)));
    }
}
