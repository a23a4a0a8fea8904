//! Bad bytes are an error value, never a crash; what is generated comes back.
#![allow(clippy::unwrap_used)]

use chat_import::ImportOptions;
use chat_import::sources::{chatlab, imessage, messenger, signal, telegram, whatsapp};
use proptest::prelude::*;

/// Pieces that real exports are made of, so that random files reach the parser's depths.
fn piece() -> impl Strategy<Value = String> {
    let fixed = [
        "[31/01/24, 10:00:00] ",
        "31/01/24, 10:00 - ",
        "1/2/24, 9:05\u{202f}PM - ",
        "2024年1月31日 下午9:05 - ",
        "Ada: ",
        "\u{200e}",
        "<attached: a.jpg>",
        "a.jpg (file attached)",
        "<Media omitted>",
        "<This message was edited>",
        "This message was deleted",
        "\n",
        "\r\n",
        ":",
        ": ",
        "(",
        ")",
        "<",
        ">",
        "“",
        "٣١/١/٢٠٢٤، ٩:٠٦ م - ",
        "99/99/99, 99:99 - ",
    ];
    prop_oneof![proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned), any::<String>()]
}

proptest! {
    #[test]
    fn whatsapp_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = whatsapp::parse_bytes(&bytes, &ImportOptions::default());
    }

    #[test]
    fn whatsapp_takes_any_pieces(pieces in proptest::collection::vec(piece(), 0..60)) {
        let _ = whatsapp::parse_bytes(pieces.concat().as_bytes(), &ImportOptions::default());
    }

    #[test]
    fn telegram_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = telegram::parse_bytes(&bytes);
    }

    #[test]
    fn the_other_formats_take_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = telegram::html::parse_bytes(&bytes);
        let _ = messenger::pages::parse_bytes(&bytes);
        let _ = chatlab::parse_bytes(&bytes, false);
        let _ = chatlab::parse_bytes(&bytes, true);
        let _ = signal::parse_bytes(&bytes);
        let _ = messenger::parse_bytes(&bytes, false);
        let _ = messenger::parse_bytes(&bytes, true);
        let _ = imessage::typedstream_text(&bytes);
    }

    #[test]
    fn chatlab_and_signal_take_a_damaged_export(at in 0usize..8000, byte in any::<u8>(), cut in any::<bool>()) {
        for (file, is_signal) in [
            (&include_bytes!("fixtures/good/chatlab_json/export/chat.json")[..], false),
            (&include_bytes!("fixtures/good/chatlab_lines/chat.jsonl")[..], false),
            (&include_bytes!("fixtures/good/signal_json/export/main.jsonl")[..], true),
        ] {
            let mut bytes = file.to_vec();
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            let _ = if is_signal { signal::parse_bytes(&bytes) } else { chatlab::parse_bytes(&bytes, at % 2 == 0) };
        }
    }

    #[test]
    fn a_damaged_page_gives_what_is_left_of_it(at in 0usize..8000, byte in any::<u8>(), cut in any::<bool>()) {
        for page in [&include_bytes!("fixtures/good/telegram_html/export/messages.html")[..],
            &include_bytes!("fixtures/good/telegram_html/export/messages2.html")[..]] {
            let mut bytes = page.to_vec();
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            let _ = telegram::html::parse_bytes(&bytes);
        }
        let page = "fixtures/good/messenger_html/export/your_facebook_activity/messages/inbox/adab_7/message_1.html";
        let page = std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(page)).unwrap();
        let mut bytes = page;
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = messenger::pages::parse_bytes(&bytes);
    }

    #[test]
    fn telegram_takes_a_damaged_export(at in 0usize..4000, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = include_bytes!("fixtures/good/telegram_new_personal/result.json").to_vec();
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = telegram::parse_bytes(&bytes);
    }

    #[test]
    fn a_generated_chat_comes_back(
        messages in proptest::collection::vec((0u32..4, 1u32..29, 0u32..1440, "[a-zA-Z0-9 .,?!ñé🎈-]{0,40}[a-z]"), 1..40),
        bracketed in any::<bool>(),
    ) {
        let names = ["Ada", "Bo Öst", "+44 1632 960000", "Zoë 🎈"];
        let mut file = String::new();
        for (who, day, minute, text) in &messages {
            let (date, time) = (format!("{day:02}/01/2024"), format!("{:02}:{:02}", minute / 60, minute % 60));
            let name = names[*who as usize];
            file += &if bracketed { format!("[{date}, {time}:00] {name}: {text}\n") } else { format!("{date}, {time} - {name}: {text}\n") };
        }
        let options = ImportOptions { date_order: Some(chat_import::DateOrder::Dmy), ..ImportOptions::default() };
        let (_, parsed) = whatsapp::parse_bytes(file.as_bytes(), &options).unwrap();
        prop_assert_eq!(parsed.len(), messages.len());
        for (found, (who, day, minute, text)) in parsed.iter().zip(&messages) {
            prop_assert_eq!(&found.text, text);
            prop_assert_eq!(&found.sender.as_ref().unwrap().name, names[*who as usize]);
            let ms = 1_704_067_200_000 + (i64::from(*day) - 1) * 86_400_000 + i64::from(*minute) * 60_000;
            prop_assert_eq!(found.time.ms, ms);
        }
    }
}
