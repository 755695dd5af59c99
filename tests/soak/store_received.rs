//! What comes while connections are cut and processes are killed is delivered, and at QoS 2 once: hundreds of times.

use crate::store_support::incoming::{cut_while_receiving, kill_while_receiving};
use crate::store_support::world::Api;

#[test]
#[ignore = "takes long; part of make soak"]
fn soak_kills_while_receiving() {
    for (api, level) in
        [(Api::Synchronous, 4), (Api::Synchronous, 5), (Api::Asynchronous, 4), (Api::Asynchronous, 5)]
    {
        println!("{api:?}, version {level}: {} kills", kill_while_receiving(api, level, 10_000));
    }
}

#[test]
#[ignore = "takes long; part of make soak"]
fn soak_cuts_while_receiving() {
    for level in [4, 5] {
        println!("version {level}: {} cuts", cut_while_receiving(level, 3000));
    }
}
