//! Two invented chats, as WhatsApp for Android exports them: a zip each, with attachments.

use anyhow::Result;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zip::write::{SimpleFileOptions, ZipWriter};

/// Messages of the longer chat, to fill more than a page and a segment.
const MANY: usize = 400;
/// Larger than a buffer or a chunk anywhere on its way.
const VIDEO_BYTES: usize = 5 * 1024 * 1024;

/// Writes the exports into the new folder `dir`. One attachment that a chat names is left out of
/// its zip.
pub(crate) fn invent(dir: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir(dir)?;
    let ada = dir.join("WhatsApp Chat with Ada Example.zip");
    let files = [
        ("IMG-20250314-WA0001.jpg", invented(b"\xff\xd8\xff\xe0", 240_000, 1)),
        ("VID-20250315-WA0002.mp4", invented(b"\0\0\0\x18ftypmp42", VIDEO_BYTES, 2)),
        ("PTT-20250316-WA0003.opus", invented(b"OggS", 61_440, 3)),
        ("Train tickets.pdf", invented(b"%PDF-1.7\n", 88_000, 4)),
        ("STK-20250317-WA0004.webp", invented(b"RIFF\0\0\0\0WEBP", 17_000, 5)),
        ("Empty note.txt", Vec::new()),
    ];
    write_zip(&ada, "WhatsApp Chat with Ada Example.txt", &ADA.replace('|', "\n"), &files)?;

    let lake = dir.join("WhatsApp Chat with Lake weekend.zip");
    let files = [
        ("IMG-20250502-WA0007.jpg", invented(b"\xff\xd8\xff\xe0", 310_000, 6)),
        // The same picture was sent to Ada: kept once.
        ("IMG-20250503-WA0008.jpg", invented(b"\xff\xd8\xff\xe0", 240_000, 1)),
    ];
    write_zip(&lake, "WhatsApp Chat with Lake weekend.txt", &lake_weekend(), &files)?;
    Ok(vec![ada, lake])
}

const ADA: &str = "\
13/03/2025, 18:02 - Messages and calls are end-to-end encrypted. Only people in this chat can read them.|\
13/03/2025, 18:02 - Ada Example: Are you coming on Saturday?|\
13/03/2025, 18:04 - Bo Sample: Of course! 🎉|\
Which train do you take?|\
14/03/2025, 07:31 - Ada Example: IMG-20250314-WA0001.jpg (file attached)|\
The platform this morning|\
15/03/2025, 20:15 - Bo Sample: VID-20250315-WA0002.mp4 (file attached)|\
16/03/2025, 09:00 - Ada Example: PTT-20250316-WA0003.opus (file attached)|\
16/03/2025, 09:02 - Ada Example: Train tickets.pdf (file attached)|\
16/03/2025, 09:03 - Bo Sample: Grüße, and 感謝! See https://example.org/plan?a=1&b=2: at 10:30|\
17/03/2025, 11:45 - Ada Example: STK-20250317-WA0004.webp (file attached)|\
17/03/2025, 11:46 - Ada Example: Empty note.txt (file attached)|\
18/03/2025, 12:00 - Bo Sample: IMG-20250318-WA0005.jpg (file attached)|\
18/03/2025, 12:01 - Bo Sample: This message was deleted|\
18/03/2025, 12:05 - Ada Example: All right <This message was edited>|";

fn lake_weekend() -> String {
    let people = ["Ada Example", "Bo Sample", "Chidi Invented", "Dana Madeup"];
    let mut text = String::from("25/04/2025, 08:00 - Ada Example created group \"Lake weekend\"\n");
    for n in 0..MANY {
        let (day, hour, minute) = (26 + n / 100, 8 + n % 100 / 10, n % 10 * 6);
        // April has 30 days; the last day here is the 29th.
        let _ = writeln!(
            text,
            "{day}/04/2025, {hour:02}:{minute:02} - {}: Point {n} of the plan",
            people[n % 4]
        );
    }
    text.push_str(
        "02/05/2025, 19:20 - Chidi Invented: IMG-20250502-WA0007.jpg (file attached)\nThe lake\n",
    );
    text.push_str("03/05/2025, 08:10 - Ada Example: IMG-20250503-WA0008.jpg (file attached)\n");
    text
}

/// A file's first bytes, then bytes that do not compress; the same for the same seed.
fn invented(magic: &[u8], len: usize, seed: u64) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    let mut state = seed;
    while bytes.len() < len {
        // splitmix64
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

fn write_zip(path: &Path, chat_name: &str, chat: &str, files: &[(&str, Vec<u8>)]) -> Result<()> {
    let mut zip = ZipWriter::new(File::create(path)?);
    zip.start_file(chat_name, SimpleFileOptions::default())?;
    zip.write_all(chat.as_bytes())?;
    for (name, bytes) in files {
        zip.start_file(
            *name,
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
        )?;
        zip.write_all(bytes)?;
    }
    zip.finish()?;
    Ok(())
}
