//! Bounds of the format. Whoever reads checks them before it allocates.

/// Records are gathered into a segment until it has this many bytes. One larger record makes a
/// segment of its own.
pub const SEGMENT_TARGET: usize = 1024 * 1024;

/// A record: far above any message, small enough to hold several in memory.
pub const MAX_RECORD: usize = 16 * 1024 * 1024;

/// What every segment of a stream repeats at its start; a longer one is written once, as a record.
/// Half a segment, so that at least half of each is new.
pub const MAX_OPENING: usize = SEGMENT_TARGET / 2;

/// Plaintext of any object: the largest record and its 4-byte length.
pub const MAX_PLAIN: usize = MAX_RECORD + 4;

/// encoding (1) + plaintext length (4) + body length (4), before the body of every object.
pub const PREAMBLE: usize = 9;

/// A media piece: a full one and its preamble are exactly 2 MiB, which is a padding bucket.
pub const MEDIA_PIECE: usize = 2 * 1024 * 1024 - PREAMBLE;

/// A pack is closed when it has this many bytes.
pub const PACK_TARGET: usize = 16 * 1024 * 1024;

/// A pack: just below the target, then the largest object (16 MiB that do not compress, padded by
/// at most 1/16), and a directory of at most 16 MiB / 1 KiB entries of 41 bytes: 16 + 17 + 0.7 MiB,
/// rounded up.
pub const MAX_PACK: usize = 40 * 1024 * 1024;

/// The smallest padded object; hides how short a short message is.
pub const MIN_PADDED: usize = 1024;

/// Entries in one index file: 500,000 * 41 bytes is 20 MB.
pub const INDEX_ENTRIES: usize = 500_000;

/// An index file: its entries, and packs of one entry each in the worst case (41 + 40 bytes),
/// rounded up.
pub const MAX_INDEX: usize = 48 * 1024 * 1024;

/// Bytes of a catalog object before another is begun; below [`MAX_PLAIN`] by more than its largest
/// entry.
pub const CATALOG_TARGET: usize = 4 * 1024 * 1024;

/// Catalogs of a snapshot before they are merged into fewer.
pub const CATALOGS_BEFORE_MERGE: usize = 64;

/// A snapshot file: 4,096 catalogs of 67 bytes, 1,000 computers, 10,000 kept snapshots of 100
/// bytes: below 2 MiB.
pub const MAX_SNAPSHOT: usize = 4 * 1024 * 1024;

/// Snapshots that one continues: far more computers than write at the same moment.
pub const MAX_PARENTS: usize = 256;

/// Numbers after which a snapshot no longer says which catalogs were left out: whoever wrote beside
/// that one has been met by then.
pub const REPLACED_FOR: u64 = 32;

/// A file of removals: 20,000 snapshots of 250 bytes, and 60,000 packs of 100 bytes: 11 MiB.
pub const MAX_REMOVAL: usize = 16 * 1024 * 1024;

/// A stream's name: an id, not a title.
pub const MAX_STREAM_ID: usize = 255;

/// A media file: 2^20 pieces of almost 2 MiB, 2 TB; its catalog entry is then 32 MiB and would not
/// fit, so fewer: 2^18 pieces, 512 GB, in 8 MiB.
pub const MAX_PIECES: usize = 1 << 18;

/// Index files before a backup merges them into one, so that opening a backup reads few files.
pub const INDEX_FILES_BEFORE_MERGE: usize = 32;
