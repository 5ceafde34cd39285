//! A station that goes to and fro: `mac.flapping` with its cause, or single moves.

use serde_json::json;

use crate::lab::{Feed, scenario, text};
use crate::mac_move::{QEMU, migrate};

#[test]
fn migrations_to_and_fro_are_a_ping_pong() {
    scenario("migration-ping-pong", Feed::BY_PORT, |lab| {
        let (guest, peer) = (lab.host_of(0, [0x52, 0x54, 0]), lab.host(3));
        let mut start = 0.2;
        for round in 0..7 {
            let (here, there) = (guest.on(round % 2), (round + 1) % 2);
            let end = start + lab.about(7.0, 9.5);
            lab.talk(&here, &peer, (start, end), 0.1);
            let gone = migrate(lab, guest, there, end, &QEMU);
            start = end + gone + 0.01;
        }
        lab.expect(json!({
            "kind": "mac.flapping", "mac": text(guest.mac), "cause": "migration_pingpong",
        }));
        lab.allow(json!({"kind": "mac.migrated", "mac": text(guest.mac)}));
    });
}

#[test]
fn a_client_that_walks_past_four_access_points_roams() {
    scenario("roaming", Feed::BY_PORT, |lab| {
        let (client, peer) = (lab.host(0), lab.host(5));
        let mut start = 0.2;
        for step in 0..9 {
            let end = start + lab.about(20.0, 34.0);
            lab.talk(&client.on(step % 4), &peer, (start, end), 0.3);
            start = end + lab.about(0.05, 0.6);
        }
        lab.expect(json!({
            "kind": "mac.flapping", "mac": text(client.mac), "cause": "roaming",
            "severity": "warning",
        }));
        lab.allow(json!({"kind": "mac.moved", "mac": text(client.mac)}));
    });
}

#[test]
fn a_client_that_roams_every_two_minutes_moves_each_time() {
    scenario("slow-roaming", Feed::BY_PORT, |lab| {
        let (client, peer) = (lab.host(0), lab.host(5));
        let mut start = 0.2;
        for step in 0..6 {
            let end = start + lab.about(115.0, 130.0);
            lab.talk(&client.on(step % 4), &peer, (start, end), 1.5);
            start = end + lab.about(0.1, 0.6);
            if step > 0 {
                lab.expect(json!({
                    "kind": "mac.moved", "mac": text(client.mac),
                    "from": {"port": lab.name((step - 1) % 4)},
                    "to": {"port": lab.name(step % 4)},
                }));
            }
        }
        lab.allow(json!({"kind": "mac.moved"}));
        lab.at_most(5, json!({"kind": "mac.moved"}));
    });
}

#[test]
fn one_host_on_two_links_without_a_bundle_is_unbundled() {
    scenario("unbundled", Feed::BY_PORT, |lab| {
        let (host, peer) = (lab.host(0), lab.host(5));
        for step in 0..300 {
            let time = f64::from(step) * 0.05 + lab.about(0.0, 0.02);
            lab.say(time, &host.on(usize::from(step % 2 == 0)), &peer);
        }
        lab.expect(json!({
            "kind": "mac.flapping", "mac": text(host.mac), "cause": "unbundled_link",
        }));
    });
}
