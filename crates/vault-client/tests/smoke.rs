#![allow(clippy::unwrap_used)]
use vault_protocol::CodeOrigin;
use vault_simulation::dice::Dice;
use vault_simulation::fleet::{Fleet, Plan};
use vault_simulation::person::Person;

#[tokio::test(start_paused = true)]
async fn smoke() {
    let real = std::time::Instant::now();
    let fleet = Fleet::start(Plan::fair(1)).await;
    println!("start {:?}", real.elapsed());
    let client = fleet.client(1);
    let mut ada = Person::new("ada", CodeOrigin::Generated, &Dice::new(1, "ada"));
    let enrolled = ada.enroll(&client, 1).await.unwrap();
    println!("enroll {:?} {:?} {:?}", real.elapsed(), enrolled.carried.spread, enrolled.carried.notes);
    let began = tokio::time::Instant::now();
    let recovered = ada.recover(&client).await.unwrap();
    println!("recover {:?} {:?} {:?} virtual {:?}", real.elapsed(), recovered.spread, recovered.notes, began.elapsed());
    assert_eq!(recovered.vault_key, enrolled.vault_key);
    let seen = client.look(ada.account()).await.unwrap();
    println!("{:?} {:?} round {}", seen.code(), seen.notes, seen.round());
    for _ in 0..10 { ada.recover(&client).await.unwrap(); }
    println!("ten {:?}", real.elapsed());
    print!("{}", fleet.history().text());
}
