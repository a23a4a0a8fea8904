//! What a message holds besides text and files, put into words.

use chat_archive::Sort;
use serde_json::Value;

use super::fields::{number_in, rich_text, text, words};

/// Words of a message, and what sort it is.
pub(super) fn of(message: &Value) -> (String, Option<Sort>) {
    let mut sort = None;
    let mut parts = vec![words(message, "text").unwrap_or_default()];
    let mut add = |found: Option<String>, about: Option<Sort>| {
        if let Some(words) = found.filter(|w| !w.is_empty()) {
            sort = sort.or(about);
            parts.push(words);
        }
    };
    add(message.get("location_information").and_then(place), Some(Sort::Location));
    for key in ["place_name", "address", "game_title", "sticker_emoji"] {
        add(text(message, key).map(str::to_owned), None);
    }
    add(message.get("contact_information").map(contact), Some(Sort::Contact));
    add(message.get("poll").map(poll), Some(Sort::Poll));
    add(message.get("todo_list").map(checklist), Some(Sort::Poll));
    add(message.get("invoice_information").map(invoice), None);
    add(message.get("giveaway_information").map(giveaway), None);
    add(message.get("giveaway_results").map(giveaway_results), None);
    add(message.get("story_data").or_else(|| message.get("story")).map(story), None);
    add(number_in(message, "paid_stars_amount").map(|stars| format!("for {stars} stars")), None);
    add(message.get("dice").and_then(dice), None);
    parts.retain(|p| !p.is_empty());
    (parts.join("\n"), sort)
}

fn place(place: &Value) -> Option<String> {
    let at = |key: &str| place.get(key).and_then(Value::as_f64);
    Some(format!("geo:{},{}", at("latitude")?, at("longitude")?))
}

fn contact(contact: &Value) -> String {
    let fields =
        ["first_name", "last_name", "phone_number"].iter().filter_map(|k| text(contact, k));
    fields.collect::<Vec<_>>().join(" ")
}

fn poll(poll: &Value) -> String {
    let mut said = words(poll, "question").unwrap_or_default();
    for answer in list(poll, "answers") {
        let voters = number_in(answer, "voters").unwrap_or(0);
        said.push_str(&format!("\n• {} ({voters})", words(answer, "text").unwrap_or_default()));
    }
    said
}

/// Title and tasks; those that are done say by whom.
fn checklist(checklist: &Value) -> String {
    let mut said = words(checklist, "title").unwrap_or_default();
    for task in list(checklist, "answers") {
        let done = task
            .get("completed_by")
            .or_else(|| task.get("completion_date"))
            .is_some_and(|v| !v.is_null());
        let mark = if done { "☑" } else { "☐" };
        said.push_str(&format!("\n{mark} {}", words(task, "text").unwrap_or_default()));
    }
    said
}

/// `Ticket: One seat, 12.00 EUR`; the amount is in the currency's smallest unit.
fn invoice(invoice: &Value) -> String {
    let parts = [text(invoice, "title"), text(invoice, "description")];
    let mut said = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
    if let Some(amount) = number_in(invoice, "amount") {
        let currency = text(invoice, "currency").unwrap_or_default();
        said.push_str(&format!(", {} {currency}", money(amount, currency)));
    }
    said
}

/// Currencies without hundredths (ISO 4217) and Telegram's stars are whole.
fn money(amount: i64, currency: &str) -> String {
    match currency {
        "XTR" | "JPY" | "KRW" | "CLP" | "VND" | "ISK" | "PYG" | "UGX" => amount.to_string(),
        _ => format!("{}.{:02}", amount / 100, (amount % 100).abs()),
    }
}

fn giveaway(giveaway: &Value) -> String {
    let prize = text(giveaway, "additional_prize").unwrap_or("prizes");
    let winners = number_in(giveaway, "quantity").unwrap_or(1);
    format!("Giveaway: {prize}, {winners} to win")
}

fn giveaway_results(results: &Value) -> String {
    format!("Giveaway: {} have won", number_in(results, "winners_count").unwrap_or(0))
}

fn story(story: &Value) -> String {
    match text(story, "file").or_else(|| text(story, "photo")) {
        Some(file) => format!("Story: {file}"),
        None => "Story".into(),
    }
}

fn dice(dice: &Value) -> Option<String> {
    Some(format!("{} {}", text(dice, "emoji").unwrap_or("🎲"), number_in(dice, "value")?))
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Members of a service message, by name.
pub(super) fn names(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(names) => {
            let names = names
                .iter()
                .map(|n| if n.is_null() { "a deleted account".into() } else { rich_text(n) });
            Some(names.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}
