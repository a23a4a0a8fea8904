use yubihsm::device::ErrorKind;
use yubihsm::object::Origin;
use yubihsm::{Capability, Client, wrap};

use crate::rig::{ASYMMETRIC, DOMAIN, Rig, generate, public_point, refusal};

const WRAP_KEY: u16 = 0x0301;
const FLEET_KEY: u16 = 0x0103;

fn both_ways() -> Capability {
    Capability::EXPORT_WRAPPED | Capability::IMPORT_WRAPPED
}

fn fleet() -> Capability {
    Capability::DERIVE_ECDH | Capability::EXPORTABLE_UNDER_WRAP
}

fn put_wrap_key(client: &Client, own: Capability, delegated: Capability) {
    let algorithm = wrap::Algorithm::Aes256Ccm;
    client
        .put_wrap_key(WRAP_KEY, "wrap".into(), DOMAIN, own, delegated, algorithm, [7; 32])
        .unwrap();
}

#[test]
fn a_key_moves_between_devices_under_wrap() {
    let (from, to) = (Rig::new(1), Rig::new(2));
    let (from, to) = (from.admin(), to.admin());
    put_wrap_key(&from, both_ways(), fleet());
    put_wrap_key(&to, both_ways(), fleet());
    generate(&from, FLEET_KEY, fleet());
    let sealed = from.export_wrapped(WRAP_KEY, ASYMMETRIC, FLEET_KEY).unwrap();
    // Nonce 13, header 59, private key 32, tag 16.
    assert_eq!(sealed.clone().into_vec().len(), 120);
    let handle = to.import_wrapped(WRAP_KEY, sealed.clone()).unwrap();
    assert_eq!((handle.object_id, handle.object_type), (FLEET_KEY, ASYMMETRIC));
    assert_eq!(public_point(&to, FLEET_KEY), public_point(&from, FLEET_KEY));
    let info = to.get_object_info(FLEET_KEY, ASYMMETRIC).unwrap();
    assert_eq!((info.origin, info.capabilities), (Origin::WrappedGenerated, fleet()));
    assert!(to.import_wrapped(WRAP_KEY, sealed).is_err(), "the id is taken");
}

#[test]
fn an_object_leaves_only_if_it_and_the_wrap_key_allow_it() {
    let rig = Rig::new(1);
    let client = rig.admin();
    generate(&client, 1, Capability::DERIVE_ECDH);
    generate(&client, 2, fleet());
    let export = |id| client.export_wrapped(WRAP_KEY, ASYMMETRIC, id);
    let wrap_type = yubihsm::object::Type::WrapKey;

    put_wrap_key(&client, both_ways(), fleet());
    assert_eq!(refusal(export(1)), ErrorKind::InsufficientPermissions, "not exportable");
    assert_eq!(refusal(export(3)), ErrorKind::ObjectNotFound);
    client.delete_object(WRAP_KEY, wrap_type).unwrap();

    put_wrap_key(&client, both_ways(), Capability::EXPORTABLE_UNDER_WRAP);
    assert_eq!(
        refusal(export(2)),
        ErrorKind::InsufficientPermissions,
        "derive-ecdh is not delegated"
    );
    client.delete_object(WRAP_KEY, wrap_type).unwrap();

    put_wrap_key(&client, Capability::IMPORT_WRAPPED, fleet());
    assert_eq!(
        refusal(export(2)),
        ErrorKind::InsufficientPermissions,
        "the wrap key cannot export"
    );
    client.delete_object(WRAP_KEY, wrap_type).unwrap();
    assert_eq!(refusal(export(2)), ErrorKind::ObjectNotFound);
}

#[test]
fn an_object_comes_in_only_if_the_wrap_key_allows_it() {
    let (from, to) = (Rig::new(1), Rig::new(2));
    let (from, to) = (from.admin(), to.admin());
    put_wrap_key(&from, both_ways(), fleet());
    generate(&from, FLEET_KEY, fleet());
    let sealed = from.export_wrapped(WRAP_KEY, ASYMMETRIC, FLEET_KEY).unwrap();
    let wrap_type = yubihsm::object::Type::WrapKey;

    put_wrap_key(&to, Capability::EXPORT_WRAPPED, fleet());
    assert_eq!(
        refusal(to.import_wrapped(WRAP_KEY, sealed.clone())),
        ErrorKind::InsufficientPermissions
    );
    to.delete_object(WRAP_KEY, wrap_type).unwrap();

    put_wrap_key(&to, both_ways(), Capability::EXPORTABLE_UNDER_WRAP);
    assert_eq!(
        refusal(to.import_wrapped(WRAP_KEY, sealed.clone())),
        ErrorKind::InsufficientPermissions
    );
    to.delete_object(WRAP_KEY, wrap_type).unwrap();

    put_wrap_key(&to, both_ways(), fleet());
    let mut altered = sealed;
    altered.ciphertext[0] ^= 1;
    assert_eq!(refusal(to.import_wrapped(WRAP_KEY, altered)), ErrorKind::InvalidData);
}

#[test]
fn data_wraps_and_unwraps() {
    let rig = Rig::new(1);
    let client = rig.admin();
    let both = Capability::WRAP_DATA | Capability::UNWRAP_DATA;
    let algorithm = wrap::Algorithm::Aes192Ccm;
    let id = client
        .generate_wrap_key(0, "w".into(), DOMAIN, both, Capability::empty(), algorithm)
        .unwrap();
    for length in [1, 16, 1024, 1989] {
        let data = vec![3; length];
        let sealed = client.wrap_data(id, data.clone()).unwrap();
        assert_eq!(client.unwrap_data(id, sealed).unwrap(), data);
    }
    let id = client
        .generate_wrap_key(
            0,
            "w".into(),
            DOMAIN,
            Capability::UNWRAP_DATA,
            Capability::empty(),
            algorithm,
        )
        .unwrap();
    assert_eq!(refusal(client.wrap_data(id, vec![1])), ErrorKind::InvalidData);
}
