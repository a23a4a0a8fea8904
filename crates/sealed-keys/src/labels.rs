//! Every label this crate puts into a key derivation, a MAC, a hash or associated data. Pinned by
//! `labels.txt`.

pub(crate) const DATA_KEY: &str = "backup-data-key";
pub(crate) const META_KEY: &str = "backup-meta-key";
pub(crate) const OBJECT_ID_KEY: &str = "backup-object-id-key";
pub(crate) const HEADER_KEY: &str = "backup-header-key";
pub(crate) const CODE_COPY_KEY: &str = "backup-code-copy-key";
pub(crate) const KEY_CHECK: &str = "backup-key-check";
pub(crate) const FORMER_KEY_KEY: &str = "backup-former-key-key";
pub(crate) const COMPUTER_NAME_KEY: &str = "backup-computer-name-key";
pub(crate) const OWNER_KEY: &str = "owner-key";
pub(crate) const HEADER_MAC: &str = "backup-header-mac";
pub(crate) const FORMER_KEY: &str = "former-key";
pub(crate) const SUCCESSION: &str = "backup-succession";
pub(crate) const SLOT: &str = "key-slot";
pub(crate) const COMPUTER_ID: &str = "computer-id";
pub(crate) const COMPUTER_SLOT: &str = "computer-slot";
pub(crate) const COMPUTER_NAME: &str = "computer-name";
pub(crate) const CODE_COPY: &str = "code-copy";
pub(crate) const CODE_SALT: &str = "code-salt";
pub(crate) const LOCAL_ARCHIVE_KEY: &str = "local-archive-key";
pub(crate) const LOCAL_MEDIA_KEY: &str = "local-media-key";
pub(crate) const LOCAL_SLOT_KEY: &str = "local-slot-key";
pub(crate) const LOCAL_COMPUTER_KEY: &str = "local-computer-key";
pub(crate) const LOCAL_DATA_KEY: &str = "local-data-key";
pub(crate) const MEDIA_FILE: &str = "local-media-file";
pub(crate) const PASSKEY_UNLOCK_KEY: &str = "passkey-unlock-key";
pub(crate) const PASSKEY_PIN_KEY: &str = "passkey-pin-key";

#[cfg(test)]
mod tests {
    use super::*;

    /// A changed label makes every existing backup unreadable, so it must be changed in two places.
    #[test]
    fn labels_are_pinned() {
        let all = [
            DATA_KEY,
            META_KEY,
            OBJECT_ID_KEY,
            HEADER_KEY,
            CODE_COPY_KEY,
            KEY_CHECK,
            FORMER_KEY_KEY,
            COMPUTER_NAME_KEY,
            OWNER_KEY,
            HEADER_MAC,
            FORMER_KEY,
            SUCCESSION,
            SLOT,
            COMPUTER_ID,
            COMPUTER_SLOT,
            COMPUTER_NAME,
            CODE_COPY,
            CODE_SALT,
            LOCAL_ARCHIVE_KEY,
            LOCAL_MEDIA_KEY,
            LOCAL_SLOT_KEY,
            LOCAL_COMPUTER_KEY,
            LOCAL_DATA_KEY,
            MEDIA_FILE,
            PASSKEY_UNLOCK_KEY,
            PASSKEY_PIN_KEY,
        ];
        let printed: String = all.iter().map(|l| format!("keepsake/{l}/v1\n")).collect();
        assert_eq!(printed, include_str!("labels.txt"));
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
