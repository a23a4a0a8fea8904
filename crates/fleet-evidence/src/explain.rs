//! The words of every check.

use crate::check_id::CheckId;

pub(crate) struct Texts {
    pub title: &'static str,
    pub pass: &'static str,
    pub fail: &'static str,
    pub why: &'static str,
}

/// What a check is about and why it matters, for a person who wants to know.
pub fn explain(id: CheckId) -> String {
    let texts = texts(id);
    format!("{}. {}", texts.title, texts.why)
}

pub(crate) fn texts(id: CheckId) -> Texts {
    let (title, pass, fail, why) = words(id);
    Texts { title, pass, fail, why }
}

type Words = (&'static str, &'static str, &'static str, &'static str);

fn words(id: CheckId) -> Words {
    use CheckId::*;
    match id {
        B0 => (
            "The fleet's key document can be read",
            "The fleet's key document is complete and well formed.",
            "The fleet's key document is damaged or incomplete.",
            "Every key must be a valid point, every device must occur once, and the number of sites needed must be a majority.",
        ),
        B1 => (
            "The auditor signed these keys",
            "The independent auditor signed exactly these keys.",
            "The auditor's signature is missing or does not fit these keys.",
            "The auditor is a party that does not run the fleet. It signs a fleet's keys only after it has examined the evidence.",
        ),
        B2 => (
            "The operator confirmed the auditor's signature",
            "The operator counter-signed the auditor's signature.",
            "The operator's counter-signature is missing or does not fit the auditor's signature.",
            "Both must agree: neither the auditor nor the operator can put a fleet into service alone. The operator signs the auditor's signature, so it cannot be reused for other keys.",
        ),
        B3 => (
            "Two different, known parties signed",
            "The two signing keys are the pinned ones and belong to different parties.",
            "The signing keys are unusable or are the same key twice.",
            "Your app carries the keys of both parties. If both roles had one key, one party could act alone.",
        ),
        B4 => (
            "The signature is in the public log",
            "These keys are recorded in the public log.",
            "The proof that these keys are recorded in the public log is missing or wrong.",
            "A log that anyone can read makes it impossible to show you special keys without leaving a trace.",
        ),
        B5 => (
            "The public log only ever grew",
            "The public log continues the one this computer saw before.",
            "The public log is not the one this computer saw before.",
            "If the log had been rewritten, an entry could have been hidden from you or shown to you alone.",
        ),
        B6 => (
            "This is not an older fleet",
            "The fleet's keys are as new as, or newer than, the ones seen before.",
            "These fleet keys are older than, or contradict, the ones this computer saw before.",
            "Somebody who holds keys that were retired could otherwise bring them back.",
        ),
        B7 => (
            "The keys are within their period of use",
            "The fleet's keys are within their period of use.",
            "The fleet's keys are not valid at this time.",
            "Keys are published for a limited time. Check this computer's clock if you see this on a fleet you know.",
        ),
        B8 => (
            "The history is complete",
            "Every earlier generation of this fleet is known, back to the first.",
            "The history of this fleet has a gap or was changed.",
            "Each generation names the one before, so you can see who joined and who left, back to the beginning.",
        ),
        E0 => (
            "The evidence can be read",
            "The evidence folder can be read.",
            "The evidence folder is damaged or incomplete.",
            "The files must have the published form, or nothing can be concluded from them.",
        ),
        E1 => (
            "This is the evidence that was signed",
            "The evidence is exactly what the two parties signed.",
            "The evidence differs from what the two parties signed.",
            "The signed keys name a fingerprint of the evidence; every file is covered by it.",
        ),
        E2 => (
            "The devices are genuine",
            "Every device proves its make with a certificate of its manufacturer.",
            "A device cannot prove that it is genuine.",
            "Each YubiHSM 2 carries a key from its factory. Certificates lead from it to the maker's published root. A mock fleet leads to a test root and is always labelled.",
        ),
        E3 => (
            "Every device is a different one, with sound firmware",
            "Every device is a different one and its firmware is recent enough.",
            "A device occurs twice, is not the one named, or its firmware is too old.",
            "One device posing as several would break the rule that several must agree.",
        ),
        E4 => (
            "Every key lives in its device",
            "Every key was made inside its device and cannot leave it.",
            "A key is not proven to live in its device with the right powers.",
            "Each device attests which key it holds, how it was made and what it may do. The fleet key, by which all sites show that they belong together, was copied to the other devices during the ceremony; every other key exists once.",
        ),
        E5 => (
            "The devices' records are whole",
            "Every device's record is unbroken since its factory reset.",
            "A device's record is broken, cut or has unrecorded uses.",
            "Each line of a device's record includes a fingerprint of the line before.",
        ),
        E6 => (
            "Only the ceremony happened",
            "The records show the steps of the ceremony and nothing else.",
            "A device's record shows something that does not belong to the ceremony.",
            "Recording was switched on first. The fleet key was copied exactly once for every other device; the tools for copying were then destroyed. Nobody but the ceremony's own login did anything.",
        ),
        E7 => (
            "No hidden administrator",
            "Only the declared logins exist, with no more power than declared.",
            "A device has a login that was not declared or that can do too much.",
            "A hidden login could export or delete keys later. Each declared login can be given another key by whoever holds it, which a site does once (C3).",
        ),
        E8 => (
            "Nothing else is in the devices",
            "The devices hold nothing but the declared keys.",
            "A device holds something that was not declared.",
            "An extra key, above all a wrapping key, could be used to copy the others.",
        ),
        E9 => (
            "The devices must record every use",
            "The devices are set to record every use, and this cannot be turned off.",
            "A device is not forced to record every use.",
            "With this setting a device refuses to work rather than work unrecorded; only a factory reset, which destroys the keys, ends it. It holds for every command that can use, make, move or remove a key or a login; firmware with a command that is not known here is refused.",
        ),
        E10 => (
            "The sites are the published ones",
            "The places and addresses match the signed ones.",
            "A place or an address differs from the signed one.",
            "The sites must be separate and where they are said to be.",
        ),
        E11 => (
            "The software is named",
            "The exact software that the sites run is named.",
            "The software that the sites run is not named.",
            "With its fingerprint anyone can rebuild it from source and compare.",
        ),
        E12 => (
            "The records begin where the auditor saw them begin",
            "The records begin at the point that the auditor wrote down.",
            "A device's record does not begin at the point that the auditor wrote down.",
            "A record alone could be invented. The auditor noted how each began, before any key was made.",
        ),
        E13 => (
            "Every device vouches for its record",
            "Every device itself confirmed its record and these fleet keys.",
            "A device did not confirm its record and these fleet keys.",
            "The device signs a fingerprint of the auditor's challenge, the end of its record and the fleet's keys. It proves that this genuine device was present and committed to them then.",
        ),
        C1 => (
            "The running sites are these devices",
            "Every site answered a fresh question from its device.",
            "A site could not answer a fresh question from its device.",
            "The question is new each time, so an old answer cannot be replayed.",
        ),
        C2 => (
            "Devices were used as often as people tried",
            "The devices' published counts equal the recorded tries.",
            "A device was used more often than there were recorded tries.",
            "A surplus would mean that somebody used a device behind the back of the counter. The published record must also show nothing but a site's own work.",
        ),
        C3 => (
            "Each site made its own login, once",
            "Every site gave its logins keys of its own, once, before it used its device.",
            "The keys of a device's logins are not its site's own.",
            "The computer of the ceremony drew the first keys of all sites' logins. Each site replaces them when it starts for the first time, so that no single computer can use as many devices as a recovery needs.",
        ),
    }
}
