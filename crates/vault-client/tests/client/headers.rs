//! The storage provider changes the backup's header: no try is spent, and the person hears of it.

use super::support::*;
use vault_client::{Header, HeaderPart, VaultError};
use vault_protocol::{CodeOrigin, CodeParameters, KeysDigest};

async fn refused(world: &World, header: Header) -> VaultError {
    let before = world.guesses().await;
    let refused = world.ada.try_with(&world.client, header, &world.ada.code).await.unwrap_err();
    assert_eq!(world.guesses().await, before, "a try was spent");
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.next_slot(), 1, "a slot was spent");
    refused
}

#[tokio::test(start_paused = true)]
async fn every_altered_field_is_found_before_a_try() {
    for origin in [CodeOrigin::Generated, CodeOrigin::Own] {
        let world = World::with(origin).await;
        let header = world.ada.header();
        let other = match origin {
            CodeOrigin::Own => CodeOrigin::Generated,
            CodeOrigin::Generated => CodeOrigin::Own,
        };
        let CodeParameters { memory_kib, passes, lanes } = header.parameters;
        let parameters = |memory_kib, passes, lanes| Header {
            parameters: CodeParameters { memory_kib, passes, lanes },
            ..header
        };
        let altered = [
            (parameters(memory_kib, passes + 1, lanes), HeaderPart::Parameters),
            (parameters(memory_kib / 2, passes, lanes), HeaderPart::Parameters),
            (parameters(memory_kib, passes, 1), HeaderPart::Parameters),
            (Header { origin: other, ..header }, HeaderPart::Origin),
            (Header { version: 2, ..header }, HeaderPart::Version),
            (Header { keys: KeysDigest([9; 32]), ..header }, HeaderPart::Keys),
        ];
        for (header, part) in altered {
            let refused = refused(&world, header).await;
            let found = matches!(&refused, VaultError::HeaderAltered(found) if *found == part);
            assert!(found, "{part:?}: {refused:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_secret_of_an_own_code_is_an_altered_header() {
    let mut world = World::with(CodeOrigin::Own).await;
    world.ada.secret[0] ^= 1;
    let header = world.ada.header();
    let refused = refused(&world, header).await;
    assert!(matches!(refused, VaultError::HeaderAltered(HeaderPart::Access)), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn another_secret_of_a_generated_code_looks_like_a_wrong_code_and_costs_nothing() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.ada.secret[0] ^= 1;
    let header = world.ada.header();
    let refused = refused(&world, header).await;
    assert!(matches!(&refused, VaultError::WrongCode(wrong) if !wrong.spent), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn keys_of_another_fleet_are_told_where_the_account_is_not_known() {
    let world = World::with(CodeOrigin::Generated).await;
    let keys = KeysDigest([9; 32]);
    let header = Header { account: NOBODY, keys, ..world.ada.header() };
    let refused = world.ada.try_with(&world.client, header, "code").await;
    assert!(matches!(refused, Err(VaultError::OtherKeys { keys: k }) if k == keys), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn sites_that_are_behind_do_not_make_a_true_header_look_altered() {
    let mut world = World::with(CodeOrigin::Generated).await;
    // Sites 4 and 5 hear of nothing; site 3 is set back and cut off from those that know more.
    let before = world.fleet.copy_of_disk(site(3));
    world.kill(&[4, 5]);
    world.ada.enroll(&world.client, 2).await.unwrap();
    world.kill(&[1, 2]);
    world.fleet.set_back(site(3), &before).await;
    world.start(&[4, 5]).await;
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    let told = matches!(refused, Err(VaultError::HeaderAltered(HeaderPart::Version)));
    assert!(told, "t sites say so, and nothing shows that they are behind: {refused:?}");
    world.start(&[1, 2]).await;
    settle().await;
    assert!(world.ada.try_code(&world.client, &world.ada.code).await.is_ok());
}
