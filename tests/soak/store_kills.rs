//! A thousand kills of each interface under load: nothing that publish has taken is lost, nothing of QoS 2 doubled.

use crate::store_support::kills::kill_under_load;
use crate::store_support::world::Api;

fn a_thousand_kills(api: Api) {
    for (level, qos) in [(4, 1), (4, 2), (5, 1), (5, 2)] {
        let messages = kill_under_load(api, level, qos, 250);
        println!("{api:?}, version {level}, QoS {qos}: 250 kills, {messages} messages taken, none lost");
    }
}

#[test]
#[ignore = "takes long; part of make soak"]
fn soak_kills_of_synchronous_clients() {
    a_thousand_kills(Api::Synchronous);
}

#[test]
#[ignore = "takes long; part of make soak"]
fn soak_kills_of_asynchronous_clients() {
    a_thousand_kills(Api::Asynchronous);
}
