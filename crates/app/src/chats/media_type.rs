//! What the bytes of a file are, by its first bytes. Pure.

const PLAIN_BYTES: &str = "application/octet-stream";

/// An export's own word is not taken: SVG and HTML can carry scripts, and are plain bytes.
pub(super) fn type_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => "image/avif",
        [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A', ..] => "audio/mp4",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "video/mp4",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "video/webm",
        [b'O', b'g', b'g', b'S', ..] => "audio/ogg",
        [b'I', b'D', b'3', ..] | [0xFF, 0xFB, ..] => "audio/mpeg",
        [b'%', b'P', b'D', b'F', b'-', ..] => "application/pdf",
        _ => PLAIN_BYTES,
    }
}

/// The ending under which another program may open a file of this type; none for what could
/// be a program.
pub(super) fn ending(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/avif" => "avif",
        "audio/mp4" => "m4a",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "application/pdf" => "pdf",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_carry_a_script_is_plain_bytes() {
        for text in [
            "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
            "<!doctype html><script>",
            "#!/bin/sh",
            "[Desktop Entry]",
            "MZ",
            "",
        ] {
            assert_eq!(type_of(text.as_bytes()), PLAIN_BYTES);
            assert_eq!(ending(type_of(text.as_bytes())), None);
        }
        assert_eq!(type_of(&[0x89, b'P', b'N', b'G', 13]), "image/png");
        assert_eq!(type_of(b"\0\0\0\x18ftypmp42"), "video/mp4");
        assert_eq!(ending(type_of(b"%PDF-1.7")), Some("pdf"));
    }
}
