//! Frames that a mirror shows many times, as a loop would.

use serde_json::json;

use crate::frames::{NONE, garp, who_has};
use crate::lab::{Feed, scenario};

#[test]
fn a_mirror_of_a_whole_switch_is_no_loop() {
    scenario("mirrored-switch", &[Feed::Both(49)], |lab| {
        let gateway = lab.host(48);
        for port in 0..48 {
            let host = lab.host(port);
            for _ in 0..4 {
                let time = lab.about(0.0, 20.0);
                lab.resolve(time, &host, &gateway);
                lab.say(time + 0.01, &host, &gateway);
            }
        }
    });
}

#[test]
fn broadcasts_that_come_back_by_the_thousand_are_a_loop() {
    scenario("loop", &[Feed::In, Feed::Mirror], |lab| {
        let hosts = [lab.host(0), lab.host(1), lab.host(2)];
        let peer = lab.host(3);
        for host in &hosts {
            lab.talk(host, &peer, (0.0, 6.0), 0.3);
        }
        for (n, host) in (0_u8..).zip(&hosts) {
            let frame = match n {
                0 => garp(host.id(), NONE),
                _ => who_has(host.id(), lab.ip_of(100 + n)),
            };
            let mut time = 3.0 + lab.about(0.0, 0.01);
            lab.send(time, host.port, frame.clone());
            let mut link = 4;
            while time < 4.5 {
                time += lab.about(0.0004, 0.0006);
                lab.send(time, link, frame.clone());
                link = 9 - link;
            }
        }
        lab.expect(json!({"kind": "l2.loop", "severity": "critical"}));
        lab.at_most(1, json!({"kind": "l2.loop", "phase": "raised"}));
        // Until the rounds are counted it looks like storms; the loop then takes their place.
        lab.allow(json!({"kind": "arp.storm"}));
    });
}
