//! Shapes of ARP traffic: forged answers, scans, and monitoring that only looks alike.

use serde_json::json;

use crate::frames::{arp, is_at, who_has};
use crate::lab::{Feed, Host, Lab, dotted, scenario, text};

/// One forged answer: `attacker` tells `victim` that it is `other`.
fn forge(lab: &mut Lab, time: f64, attacker: &Host, victim: &Host, other: &Host) {
    let frame = is_at((attacker.mac, other.ip), victim.id());
    lab.send(time, attacker.port, frame);
}

#[test]
fn forged_answers_to_two_victims_with_restores_are_an_attack() {
    scenario("arpspoof", Feed::ANY, |lab| {
        let (gateway, attacker) = (lab.host(0), lab.host(1));
        let victims = [lab.host(2), lab.host(3)];
        for victim in &victims {
            lab.resolve(0.5, victim, &gateway);
            lab.talk(victim, &gateway, (1.0, 50.0), 0.9);
        }
        lab.resolve(2.0, &attacker, &gateway);
        for round in 0..12 {
            let time = 10.0 + 2.0 * f64::from(round) + lab.about(0.0, 0.01);
            for (n, victim) in (0_u8..).zip(&victims) {
                forge(lab, time + 0.1 * f64::from(n), &attacker, victim, &gateway);
            }
        }
        for round in 0..5 {
            for (n, victim) in (0_u8..).zip(&victims) {
                let time = 35.0 + f64::from(round) + 0.1 * f64::from(n);
                let eth = (victim.mac, attacker.mac);
                lab.send(time, 1, arp(eth, 2, gateway.id(), victim.id()));
            }
        }
        lab.expect(json!({
            "kind": "arp.spoofing", "ip": dotted(gateway.ip), "severity": "critical",
            "to": {"mac": text(attacker.mac)},
        }));
        lab.allow(json!({"kind": "arp.mismatch", "mac": text(attacker.mac)}));
        lab.forbid(json!({"kind": ["ip.duplicate", "ip.moved", "mac.duplicate"]}));
    });
}

/// One station asks for every address of the subnet within so many seconds.
fn sweep(lab: &mut Lab, asker: &Host, start: f64, seconds: f64) {
    for number in 1..=254_u8 {
        let time = start + seconds * f64::from(number) / 254.0;
        let target = lab.ip_of(number);
        lab.send(time, asker.port, who_has(asker.id(), target));
    }
}

#[test]
fn a_scan_of_the_subnet_in_half_a_second_is_a_storm() {
    scenario("arp-scan", Feed::ANY, |lab| {
        let (asker, peer) = (lab.host(0), lab.host(3));
        lab.talk(&asker, &peer, (0.5, 20.0), 0.5);
        sweep(lab, &asker, 10.0, 0.5);
        lab.expect(json!({
            "kind": "arp.storm", "mac": text(asker.mac), "severity": "warning",
        }));
        lab.at_most(1, json!({"kind": "arp.storm", "phase": "raised"}));
    });
}

#[test]
fn monitoring_that_asks_forty_times_a_second_is_quiet() {
    scenario(
        "monitoring",
        &[Feed::In, Feed::Ports, Feed::Mirror],
        |lab| {
            let asker = lab.host(0);
            for round in 0..3 {
                sweep(lab, &asker, 1.0 + 10.0 * f64::from(round), 254.0 / 40.0);
            }
        },
    );
}
