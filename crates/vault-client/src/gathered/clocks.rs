//! What time it is, as most sites say (spec/vault-protocol.md section 7.1).

use vault_protocol::limits::CLOCK_TOLERANCE;

/// Clocks within it of each other can all be within the tolerance of one time between them.
const SPAN: u64 = 2 * CLOCK_TOLERANCE;

/// The middle of the largest group of clocks that lie within 240 s; of two groups that are equally
/// large, the closer one, then the earlier. `None` without any clock.
pub(crate) fn time_of(clocks: &[u64]) -> Option<u64> {
    let mut sorted = clocks.to_vec();
    sorted.sort_unstable();
    let groups = sorted.iter().enumerate().map(|(from, first)| {
        let group: Vec<_> =
            sorted[from..].iter().take_while(|clock| **clock - first <= SPAN).collect();
        let width = group.last().map_or(0, |last| **last - first);
        (group.len(), width, *first)
    });
    // The largest, of these the closest, of these the earliest: `min_by_key` takes the first of
    // equals.
    let (_, width, first) = groups.min_by_key(|(len, width, _)| (usize::MAX - len, *width))?;
    Some(first.saturating_add(width / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_800_000_000;

    #[test]
    fn one_wrong_clock_hurts_nobody() {
        for wrong in [0, NOON - 3600, NOON + 3600, NOON + 86_400, u64::MAX] {
            let time = time_of(&[NOON + 1, wrong, NOON - 1, NOON, NOON + 2]).unwrap();
            assert!(time.abs_diff(NOON) <= 2, "{wrong}");
        }
    }

    #[test]
    fn every_clock_of_the_group_tolerates_the_time() {
        let clocks = [NOON, NOON + SPAN, NOON + 100];
        let time = time_of(&clocks).unwrap();
        assert!(clocks.iter().all(|clock| clock.abs_diff(time) <= CLOCK_TOLERANCE));
    }

    #[test]
    fn the_larger_group_wins_however_close_the_smaller_one_is() {
        let time = time_of(&[NOON, NOON + 120, NOON + 240, NOON + 9000, NOON + 9000]).unwrap();
        assert_eq!(time, NOON + 120);
        let time = time_of(&[NOON, NOON + 200, NOON + 9000, NOON + 9001]).unwrap();
        assert_eq!(time, NOON + 9000, "the closer of two equally large ones");
        assert_eq!(time_of(&[NOON + 9000, NOON]), Some(NOON), "the earlier of two equal ones");
    }

    #[test]
    fn without_clocks_there_is_no_time() {
        assert_eq!(time_of(&[]), None);
    }
}
