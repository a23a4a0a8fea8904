//! What can be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Keepsake keeps your chats safe: import, encrypt, back up, restore.
#[derive(Parser)]
#[command(name = "keepsake", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// Print the result as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder for everything Keepsake keeps on this computer [default: the system's data folder].
    #[arg(long, global = true, value_name = "DIR", env = "KEEPSAKE_HOME")]
    pub home: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Bring exports of messengers into the local archive.
    #[command(subcommand)]
    Source(Source),
    /// Read what is in the local archive.
    #[command(subcommand)]
    Chats(Chats),
    /// People across chats and messengers: who is the same person, and what they are called.
    #[command(subcommand)]
    People(People),
    /// The local archive itself: whether it is whole.
    #[command(subcommand)]
    Archive(Archive),
    /// What this computer has: chats, recovery code, backups.
    Status,
    /// Versions, sizes and states, to send to somebody who helps: no name, no path, no secret.
    Diagnostics,
    /// The recovery code in the vault.
    #[command(subcommand)]
    Vault(Vault),
    /// Passkeys: ways into the backups without a code.
    #[command(subcommand)]
    Passkey(Passkey),
    /// Encrypted backups in a folder.
    #[command(subcommand)]
    Backup(Backup),
    /// Backups that run by themselves.
    #[command(subcommand)]
    Background(Background),
    /// Whether a fleet can be trusted.
    #[command(subcommand)]
    Fleet(Fleet),
}

#[derive(Subcommand)]
pub(crate) enum Source {
    /// Say where installed messengers keep chats on this computer. Nothing there is read.
    Places,
    /// Say what a file or folder holds, without importing it.
    Detect(SourcePath),
    /// Import an export. Importing it again adds nothing twice.
    Import(SourcePath),
}

#[derive(Args)]
pub(crate) struct SourcePath {
    /// Exports: a zip, a folder, a file in it, or a folder of exports.
    #[arg(required = true)]
    pub path: Vec<PathBuf>,
    /// The messenger, or one of its forms, if it is not to be recognised: whatsapp, telegram_json.
    #[arg(long)]
    pub kind: Option<String>,
    /// How the export writes dates, if that cannot be told from it.
    #[arg(long, value_enum)]
    pub date_order: Option<DateOrder>,
    /// Key file of an encrypted WhatsApp backup. Its 64 digits are asked for, or come from
    /// KEEPSAKE_EXPORT_KEY.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DateOrder {
    Dmy,
    Mdy,
    Ymd,
}

#[derive(Subcommand)]
pub(crate) enum Chats {
    /// All conversations, the most recent first.
    List,
    /// Messages of a conversation.
    Show {
        /// Its number or title, as `chats list` prints them.
        chat: String,
        /// Number of the first message, from 0.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// How many messages; all that follow by default.
        #[arg(long)]
        count: Option<u64>,
    },
    /// Find messages by their words.
    Search {
        query: String,
        /// Only in this conversation.
        #[arg(long)]
        chat: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Chats that may be the same, and those shown as one because of it.
    Same,
    /// Show two chats as one. `chats split` undoes it.
    Merge {
        /// Number or title.
        chat: String,
        /// Number or title of the other.
        other: String,
        /// They are two: do not propose them again.
        #[arg(long)]
        never: bool,
    },
    /// Take a chat apart into the exports of which it was made.
    Split {
        /// Number or title.
        chat: String,
    },
    /// Say which of a chat's people is you: your messages then stand on the right.
    Own {
        /// Number or title.
        chat: String,
        /// Your name in it; leave it out if you are none of them.
        person: Option<String>,
        /// Also in the messenger's other chats.
        #[arg(long)]
        everywhere: bool,
    },
    /// Delete a chat for good: from this computer, and from every backup it knows and can reach.
    /// Earlier snapshots have it until `backup prune` removes them, and other computers until it is
    /// deleted there.
    Delete {
        /// Number or title.
        chat: String,
        /// Do it. Without this, only says what would be deleted.
        #[arg(long)]
        yes: bool,
    },
    /// Write a conversation to a file others can read.
    Export {
        chat: String,
        /// A new file; with html and transcript, a new folder.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Only messages of this day (2024-03-09) and later.
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<i64>,
        /// Only messages of this day and earlier.
        #[arg(long, value_name = "DAY", value_parser = day)]
        until: Option<i64>,
        #[arg(long, value_enum, default_value_t = ExportFormat::Json)]
        format: ExportFormat,
    },
}

/// A person is named by the name that is shown, by a name or number of an export, or as
/// `messenger:number`, which `people list` prints.
#[derive(Subcommand)]
pub(crate) enum People {
    /// Everybody in the archive; with words, whoever has them in a name, number or id.
    List { words: Vec<String> },
    /// Two are the same person: one name is shown for both, everywhere. `people unlink` undoes it.
    Link { person: String, other: String },
    /// Take a link back: of these two; or of one, who is then a person of their own.
    Unlink { person: String, other: Option<String> },
    /// Call somebody by this name, everywhere in place of the exports' names and numbers.
    Rename {
        person: String,
        #[arg(required_unless_present = "undo")]
        name: Option<String>,
        /// Take the name back.
        #[arg(long, conflicts_with = "name")]
        undo: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum Archive {
    /// Read every page of the local archive and every media file.
    Check,
    /// Save what can be read of a damaged archive, and bring the rest from the backups that this
    /// computer knows. Deletes nothing: the damaged file stays under another name.
    Repair,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ExportFormat {
    /// All that the archive has.
    Json,
    /// A line per message.
    Text,
    /// The interchange format of ChatLab.
    Chatlab,
    /// Numbered pages for paper; of attachments their names alone.
    Pdf,
    /// A folder with a page for a browser, and the media.
    Html,
    /// A folder for a lawyer: a PDF with the id of each message and the SHA-256 of each file, page,
    /// text, JSON, media, and a manifest that `sha256sum -c` checks.
    Transcript,
}

/// The start of a day, in unix milliseconds.
fn day(text: &str) -> Result<i64, String> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (Some(Some(year)), Some(Some(month)), Some(Some(day))) =
        (parts.next(), parts.next(), parts.next())
    else {
        return Err("write it as 2024-03-09".into());
    };
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err("there is no such day".into());
    }
    // Hinnant's `days_from_civil`.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468;
    Ok(days * 86_400_000)
}

#[derive(Subcommand)]
pub(crate) enum Vault {
    /// Verify a fleet and register a recovery code there. Prints a generated code once.
    Enroll {
        /// The fleet's full address, with #sha256=….
        #[arg(long, value_name = "URL", env = "KEEPSAKE_FLEET_URL")]
        fleet: String,
        /// Use your own code, from KEEPSAKE_RECOVERY_CODE or typed.
        #[arg(long)]
        own_code: bool,
        /// Leave the account that this computer has, for a new one (at another fleet, say).
        #[arg(long)]
        replace: bool,
    },
    /// Prove that your code works, or with --passkey a passkey, without restoring anything.
    Drill {
        /// Prove this passkey instead, as `passkey list` names it. Spends no try.
        #[arg(long, value_name = "PASSKEY")]
        passkey: Option<String>,
        #[command(flatten)]
        attempt: TryArguments,
    },
    /// Get the key of a backup back with your code, or with --passkey. Then: backup restore.
    Recover {
        /// The backup that is to be opened.
        #[arg(long, value_name = "URL")]
        repo: String,
        #[command(flatten)]
        fleet: FleetOfBackup,
        /// With a passkey instead of the code; where it is kept [default: in a security key].
        /// Spends no try.
        #[arg(long, value_name = "WHERE", num_args = 0..=1, default_missing_value = "security-key", value_enum)]
        passkey: Option<Place>,
        #[command(flatten)]
        attempt: TryArguments,
    },
    /// Show your recovery code again, after the fleet has verified a passkey.
    RevealCode {
        /// The passkey, as `passkey list` names it.
        #[arg(long, value_name = "PASSKEY")]
        passkey: String,
    },
    /// Replace the code; the old one is dead at every site.
    RotateCode {
        /// Use your own code, from KEEPSAKE_RECOVERY_CODE or typed.
        #[arg(long)]
        own_code: bool,
    },
    /// Give all tries back, also those of a frozen code: on a computer that opens your backups.
    ResetTries,
    /// What happened to the account.
    Events,
    /// Tries left, and which sites answer.
    Status,
}

#[derive(Subcommand)]
pub(crate) enum Passkey {
    /// Make a passkey that opens your backups. The PIN comes from KEEPSAKE_PIN or is typed.
    Add {
        /// The fleet's full address, with #sha256=…; needed if this computer has no recovery code
        /// or passkey there yet.
        #[arg(long, value_name = "URL", env = "KEEPSAKE_FLEET_URL")]
        fleet: Option<String>,
        /// Where to keep it.
        #[arg(long, value_enum, value_name = "WHERE", default_value_t = Place::SecurityKey)]
        on: Place,
        /// What to call it.
        #[arg(long)]
        name: Option<String>,
    },
    /// Your passkeys, and what could hold another.
    List,
    /// Call a passkey something else, on this computer.
    Rename { passkey: String, name: String },
    /// Remove a passkey: every site destroys its part for good.
    Remove {
        /// As `passkey list` names it.
        passkey: String,
        /// Remove it even if it is the last way in beside this computer.
        #[arg(long)]
        last_way_in: bool,
        /// Erase all passkeys kept on this computer, without its PIN.
        #[arg(long)]
        forgotten_pin: bool,
    },
}

/// Where a passkey is kept.
#[derive(Clone, Copy, ValueEnum)]
pub enum Place {
    /// On this computer, guarded by its keyring and a PIN.
    ThisComputer,
    /// In a USB security key, which works on any computer.
    SecurityKey,
}

/// A backup's own word on its fleet is the word of whoever stores it.
#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct FleetOfBackup {
    /// The fleet that guards the backup: its address or its 16-character fingerprint, from the
    /// recovery sheet. Nobody else is contacted.
    #[arg(long, value_name = "URL|FINGERPRINT")]
    pub fleet: Option<String>,
    /// Take the fleet that the backup names. If somebody changed the backup, your code or passkey
    /// is tried at a fleet of theirs: they may find out a code of your own choosing guess by guess,
    /// or keep you from ever using the right one.
    #[arg(long)]
    pub trust_header: bool,
}

#[derive(Args)]
pub(crate) struct TryArguments {
    /// Try even when only one or two tries are left, without asking.
    #[arg(long)]
    pub last_tries: bool,
}

#[derive(Args)]
pub(crate) struct Repository {
    /// Where the backup is: a folder, or https:// (WebDAV), s3://, sftp:// or rclone: followed by
    /// where.
    #[arg(long, value_name = "URL")]
    pub repo: String,
}

#[derive(Args)]
pub(crate) struct Patience {
    /// Wait for another writer to end, at most so long [default with --wait: 60].
    #[arg(
        long,
        value_name = "MINUTES",
        num_args = 0..=1,
        default_missing_value = "60",
        value_parser = clap::value_parser!(u64).range(..=10_080)
    )]
    wait: Option<u64>,
}

impl Patience {
    pub(crate) fn duration(&self) -> std::time::Duration {
        std::time::Duration::from_secs(60 * self.wait.unwrap_or(0))
    }
}

/// A part of a backup.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Part {
    Messages,
    Media,
}

#[derive(Subcommand)]
pub(crate) enum BackupPlace {
    /// Try a place, and store who you are there. The secret comes from KEEPSAKE_PLACE_SECRET,
    /// typed, or a line of standard input.
    Add {
        #[command(flatten)]
        place: Repository,
        /// User, access key, or for SFTP the path of a key file. Without it what was stored is
        /// tried.
        #[arg(long)]
        name: Option<String>,
    },
    /// Places that this computer knows.
    List,
    /// Forget a place and the login for it. What is backed up there stays.
    Remove(Repository),
}

#[derive(Subcommand)]
pub(crate) enum Backup {
    /// Back up everything that is new.
    Create {
        #[command(flatten)]
        place: Repository,
        #[command(flatten)]
        patience: Patience,
    },
    /// Places for backups that are no folder: WebDAV, S3, SFTP, and what rclone reaches.
    #[command(subcommand)]
    Place(BackupPlace),
    /// The backups made so far.
    List(Repository),
    /// The chats in a backup, without restoring it.
    Browse {
        #[command(flatten)]
        place: Repository,
        /// Number of the snapshot [default: the newest].
        #[arg(long)]
        snapshot: Option<String>,
    },
    /// What one snapshot has beside an earlier one.
    Diff {
        #[command(flatten)]
        place: Repository,
        /// Number of the earlier snapshot.
        from: String,
        /// Number of the later one [default: the newest].
        to: Option<String>,
    },
    /// How much a backup holds, and how much room it takes.
    Stats(Repository),
    /// Check that a backup is whole.
    Check {
        #[command(flatten)]
        place: Repository,
        /// Read and verify every byte.
        #[arg(long)]
        read_data: bool,
    },
    /// Put back what a damaged backup has copies of, and drop the rest, so that the next `backup
    /// create` brings it again. Deletes nothing.
    Repair {
        #[command(flatten)]
        place: Repository,
        #[command(flatten)]
        patience: Patience,
    },
    /// Take the lock of a backup away, when nobody writes there any more.
    Unlock(Repository),
    /// Go on from an older state of a backup than this computer saw, because you put it there.
    AcceptOlder(Repository),
    /// Put a backup's chats into the local archive. Never overwrites or deletes.
    Restore {
        #[command(flatten)]
        place: Repository,
        /// Number of the snapshot [default: the newest].
        #[arg(long)]
        snapshot: Option<String>,
        /// Open it with its offline key first, 24 words or 64 digits, from KEEPSAKE_OFFLINE_KEY,
        /// typed, or a line of standard input.
        #[arg(long)]
        offline_key: bool,
        /// Only this chat and its media, by its title or its id in `backup browse`. May be given
        /// again.
        #[arg(long)]
        chat: Vec<String>,
        /// Only messages of this day (2024-03-09) and later, and their media.
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<i64>,
        /// Only messages of this day and earlier, and their media.
        #[arg(long, value_name = "DAY", value_parser = day)]
        until: Option<i64>,
        /// Only media, or only messages.
        #[arg(long, value_enum)]
        only: Option<Part>,
    },
    /// Remove old snapshots and what only they needed. Several rules add up; days and weeks are
    /// those of UTC, and only those count that have a snapshot.
    Prune {
        #[command(flatten)]
        place: Repository,
        /// How many of the newest snapshots stay [default without another rule: 10].
        #[arg(long, alias = "keep-last", value_name = "N")]
        keep: Option<u32>,
        /// The last of so many days.
        #[arg(long, value_name = "N", default_value_t = 0)]
        keep_daily: u32,
        /// The last of so many weeks, from Monday.
        #[arg(long, value_name = "N", default_value_t = 0)]
        keep_weekly: u32,
        /// The last of so many months.
        #[arg(long, value_name = "N", default_value_t = 0)]
        keep_monthly: u32,
        /// The last of so many years.
        #[arg(long, value_name = "N", default_value_t = 0)]
        keep_yearly: u32,
        /// Only say what would be removed.
        #[arg(long)]
        dry_run: bool,
    },
    /// Take chats out of a backup: the next snapshot is without them and their media. Earlier ones
    /// have them until they are pruned. The chats on this computer stay; `chats delete` deletes
    /// both.
    Forget {
        #[command(flatten)]
        place: Repository,
        /// Title, or id in `backup browse`. May be given again.
        #[arg(long, required = true)]
        chat: Vec<String>,
    },
    /// Copy a backup to another place, or bring an earlier copy up to date. Nothing is decrypted on
    /// the way; the copy opens as the backup does.
    Copy {
        #[command(flatten)]
        place: Repository,
        /// Where the copy is to be, written as --repo.
        #[arg(long, value_name = "PLACE")]
        to: String,
    },
    /// Write the header of a backup to a new file. With it and a way back, such as an offline key,
    /// a backup opens that has lost its own: put it there as keepsake.json.
    ExportHeader {
        #[command(flatten)]
        place: Repository,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Make an offline key for a backup and print it once, as 24 words and as 64 digits.
    OfflineKey(Repository),
    /// Change the key of all your backups, because it may have leaked: what opened them before
    /// opens nothing that is backed up from then on. Old snapshots stay. Your other computers,
    /// codes, passkeys and offline keys are left out.
    Rekey {
        /// A computer that gets the new key by itself, by name or id; may be repeated.
        #[arg(long, value_name = "COMPUTER")]
        keep: Vec<String>,
        /// Forget a change that was prepared and not made.
        #[arg(long, conflicts_with_all = ["keep", "fleet", "without_vault", "own_code", "offline_key", "yes"])]
        give_up: bool,
        #[command(flatten)]
        change: KeyChange,
    },
    /// The computers that open your backups.
    #[command(subcommand)]
    Computers(Computers),
    /// The offline keys that open a backup.
    OfflineKeys(Repository),
    /// From now on, an offline key does not open the backup any more. Older copies of the backup
    /// still open with it.
    RemoveOfflineKey {
        #[command(flatten)]
        place: Repository,
        /// As `backup offline-keys` names it.
        id: String,
    },
    /// Write a backup's contents as plain files, with nothing but its key: no vault, no network.
    Decrypt {
        #[command(flatten)]
        place: Repository,
        /// The key, 24 words or 64 digits. Better: leave it out and use KEEPSAKE_BACKUP_KEY or type
        /// it.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Background {
    /// Look once whether backups are due, and make those that are. Needs nobody: it never asks.
    /// Ends with 1 if a backup failed.
    Run {
        /// Say nothing but what failed.
        #[arg(long)]
        quiet: bool,
    },
    /// Whether the system starts such runs, how often backups are made, and what waits.
    Status,
    /// Have the system start a run every quarter of an hour, while no window is open. Writes units
    /// to the systemd folder of this user.
    Enable,
    /// Take that back, and remove the units.
    Disable,
    /// How often backups are made by themselves, here and in the open window.
    Schedule {
        #[arg(value_enum)]
        every: Every,
    },
    /// Look through a folder for new exports, with each run and while the window is open. What is
    /// there already is not new.
    Watch {
        #[arg(long, value_name = "DIR")]
        folder: String,
        /// Import them without asking; otherwise they are only offered.
        #[arg(long)]
        import: bool,
    },
    /// Do not look through a folder any more.
    Unwatch {
        #[arg(long, value_name = "DIR")]
        folder: String,
    },
    /// The newest lines of the log. It names no person, chat or place.
    Log {
        #[arg(long, value_name = "N", default_value_t = 50)]
        lines: u16,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Every {
    Off,
    /// As soon as something is new.
    Change,
    Hourly,
    Daily,
    Weekly,
}

#[derive(Subcommand)]
pub(crate) enum Computers {
    /// Those that have backed up, with the digits that name them.
    List,
    /// Remove a computer, because it was stolen or sold: the key of all your backups is changed,
    /// and every other computer gets the new one.
    Remove {
        /// Its name, or the first eight digits of its id.
        computer: String,
        #[command(flatten)]
        change: KeyChange,
    },
}

/// How a change of the backup key is made.
#[derive(Args)]
pub(crate) struct KeyChange {
    /// The fleet for the new recovery code [default: where this computer's code is].
    #[arg(long, value_name = "URL")]
    pub fleet: Option<String>,
    /// No recovery code, whatever there was.
    #[arg(long, conflicts_with_all = ["fleet", "own_code"])]
    pub without_vault: bool,
    /// Use your own code, from KEEPSAKE_RECOVERY_CODE or typed.
    #[arg(long)]
    pub own_code: bool,
    /// Also make a new offline key.
    #[arg(long)]
    pub offline_key: bool,
    /// Make the change without asking: you have the new code and key on paper, or see that you get
    /// them there.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Subcommand)]
pub(crate) enum Fleet {
    /// Verify a fleet, check by check. Ends with 1 if any check fails.
    Verify(FleetVerify),
    /// Every epoch from the first: who appeared, who left, what was revoked.
    History {
        /// A fleet address.
        #[arg(long, value_name = "URL")]
        fleet: String,
    },
    /// The fleet that holds this computer's recovery code.
    Show,
}

#[derive(clap::Args)]
pub(crate) struct FleetVerify {
    /// A fleet address, or a signed bundle in a file.
    #[arg(long, value_name = "FILE|URL", required_unless_present = "explain")]
    pub bundle: Option<String>,
    /// Trust document for a bundle in a file [default: one of the fleets this computer knows].
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Evidence: a folder or a tar file on this computer, or a folder on a web server [default for
    /// an address: where the fleet publishes it].
    #[arg(long, value_name = "DIR|FILE.tar|URL")]
    pub evidence: Option<String>,
    /// Ask the running sites too [default: yes for an address].
    #[arg(
        long,
        value_name = "YES|NO",
        num_args = 0..=1,
        default_missing_value = "yes",
        value_parser = yes_or_no
    )]
    pub live: Option<bool>,
    /// Say what a check is about, such as E5.
    #[arg(long, value_name = "CHECK")]
    pub explain: Option<String>,
    /// Write the report to a file: JSON, or a page if it ends in .html.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Folder with the signed bundles of earlier epochs, for a bundle in a file.
    #[arg(long, value_name = "DIR")]
    pub history: Option<PathBuf>,
    /// What an earlier verification saw (seen.json), for a bundle in a file.
    #[arg(long, value_name = "FILE")]
    pub seen: Option<PathBuf>,
    /// Proof (JSON list of hashes) that the log only grew since then.
    #[arg(long, value_name = "FILE")]
    pub consistency: Option<PathBuf>,
    /// Verify a bundle in a file as of this time.
    #[arg(long, value_name = "UNIX SECONDS")]
    pub at: Option<u64>,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err("yes or no".into()),
    }
}
