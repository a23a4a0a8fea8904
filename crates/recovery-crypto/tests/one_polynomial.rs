//! Whoever makes all shares cannot make one try test several guesses.
#![allow(clippy::unwrap_used)]

mod support;

use hkdf::Hkdf;
use rand_core::{OsRng, RngCore};
use recovery_crypto::passkey::{PasskeyContext, ReleasedShare, rebuild};
use recovery_crypto::{ShareAnswer, oprf, recover};
use sha2::Sha256;
use support::fleet::{TestFleet, registration, sets};
use vault_protocol::{AccountId, Record, SiteIndex, labelled};
use vsss_rs::Gf256;
use vsss_rs::elliptic_curve::Field;
use zeroize::Zeroizing;

const GUESSES: [&[u8]; 3] = [b"guess A", b"guess B", b"guess C"];

/// An adversary who answers for all five sites: with his own keys, and shares of his own making.
struct Adversary {
    fleet: TestFleet,
    /// u_i * k_i: one number a site is all that a client sees of both.
    keys: Vec<[u8; 32]>,
    masked_shares: Vec<[u8; 32]>,
    secret: [u8; 32],
}

impl Adversary {
    /// Chooses shares such that sites 1, 2 and 3 open for guess A, 1, 2 and 4 for B, and 1, 2 and 5
    /// for C.
    fn new() -> Self {
        let fleet = TestFleet::new(5);
        let keys = (0..5).map(|_| p256::SecretKey::random(&mut OsRng).to_bytes().into()).collect();
        let mut masked_shares = vec![[0; 32]; 5];
        let mut secret = [0; 32];
        OsRng.fill_bytes(&mut secret);
        OsRng.fill_bytes(&mut masked_shares[0]);
        OsRng.fill_bytes(&mut masked_shares[1]);
        let mut adversary = Self { fleet, keys, masked_shares, secret };
        for (guess, last) in GUESSES.into_iter().zip(3..) {
            let share = at(&adversary.points(guess), last);
            let mask = adversary.mask(guess, last);
            adversary.masked_shares[usize::from(last) - 1] = xor(&share, &mask);
        }
        adversary
    }

    /// Of the polynomial that a guess is to open.
    fn points(&self, guess: &[u8]) -> [(u8, [u8; 32]); 3] {
        let share =
            |site: u8| xor(&self.masked_shares[usize::from(site) - 1], &self.mask(guess, site));
        [(0, self.secret), (1, share(1)), (2, share(2))]
    }

    fn mask(&self, guess: &[u8], site: u8) -> [u8; 32] {
        let own = oprf::blind(guess, &mut OsRng).unwrap();
        let beta = oprf::multiply(&self.keys[usize::from(site) - 1], &own.alpha()).unwrap();
        expand(&*own.finalize(&beta).unwrap(), &self.info("share-mask", &[site]))
    }

    fn info(&self, label: &str, last: &[u8]) -> Vec<u8> {
        let keys = self.fleet.bundle.keys_digest();
        let account = registration(&self.fleet.bundle).claim.account();
        labelled(label, &[&keys.0, &account.0, &1u32.to_be_bytes(), last])
    }

    /// The best record that he could get signed: it commits to the polynomial of one guess.
    fn record(&self, guess: &[u8]) -> Record {
        let points = self.points(guess);
        let polynomial = (0..=5).flat_map(|x| at(&points, x)).collect::<Vec<u8>>();
        let commitment = expand(&polynomial, &self.info("commitment", &[]));
        let honest = self.fleet.register(guess, &self.fleet.all()).unwrap();
        Record { commitment, ..honest.record }
    }

    /// Whether some sets of sites open for what a person types.
    fn opens(&self, record: &Record, typed: &[u8]) -> bool {
        let blinded = oprf::blind(typed, &mut OsRng).unwrap();
        let answer = |site: u8| ShareAnswer {
            site: SiteIndex(site),
            beta: oprf::multiply(&self.keys[usize::from(site) - 1], &blinded.alpha()).unwrap(),
            masked_share: self.masked_shares[usize::from(site) - 1],
        };
        sets(5).any(|up| {
            let answers: Vec<_> = up.iter().map(|site| answer(*site)).collect();
            recover(&self.fleet.bundle, record, &blinded, &answers).is_ok()
        })
    }
}

#[test]
fn one_try_tests_one_guess() {
    let adversary = Adversary::new();
    for (guess, last) in GUESSES.into_iter().zip(3..) {
        // The trap is set: with a commitment to the secret alone, each of these sets would open.
        let share = xor(&adversary.masked_shares[last - 1], &adversary.mask(guess, last as u8));
        let [_, one, two] = adversary.points(guess);
        assert_eq!(at(&[one, two, (last as u8, share)], 0), adversary.secret);
    }
    for committed in GUESSES {
        let record = adversary.record(committed);
        for typed in GUESSES.into_iter().chain([&b"guess D"[..]]) {
            assert_eq!(adversary.opens(&record, typed), typed == committed);
        }
    }
}

#[test]
fn shares_of_two_polynomials_rebuild_the_one_that_the_roster_commits_to() {
    // Sites 1 to 3 and 3 to 5 have shares of the same secret, on two polynomials that meet at site
    // 3.
    let fleet = TestFleet::new(5);
    let context =
        PasskeyContext { bundle: &fleet.bundle, account: AccountId([9; 16]), credential: b"one" };
    let random = || {
        let mut bytes = [0; 32];
        OsRng.fill_bytes(&mut bytes);
        bytes
    };
    let (secret, meeting) = ((0, random()), (3, random()));
    let polynomials = [[secret, meeting, (1, random())], [secret, meeting, (4, random())]];
    let share = |polynomial: &[_; 3], site| ReleasedShare {
        site: SiteIndex(site),
        share: Zeroizing::new(at(polynomial, site)),
    };
    let [first, second] = &polynomials;
    let shares: Vec<_> = [(first, 1), (first, 2), (first, 3), (second, 4), (second, 5)]
        .map(|(polynomial, site)| share(polynomial, site))
        .into();
    for (polynomial, used, liars) in [(first, [1, 2, 3], [4, 5]), (second, [3, 4, 5], [1, 2])] {
        let all: Vec<u8> = (0..=5).flat_map(|x| at(polynomial, x)).collect();
        let keys = fleet.bundle.keys_digest();
        let fields: [&[u8]; 3] = [&keys.0, &context.account.0, context.credential];
        let commitment = expand(&all, &labelled("passkey-commitment", &fields));
        let rebuilt = rebuild(&context, &commitment, &shares).unwrap();
        assert_eq!(*rebuilt.secret, secret.1);
        assert_eq!(rebuilt.used, used.map(SiteIndex));
        assert_eq!(rebuilt.liars, liars.map(SiteIndex));
        // A commitment to the secret alone is none.
        let to_secret = expand(&secret.1, &labelled("passkey-commitment", &fields));
        assert!(rebuild(&context, &to_secret, &shares).is_none());
    }
}

/// The value at `x` of the polynomial through `points`.
fn at(points: &[(u8, [u8; 32])], x: u8) -> [u8; 32] {
    let mut value = [0; 32];
    for (i, (of, y)) in points.iter().enumerate() {
        let others = points.iter().enumerate().filter(|(j, _)| *j != i);
        let weight = others.fold(Gf256::ONE, |weight, (_, (other, _))| {
            weight * Gf256(x ^ other) / Gf256(of ^ other)
        });
        value.iter_mut().zip(y).for_each(|(out, y)| *out ^= (weight * Gf256(*y)).0);
    }
    value
}

fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|i| a[i] ^ b[i])
}

fn expand(secret: &[u8], info: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(None, secret).expand(info, &mut out).unwrap();
    out
}
