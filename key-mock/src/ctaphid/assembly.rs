//! A message of the platform that is being put together. Only one at a time: that is what makes a
//! key busy.

use super::{Command, ErrorCode, MAX_MESSAGE, Message, Packet, Report};

#[derive(Default)]
pub(crate) struct Assembly(Option<Partial>);

struct Partial {
    message: Message,
    length: usize,
    next: u8,
}

/// What is answered instead, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub channel: u32,
    pub code: ErrorCode,
}

impl Assembly {
    /// Forgets what was begun, and tells on which channel.
    pub(crate) fn abandon(&mut self) -> Option<u32> {
        self.0.take().map(|partial| partial.message.channel)
    }

    pub(crate) fn add(&mut self, report: &Report) -> Result<Option<Message>, Refusal> {
        match Packet::read(report) {
            Packet::Start { channel, command, length, data } => {
                self.allow(channel, command, length)?;
                self.0 = Some(Partial {
                    message: Message { channel, command, bytes: vec![] },
                    length,
                    next: 0,
                });
                Ok(self.extend(data))
            }
            Packet::Rest { channel, sequence, data } => {
                // What belongs to no message is ignored (CTAP 2.1, 11.2.4).
                let Some(partial) =
                    self.0.as_mut().filter(|begun| begun.message.channel == channel)
                else {
                    return Ok(None);
                };
                if sequence != partial.next {
                    self.abandon();
                    return Err(Refusal { channel, code: ErrorCode::InvalidSequence });
                }
                partial.next += 1;
                Ok(self.extend(data))
            }
        }
    }

    fn allow(&mut self, channel: u32, command: u8, length: usize) -> Result<(), Refusal> {
        let refused = |code| Err(Refusal { channel, code });
        if length > MAX_MESSAGE {
            return refused(ErrorCode::InvalidLength);
        }
        match self.0.as_ref().map(|begun| begun.message.channel) {
            // A platform that has lost its way begins anew with `Init`.
            Some(begun) if begun == channel && command == Command::Init as u8 => Ok(()),
            Some(begun) if begun == channel => {
                self.abandon();
                refused(ErrorCode::InvalidSequence)
            }
            Some(_) => refused(ErrorCode::ChannelBusy),
            None => Ok(()),
        }
    }

    fn extend(&mut self, data: &[u8]) -> Option<Message> {
        let partial = self.0.as_mut()?;
        let missing = partial.length - partial.message.bytes.len();
        partial.message.bytes.extend_from_slice(&data[..data.len().min(missing)]);
        if partial.message.bytes.len() < partial.length {
            None
        } else {
            self.0.take().map(|whole| whole.message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::REPORT;
    use super::*;
    use passkey_transports::hid;
    use proptest::prelude::*;

    fn message(channel: u32, length: usize) -> Message {
        Message::new(channel, Command::Ping, (0..length).map(|i| i as u8).collect::<Vec<_>>())
    }

    fn assemble(reports: &[Report]) -> Option<Message> {
        let mut assembly = Assembly::default();
        let (last, first) = reports.split_last().unwrap();
        first.iter().for_each(|report| assert_eq!(assembly.add(report), Ok(None)));
        assembly.add(last).unwrap()
    }

    /// The crate writes channels in the byte order of the computer, for to it they are only names.
    fn theirs(message: &Message) -> hid::Message {
        hid::Message::new(message.channel.to_be(), hid::Command::Ping, &message.bytes).unwrap()
    }

    #[test]
    fn the_crate_passkey_transports_cuts_messages_the_same_way() {
        for length in [0, 1, 56, 57, 58, 116, 117, 1024, 57 + 127 * 59] {
            let message = message(0x0102_0304, length);
            let mut written = vec![];
            theirs(&message).send(&mut written).unwrap();
            let (reports, []) = written.as_chunks::<REPORT>() else { panic!("half a report") };
            assert_eq!(reports, message.reports(), "{length}");
            assert_eq!(assemble(reports), Some(message));
        }
    }

    #[test]
    fn the_longest_message_comes_back_whole_and_a_longer_one_is_refused() {
        let longest = message(7, MAX_MESSAGE);
        assert_eq!(assemble(&longest.reports()), Some(longest));
        let mut report = message(7, 57).reports()[0];
        report[5..7].copy_from_slice(&(MAX_MESSAGE as u16 + 1).to_be_bytes());
        let refusal = Refusal { channel: 7, code: ErrorCode::InvalidLength };
        assert_eq!(Assembly::default().add(&report), Err(refusal));
    }

    #[test]
    fn a_lost_report_ends_the_message() {
        let reports = message(7, 200).reports();
        let mut assembly = Assembly::default();
        assert_eq!(assembly.add(&reports[0]), Ok(None));
        let lost = Refusal { channel: 7, code: ErrorCode::InvalidSequence };
        assert_eq!(assembly.add(&reports[2]), Err(lost));
        assert_eq!(assembly.add(&reports[3]), Ok(None), "belongs to nothing now");
        assert_eq!(assembly.abandon(), None);
    }

    #[test]
    fn another_channel_waits_and_init_begins_anew() {
        let reports = message(7, 200).reports();
        let mut assembly = Assembly::default();
        assert_eq!(assembly.add(&reports[0]), Ok(None));
        let busy = Refusal { channel: 8, code: ErrorCode::ChannelBusy };
        assert_eq!(assembly.add(&message(8, 1).reports()[0]), Err(busy));
        assert_eq!(
            assembly.add(&message(8, 200).reports()[1]),
            Ok(None),
            "another channel's report"
        );
        assert_eq!(assembly.add(&reports[1]), Ok(None));
        let init = Message::new(7, Command::Init, [1; 8]);
        assert_eq!(assembly.add(&init.reports()[0]), Ok(Some(init)));
        assert_eq!(assembly.add(&reports[0]), Ok(None));
        let again = Refusal { channel: 7, code: ErrorCode::InvalidSequence };
        assert_eq!(assembly.add(&reports[0]), Err(again));
    }

    proptest! {
        #[test]
        fn any_reports_are_messages_or_refusals(
            reports in proptest::collection::vec(any::<[u8; 8]>(), 0..200),
        ) {
            let mut assembly = Assembly::default();
            for head in reports {
                let mut report = [0; REPORT];
                report[..8].copy_from_slice(&head);
                report[..3].fill(0);
                if let Ok(Some(message)) = assembly.add(&report) {
                    prop_assert!(message.bytes.len() <= MAX_MESSAGE);
                }
            }
        }
    }
}
