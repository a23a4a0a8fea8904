//! What WhatsApp writes in the language of the phone. Compared after [`plain`].

use super::header::is_mark;

/// Half of the day of a 12-hour clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Before noon.
    Am,
    /// After noon.
    Pm,
}

const AM: &[&str] = &[
    "am",
    "a",
    "午前",
    "上午",
    "凌晨",
    "清晨",
    "早上",
    "오전",
    "ص",
    "πμ",
    "de",
    "öö",
    "sa",
    "fm",
    "fh",
    "pg",
    "pd",
    "дп",
    "проб",
    "पूर्वाह्न",
    "मपू",
    "পূর্বাহ্ণ",
    "முற்பகல்",
    "לפנהצ",
    "قظ",
];
const PM: &[&str] = &[
    "pm",
    "p",
    "午後",
    "下午",
    "中午",
    "傍晚",
    "晚上",
    "오후",
    "م",
    "μμ",
    "du",
    "ös",
    "ch",
    "em",
    "eh",
    "ptg",
    "md",
    "пп",
    "слоб",
    "अपराह्न",
    "मउ",
    "অপরাহ্ণ",
    "பிற்பகல்",
    "אחהצ",
    "بظ",
];

/// Little words around a time that say nothing.
const TIME_WORDS: &[&str] =
    &["um", "à", "às", "kl", "klo", "at", "alle", "om", "ob", "o", "a las", "a la", "uhr", "as"];

/// `name (…)`: a file is attached (Android).
const FILE_ATTACHED: &[&str] = &[
    "file attached",
    "datei angehängt",
    "archivo adjunto",
    "fichier joint",
    "file allegato",
    "arquivo anexado",
    "ficheiro anexado",
    "bestand bijgevoegd",
    "bijlage",
    "dosya ekli",
    "dosya eklendi",
    "файл добавлен",
    "файл прикреплён",
    "plik załączony",
    "załączono plik",
    "الملف مرفق",
    "ملف مرفق",
    "קובץ מצורף",
    "הקובץ מצורף",
    "फ़ाइल संलग्न है",
    "फ़ाइल संलग्न",
    "file terlampir",
    "berkas terlampir",
    "添付ファイル",
    "ファイル添付",
    "文件附件",
    "檔案附件",
    "附件",
    "파일 첨부됨",
    "파일 첨부",
    "bifogad fil",
    "fil bifogad",
    "vedhæftet fil",
    "fil vedhæftet",
    "fil vedlagt",
    "vedlagt fil",
    "liitetiedosto",
    "tiedosto liitetty",
    "soubor připojen",
    "soubor přiložen",
    "súbor priložený",
    "файл додано",
    "fișier atașat",
    "fájl csatolva",
    "csatolt fájl",
    "επισυναπτόμενο αρχείο",
    "đính kèm tệp",
    "tệp đính kèm",
    "fail dilampirkan",
    "fitxer adjunt",
    "ไฟล์ที่แนบ",
];

/// `<…: name>`: a file is attached (iPhone).
const ATTACHED: &[&str] = &[
    "attached",
    "anhang",
    "adjunto",
    "pièce jointe",
    "allegato",
    "anexado",
    "anexo",
    "bijlage",
    "bijgevoegd",
    "ekli",
    "eklendi",
    "прикреплено",
    "вложено",
    "załączono",
    "załącznik",
    "مرفق",
    "المرفق",
    "צורף",
    "מצורף",
    "संलग्न",
    "terlampir",
    "添付ファイル",
    "添付",
    "附件",
    "첨부",
    "첨부됨",
    "bifogad",
    "bifogat",
    "vedhæftet",
    "vedlagt",
    "liite",
    "liitetty",
    "připojeno",
    "priložené",
    "додано",
    "atașat",
    "csatolva",
    "επισυνάπτεται",
    "đính kèm",
    "dilampirkan",
    "adjunt",
    "แนบ",
];

/// A file was left out of the export; the whole first line, without angle brackets.
const OMITTED: &[&str] = &[
    "media omitted",
    "medien ausgeschlossen",
    "medien weggelassen",
    "multimedia omitido",
    "archivo omitido",
    "médias omis",
    "fichier omis",
    "média omis",
    "media omessi",
    "media omesso",
    "mídia oculta",
    "arquivo de mídia oculto",
    "mídia omitida",
    "ficheiro não revelado",
    "ficheiro omitido",
    "media weggelaten",
    "medya dahil edilmedi",
    "без медиафайлов",
    "медиафайл отсутствует",
    "pominięto multimedia",
    "pominięto plik",
    "تم استبعاد الوسائط",
    "تم استبعاد الوسائط المتعددة",
    "המדיה לא נכללה",
    "מדיה לא נכללה",
    "मीडिया छोड़ा गया",
    "मीडिया के बिना",
    "media tidak disertakan",
    "メディアは含まれていません",
    "メディアなし",
    "媒体已省略",
    "省略多媒體檔案",
    "忽略多媒体文件",
    "미디어 파일 제외됨",
    "미디어 파일을 생략한 대화내용",
    "media utelämnat",
    "mediefil utelämnad",
    "mediefil udeladt",
    "medier udeladt",
    "medier utelatt",
    "media jätetty pois",
    "média vynechána",
    "медіа пропущено",
    "fișiere media omise",
    "hiányzó médiafájl",
    "παραλήφθηκε πολυμέσο",
    "file phương tiện bị bỏ qua",
    "media dikecualikan",
    "video message omitted",
    "video note omitted",
];

/// The same on iPhone, by sort of file; it follows an invisible mark.
const SORT_OMITTED: &[&str] = &[
    "image omitted",
    "video omitted",
    "audio omitted",
    "sticker omitted",
    "gif omitted",
    "document omitted",
    "contact card omitted",
    "video note omitted",
    "bild weggelassen",
    "video weggelassen",
    "audio weggelassen",
    "sticker weggelassen",
    "gif weggelassen",
    "dokument weggelassen",
    "kontaktkarte weggelassen",
    "imagen omitida",
    "video omitido",
    "vídeo omitido",
    "audio omitido",
    "sticker omitido",
    "gif omitido",
    "documento omitido",
    "tarjeta de contacto omitida",
    "image absente",
    "vidéo absente",
    "audio omis",
    "sticker absent",
    "gif absent",
    "document absent",
    "document manquant",
    "fiche contact absente",
    "immagine omessa",
    "video omesso",
    "audio omesso",
    "sticker omesso",
    "gif esclusa",
    "documento omesso",
    "scheda contatto omessa",
    "imagem ocultada",
    "vídeo omitido",
    "áudio ocultado",
    "figurinha omitida",
    "gif omitido",
    "documento omitido",
    "afbeelding weggelaten",
    "video weggelaten",
    "audio weggelaten",
    "sticker weggelaten",
    "gif weggelaten",
    "document weggelaten",
    "contactkaart weggelaten",
    "görüntü dahil edilmedi",
    "video dahil edilmedi",
    "ses dahil edilmedi",
    "çıkartma dahil edilmedi",
    "belge dahil edilmedi",
    "изображение отсутствует",
    "видео отсутствует",
    "аудиофайл отсутствует",
    "стикер отсутствует",
    "документ отсутствует",
    "pominięto obraz",
    "pominięto film",
    "pominięto plik audio",
    "pominięto naklejkę",
    "pominięto dokument",
    "gambar tidak disertakan",
    "video tidak disertakan",
    "audio tidak disertakan",
    "stiker tidak disertakan",
    "dokumen tidak disertakan",
    "画像は含まれていません",
    "動画は含まれていません",
    "音声は含まれていません",
    "ステッカーは含まれていません",
    "文書は含まれていません",
    "画像を省略",
    "ビデオを省略",
    "图像已忽略",
    "视频已忽略",
    "音频已忽略",
    "圖片已略過",
    "影片已略過",
    "이미지 생략됨",
    "동영상 생략됨",
    "오디오 생략됨",
    "תמונה הושמטה",
    "סרטון הושמט",
    "הקובץ הקולי הושמט",
    "تم حذف الصورة",
    "صورة محذوفة",
    "فيديو محذوف",
    "bild utelämnad",
    "billede udeladt",
    "bilde utelatt",
];

/// The message was taken back; the whole text.
const DELETED: &[&str] = &[
    "this message was deleted",
    "you deleted this message",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
    "se eliminó este mensaje",
    "este mensaje fue eliminado",
    "eliminaste este mensaje",
    "has eliminado este mensaje",
    "ce message a été supprimé",
    "vous avez supprimé ce message",
    "questo messaggio è stato eliminato",
    "hai eliminato questo messaggio",
    "essa mensagem foi apagada",
    "esta mensagem foi apagada",
    "mensagem apagada",
    "você apagou essa mensagem",
    "você apagou esta mensagem",
    "apagou esta mensagem",
    "dit bericht is verwijderd",
    "je hebt dit bericht verwijderd",
    "u hebt dit bericht verwijderd",
    "bu mesaj silindi",
    "bu mesajı sildiniz",
    "это сообщение было удалено",
    "данное сообщение удалено",
    "вы удалили это сообщение",
    "вы удалили данное сообщение",
    "ta wiadomość została usunięta",
    "wiadomość została usunięta",
    "usunięto tę wiadomość",
    "ta wiadomość jest usunięta",
    "تم حذف هذه الرسالة",
    "لقد حذفت هذه الرسالة",
    "הודעה זו נמחקה",
    "ההודעה נמחקה",
    "מחקת הודעה זו",
    "यह मैसेज हटा दिया गया",
    "यह संदेश हटा दिया गया",
    "यह संदेश मिटाया गया",
    "आपने यह मैसेज हटाया",
    "आपने यह संदेश मिटाया",
    "pesan ini telah dihapus",
    "anda telah menghapus pesan ini",
    "anda menghapus pesan ini",
    "このメッセージは削除されました",
    "メッセージを削除しました",
    "此消息已删除",
    "您删除了这条消息",
    "此訊息已刪除",
    "您已刪除此訊息",
    "삭제된 메시지입니다",
    "삭제한 메시지입니다",
    "det här meddelandet togs bort",
    "du tog bort det här meddelandet",
    "denne besked blev slettet",
    "denne meldingen ble slettet",
    "tämä viesti poistettiin",
    "tato zpráva byla smazána",
    "це повідомлення було видалено",
    "acest mesaj a fost șters",
    "ezt az üzenetet törölték",
    "tin nhắn này đã bị xóa",
    "mesej ini telah dipadam",
];

/// The message was changed; at the end of the text, within angle brackets.
const EDITED: &[&str] = &[
    "this message was edited",
    "diese nachricht wurde bearbeitet",
    "se editó este mensaje",
    "este mensaje fue editado",
    "ce message a été modifié",
    "questo messaggio è stato modificato",
    "mensagem editada",
    "essa mensagem foi editada",
    "esta mensagem foi editada",
    "dit bericht is bewerkt",
    "bu mesaj düzenlendi",
    "сообщение изменено",
    "данное сообщение изменено",
    "это сообщение было изменено",
    "wiadomość została zmieniona",
    "ta wiadomość została edytowana",
    "wiadomość edytowana",
    "edytowano tę wiadomość",
    "تم تعديل هذه الرسالة",
    "הודעה זו נערכה",
    "ההודעה נערכה",
    "यह मैसेज एडिट किया गया",
    "यह संदेश संपादित किया गया",
    "pesan ini diedit",
    "このメッセージは編集されました",
    "此消息已编辑",
    "此訊息已編輯",
    "수정된 메시지입니다",
    "det här meddelandet redigerades",
    "denne besked blev redigeret",
    "denne meldingen ble redigert",
    "tätä viestiä muokattiin",
    "tato zpráva byla upravena",
    "це повідомлення змінено",
    "acest mesaj a fost editat",
    "tin nhắn này đã được chỉnh sửa",
];

/// Which half of the day a marker such as `p. m.` names.
pub fn half_of_day(marker: &str) -> Option<Half> {
    let short: String = marker
        .chars()
        .filter(|c| !c.is_whitespace() && !is_mark(*c) && !is_punctuation(*c))
        .flat_map(char::to_lowercase)
        .collect();
    if AM.contains(&short.as_str()) {
        return Some(Half::Am);
    }
    PM.contains(&short.as_str()).then_some(Half::Pm)
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '.' | '״' | '"' | '\'' | '’' | '׳')
}

/// Whether a word between date and time says nothing.
pub fn is_time_word(word: &str) -> bool {
    TIME_WORDS.contains(&plain(word).as_str())
}

/// Whether a phrase means "file attached" (Android).
pub fn means_file_attached(phrase: &str) -> bool {
    FILE_ATTACHED.contains(&plain(phrase).as_str())
}

/// Whether a label means "attached" (iPhone).
pub fn means_attached(label: &str) -> bool {
    ATTACHED.contains(&plain(label).as_str())
}

/// Whether a line, in angle brackets, means "media omitted".
pub fn means_omitted(line: &str) -> bool {
    inside_angles(line).is_some_and(|inner| OMITTED.contains(&plain(inner).as_str()))
}

/// Whether the words after an invisible mark mean "image omitted" or the like.
pub fn means_sort_omitted(words: &str) -> bool {
    SORT_OMITTED.contains(&plain(words).as_str())
}

/// Whether a whole text stands for a message that was taken back.
pub fn means_deleted(text: &str) -> bool {
    let text = plain(text);
    DELETED.contains(&text.trim_matches(['<', '>']))
}

/// Whether the words in angle brackets mean "this message was edited".
pub fn means_edited(inner: &str) -> bool {
    EDITED.contains(&plain(inner).as_str())
}

/// What `<…>` holds, if the line is that and nothing else.
pub fn inside_angles(line: &str) -> Option<&str> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
    line.strip_prefix('<')?.strip_suffix('>')
}

/// Lower case, without marks, single blanks, without a full stop at the end.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace()) {
        let start = plain.len();
        if start > 0 {
            plain.push(' ');
        }
        let before = plain.len();
        plain.extend(word.chars().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase));
        if plain.len() == before {
            plain.truncate(start);
        }
    }
    let kept = plain.trim_end_matches(['.', '。', '।']).len();
    plain.truncate(kept);
    plain
}
