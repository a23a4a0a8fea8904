//! Bounds on what an export may ask of this computer.

/// Files in one export. A busy group has some 50,000 photos in ten years; four times that.
pub const MAX_FILES: usize = 200_000;

/// Folders within folders. A Facebook download has seven; twice that.
pub const MAX_DEPTH: usize = 14;

/// Unpacked size of all files of a zip: 1 TiB, more than a phone holds.
pub const MAX_UNPACKED: u64 = 1 << 40;

/// Unpacked to packed size of any file of a zip, and of the zip as a whole. Chat text packs to a
/// tenth, a file of one repeated letter to a thousandth.
pub const MAX_RATIO: u64 = 200;

/// The ratio is not judged below this size: a small file of blanks does no harm.
pub const RATIO_FROM: u64 = 4 << 20;

/// One chat text or JSON file: 8 GiB, fifty million messages of 160 bytes.
pub const MAX_CHAT_FILE: u64 = 8 << 30;

/// One line of a chat text, and one message of several lines: 4 MiB. WhatsApp's own limit is
/// 65,536 characters, at most 256 KiB; sixteen times that.
pub const MAX_MESSAGE: usize = 4 << 20;

/// One message of a JSON export with all its fields that is understood: 1 MiB, four times the
/// longest text with every character escaped. A longer one is stored as it is; read as a tree it
/// would take sixteen times its size.
pub const MAX_JSON_MESSAGE: usize = 1 << 20;

/// People counted in one conversation. WhatsApp groups take 1,024 and channels post as one;
/// twenty years of coming and going stay below.
pub const MAX_PEOPLE: usize = 20_000;
