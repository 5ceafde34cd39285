//! Service addresses that nodes announce without adverts: MetalLB and kube-vip.

use serde_json::json;

use crate::frames::{ALL, Ip, garp, garp_reply};
use crate::lab::{Feed, Host, Lab, dotted, scenario, text};

/// Five rounds of a request and a reply, 1.1 s apart.
fn metallb(lab: &mut Lab, time: f64, node: &Host, vip: Ip) {
    for round in 0..5 {
        let time = time + 1.1 * f64::from(round) + lab.about(0.0, 0.005);
        lab.send(time, node.port, garp((node.mac, vip), ALL));
        lab.send(time + 0.0002, node.port, garp_reply((node.mac, vip), ALL));
    }
}

/// A request and a reply in turn, every three seconds for as long as the node leads.
fn kube_vip(lab: &mut Lab, node: &Host, vip: Ip, (start, end): (f64, f64)) {
    let (mut time, mut turn) = (start, false);
    while time < end {
        let id = (node.mac, vip);
        let frame = if turn {
            garp_reply(id, node.mac)
        } else {
            garp(id, ALL)
        };
        lab.send(time, node.port, frame);
        (time, turn) = (time + 3.0 + lab.about(0.0, 0.004), !turn);
    }
}

/// Two nodes that talk to a third station and go on doing so.
fn nodes(lab: &mut Lab, end: f64) -> (Host, Host, Ip) {
    let (one, two, peer) = (lab.host(0), lab.host(1), lab.host(4));
    lab.resolve(0.2, &one, &peer);
    lab.resolve(0.3, &two, &peer);
    lab.talk(&one, &peer, (0.5, end), 0.7);
    lab.talk(&two, &peer, (0.6, end), 0.7);
    (one, two, lab.ip())
}

#[test]
fn a_metallb_address_fails_over_between_nodes_that_live() {
    scenario("metallb", Feed::ANY, |lab| {
        let (one, two, vip) = nodes(lab, 90.0);
        metallb(lab, 2.0, &one, vip);
        let failed = 40.0 + lab.about(0.0, 5.0);
        metallb(lab, failed, &two, vip);
        lab.expect(json!({
            "kind": "ip.failover", "ip": dotted(vip),
            "from": {"mac": text(one.mac)}, "to": {"mac": text(two.mac)},
        }));
        lab.forbid(json!({"kind": ["ip.moved", "ip.duplicate"]}));
    });
}

#[test]
fn a_node_that_announces_its_address_again_has_only_announced() {
    scenario("metallb-again", Feed::ANY, |lab| {
        let (one, _, vip) = nodes(lab, 60.0);
        metallb(lab, 2.0, &one, vip);
        metallb(lab, 40.0, &one, vip);
        lab.expect(json!({
            "kind": "station.announced", "mac": text(one.mac), "announcer": "metallb",
        }));
        lab.forbid(json!({"kind": "ip.failover"}));
    });
}

#[test]
fn endless_announcements_are_said_once() {
    scenario("kube-vip", Feed::ANY, |lab| {
        let (one, _, vip) = nodes(lab, 600.0);
        kube_vip(lab, &one, vip, (2.0, 600.0));
        lab.expect(json!({"kind": "station.announced", "mac": text(one.mac)}));
        lab.at_most(1, json!({"kind": "station.announced"}));
        lab.forbid(json!({"kind": "ip.failover"}));
    });
}

#[test]
fn a_kube_vip_address_fails_over() {
    scenario("kube-vip-failover", Feed::ANY, |lab| {
        let (one, two, vip) = nodes(lab, 120.0);
        let failed = 60.0 + lab.about(0.0, 5.0);
        kube_vip(lab, &one, vip, (2.0, failed - 1.5));
        kube_vip(lab, &two, vip, (failed, 120.0));
        lab.expect(json!({
            "kind": "ip.failover", "ip": dotted(vip), "to": {"mac": text(two.mac)},
        }));
    });
}
