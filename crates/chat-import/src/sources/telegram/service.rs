//! What Telegram itself says, as a sentence.

use chat_archive::Sort;
use serde_json::Value;

use super::fields::{self, number_in, text};
use super::words;

/// Sentence for an action: `{}` is the detail.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("create_group", "title", "created the group “{}”"),
    ("create_channel", "title", "created the channel “{}”"),
    ("edit_group_title", "title", "changed the group's name to “{}”"),
    ("edit_group_photo", "", "changed the group's photo"),
    ("delete_group_photo", "", "removed the group's photo"),
    ("invite_members", "members", "added {}"),
    ("remove_members", "members", "removed {}"),
    ("join_group_by_link", "", "joined by a link"),
    ("join_group_by_request", "", "joined by a request"),
    ("pin_message", "", "pinned a message"),
    ("clear_history", "", "cleared the history"),
    ("group_call", "", "started a group call"),
    ("group_call_scheduled", "", "scheduled a group call"),
    ("invite_to_group_call", "members", "invited {} to a group call"),
    ("conference_call", "", "made a group call"),
    ("migrate_to_supergroup", "", "made this group a supergroup"),
    ("migrate_from_group", "title", "made this a supergroup of “{}”"),
    ("joined_telegram", "", "joined Telegram"),
    ("edit_chat_theme", "emoticon", "changed the theme to {}"),
    ("set_chat_theme", "emoticon", "changed the theme to {}"),
    ("set_chat_wallpaper", "", "changed the wallpaper"),
    ("set_same_chat_wallpaper", "", "changed the wallpaper"),
    ("set_messages_ttl", "period", "changed after how long messages vanish"),
    ("score_in_game", "score", "scored {} in a game"),
    ("take_screenshot", "", "took a screenshot"),
    ("topic_created", "title", "created the topic “{}”"),
    ("topic_edit", "new_title", "changed the topic to “{}”"),
    ("send_premium_gift", "months", "gave Telegram Premium for {} months"),
    ("gift_premium", "months", "gave Telegram Premium for {} months"),
    ("send_stars_gift", "stars", "gave {} stars"),
    ("send_star_gift", "stars", "sent a gift of {} stars"),
    ("gift_code_prize", "months", "won Telegram Premium for {} months"),
    ("giveaway_launch", "", "launched a giveaway"),
    ("giveaway_results", "winners", "announced {} winners of a giveaway"),
    ("boost_apply", "boosts", "boosted the group {} times"),
    ("suggest_profile_photo", "", "suggested a profile photo"),
    ("requested_peer", "", "shared a chat with the bot"),
    ("send_payment", "amount", "paid {}"),
    ("payment_refunded", "amount", "got {} back"),
    ("proximity_reached", "distance", "came within {} meters"),
    ("custom_action", "", "did something"),
    ("allow_sending_messages", "", "allowed the bot to send messages"),
    ("todo_completions", "", "changed what is done in a checklist"),
    ("todo_append_tasks", "", "added tasks to a checklist"),
];

/// `Ada created the group “Chess”`; unknown actions keep their name. Words are never lost.
pub(super) fn sentence(message: &Value) -> (String, Option<Sort>) {
    let actor = text(message, "actor").or_else(|| text(message, "from")).unwrap_or("Someone");
    let action = text(message, "action").unwrap_or_default();
    let (said, sort) = match action {
        "phone_call" => (call(message), Some(Sort::Call)),
        "" => (text(message, "information_text").unwrap_or("did something").to_owned(), None),
        _ => (in_words(message, action), None),
    };
    let mut sentence = format!("{actor} {said}");
    for key in ["information_text", "text"] {
        let words = fields::words(message, key).filter(|words| !sentence.contains(words.as_str()));
        if let Some(words) = words {
            sentence.push('\n');
            sentence.push_str(&words);
        }
    }
    (sentence, sort)
}

fn in_words(message: &Value, action: &str) -> String {
    let Some((_, key, sentence)) = SENTENCES.iter().find(|(a, _, _)| *a == action) else {
        return action.replace('_', " ");
    };
    match message.get(key).and_then(words::names) {
        Some(detail) => sentence.replace("{}", &detail),
        None => sentence.split(' ').take_while(|w| !w.contains("{}")).collect::<Vec<_>>().join(" "),
    }
}

/// `called (42 seconds)`, `called: missed`.
fn call(message: &Value) -> String {
    let seconds = number_in(message, "duration_seconds").or_else(|| number_in(message, "duration"));
    let outcome = text(message, "discard_reason").filter(|reason| *reason != "hangup");
    match (seconds.filter(|s| *s > 0), outcome) {
        (Some(seconds), _) => format!("called ({seconds} seconds)"),
        (None, Some("missed")) => "called: missed".into(),
        (None, Some("busy")) => "called: busy".into(),
        (None, Some(reason)) => format!("called: {}", reason.replace('_', " ")),
        (None, None) => "called".into(),
    }
}
