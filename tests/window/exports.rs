//! Invented chats, as WhatsApp for Android exports them into a folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const PICTURE: &[u8] = include_bytes!("lake.png");

/// Messages of the long chat: several windows of rows.
pub(crate) const LONG: usize = 600;

/// Writes both exports into `dir` and returns their folders: the lake with a picture, and one that
/// lacks its picture.
pub(crate) fn invent(dir: &Path) -> [PathBuf; 2] {
    let lake = dir.join("lake");
    let ada = dir.join("ada");
    std::fs::create_dir_all(&lake).unwrap();
    std::fs::create_dir_all(&ada).unwrap();
    std::fs::write(lake.join("WhatsApp Chat with Lake weekend.txt"), lake_weekend()).unwrap();
    std::fs::write(lake.join("IMG-20250502-WA0007.png"), PICTURE).unwrap();
    std::fs::write(ada.join("WhatsApp Chat with Ada Example.txt"), ADA).unwrap();
    [lake, ada]
}

const ADA: &str = "\
13/03/2025, 18:02 - Messages and calls are end-to-end encrypted. Only people in this chat can read them.
13/03/2025, 18:02 - Ada Example: Are you coming on Saturday?
13/03/2025, 18:04 - Bo Sample: Of course! Which train do you take?
14/03/2025, 07:31 - Ada Example: The 9:40, from platform 6. I keep you a seat
14/03/2025, 07:35 - Bo Sample: Perfect, I bring the lantern
18/03/2025, 12:00 - Bo Sample: IMG-20250318-WA0005.jpg (file attached)
18/03/2025, 12:01 - Bo Sample: This message was deleted
18/03/2025, 12:05 - Ada Example: See you there <This message was edited>
";

fn lake_weekend() -> String {
    let people = ["Ada Example", "Bo Sample", "Chidi Invented", "Dana Madeup"];
    let points = [
        "Who brings the tent?",
        "I have one for four people, and my brother's small one",
        "Then I take the stove and the big pot",
        "Bread and cheese from the market on the way",
        "It may rain on Sunday morning",
        "Then we leave after breakfast",
    ];
    let mut text = String::from("20/04/2025, 08:00 - Ada Example created group \"Lake weekend\"\n");
    for n in 0..LONG {
        let (day, hour, minute) = (20 + n / 60, 9 + n % 60 / 6, n % 6 * 9);
        let _ = writeln!(
            text,
            "{day}/04/2025, {hour:02}:{minute:02} - {}: {} ({n})",
            people[n % 4],
            points[n % 6]
        );
    }
    text.push_str(
        "02/05/2025, 19:20 - Chidi Invented: IMG-20250502-WA0007.png (file attached)\nThe lake this evening\n",
    );
    text.push_str("02/05/2025, 19:24 - Dana Madeup: Beautiful! I am on the late bus\n");
    text.push_str(
        "02/05/2025, 19:26 - Ada Example: We wait with the soup. The lantern is at the pier\n",
    );
    text
}
