//! One address and two MACs: taken over, fought for, probed.

use serde_json::json;

use crate::frames::{
    ACK, DECLINE, Dhcp, NO_IP, NONE, RELEASE, REQUEST, garp, is_at, option, probe, who_has,
};
use crate::lab::{Feed, dotted, scenario, text};

#[test]
fn a_host_with_a_new_random_mac_took_its_address_along() {
    scenario("mac-randomised", Feed::ANY, |lab| {
        let (old, peer) = (lab.host_of(0, [0xda]), lab.host(4));
        let new = lab.host_of(0, [0xc6]).with_ip(old.ip);
        lab.resolve(0.5, &old, &peer);
        lab.talk(&old, &peer, (1.0, 30.0), 0.5);
        let back = 40.0 + lab.about(0.0, 9.0);
        lab.send(back, 0, garp(new.id(), NONE));
        lab.resolve(back + 0.1, &new, &peer);
        lab.talk(&new, &peer, (back + 0.2, 80.0), 0.5);
        lab.expect(json!({
            "kind": "ip.moved", "ip": dotted(old.ip),
            "from": {"mac": text(old.mac)}, "to": {"mac": text(new.mac)},
        }));
    });
}

#[test]
fn two_hosts_that_use_one_address_in_turn_are_duplicates() {
    scenario("two-owners", Feed::ANY, |lab| {
        let (one, peer) = (lab.host(0), lab.host(4));
        let two = lab.host(1).with_ip(one.ip);
        for host in [&one, &two] {
            let start = lab.about(0.5, 3.0);
            lab.resolve(start, host, &peer);
            lab.talk(host, &peer, (start + 0.1, 40.0), 0.6);
            lab.resolve(start + 12.0, host, &peer);
        }
        lab.expect(json!({"kind": "ip.duplicate", "ip": dotted(one.ip), "severity": "critical"}));
        lab.forbid(json!({"kind": "ip.moved"}));
    });
}

#[test]
fn an_owner_that_defends_its_address_shows_a_duplicate() {
    scenario("defended", Feed::ANY, |lab| {
        let (owner, peer) = (lab.host(0), lab.host(4));
        let newcomer = lab.host(1).with_ip(owner.ip);
        lab.resolve(0.5, &owner, &peer);
        for round in 0..3 {
            let time = 20.0 + 11.0 * f64::from(round);
            lab.send(time, 1, garp(newcomer.id(), NONE));
            lab.send(time + 0.001, 0, garp(owner.id(), NONE));
        }
        lab.expect(json!({"kind": "ip.duplicate", "ip": dotted(owner.ip)}));
    });
}

#[test]
fn two_answers_to_one_question_show_a_duplicate() {
    scenario("both-answer", Feed::ANY, |lab| {
        let (one, asker) = (lab.host(0), lab.host(4));
        let two = lab.host(1).with_ip(one.ip);
        for n in 0..4 {
            let time = 2.0 + 15.0 * f64::from(n) + lab.about(0.0, 2.0);
            lab.send(time, 4, who_has(asker.id(), one.ip));
            lab.send(time + 0.0003, 0, is_at(one.id(), asker.id()));
            lab.send(time + 0.0008, 1, is_at(two.id(), asker.id()));
        }
        lab.expect(json!({"kind": "ip.duplicate", "ip": dotted(one.ip)}));
    });
}

#[test]
fn a_released_lease_that_goes_to_another_has_moved() {
    scenario("lease-reassigned", Feed::ANY, |lab| {
        let (old, server) = (lab.host(0), lab.host(3));
        let new = lab.host(1).with_ip(old.ip);
        lab.resolve(0.5, &old, &server);
        lab.talk(&old, &server, (0.6, 20.0), 0.8);
        let left = Dhcp {
            mac: old.mac,
            transaction: 1,
            client: old.ip,
            options: Vec::new(),
        };
        lab.send(20.5, 0, left.ask(RELEASE, server.id()));
        let ask = option(50, &old.ip);
        let dhcp = Dhcp {
            mac: new.mac,
            transaction: 2,
            client: NO_IP,
            options: ask,
        };
        lab.send(30.0, 1, dhcp.ask(REQUEST, server.id()));
        lab.send(30.01, 3, dhcp.answer(ACK, server.id(), new.ip));
        lab.send(30.2, 1, garp(new.id(), NONE));
        lab.resolve(30.5, &new, &server);
        lab.talk(&new, &server, (30.6, 50.0), 0.8);
        lab.expect(json!({
            "kind": "ip.moved", "ip": dotted(old.ip), "to": {"mac": text(new.mac)},
        }));
    });
}

#[test]
fn an_owner_that_probes_its_own_address_is_quiet() {
    scenario("own-probe", Feed::ANY, |lab| {
        let (host, peer) = (lab.host(0), lab.host(4));
        lab.resolve(0.5, &host, &peer);
        lab.talk(&host, &peer, (0.6, 20.0), 0.8);
        for n in 0..3 {
            lab.send(25.0 + 1.2 * f64::from(n), 0, probe(host.mac, host.ip));
        }
        lab.send(30.0, 0, garp(host.id(), NONE));
        lab.send(32.0, 0, garp(host.id(), NONE));
        lab.talk(&host, &peer, (33.0, 40.0), 0.8);
        lab.forbid(json!({"kind": ["ip.probe_conflict", "ip.moved"]}));
    });
}

#[test]
fn a_gateway_with_a_new_card_has_moved() {
    scenario("gateway-replaced", Feed::ANY, |lab| {
        let (old, host) = (lab.host(0), lab.host(4));
        let new = lab.host(0).with_ip(old.ip);
        lab.resolve(0.5, &host, &old);
        lab.talk(&host, &old, (0.6, 20.0), 0.8);
        for n in 0..3 {
            lab.send(40.0 + f64::from(n), 0, garp(new.id(), NONE));
        }
        lab.talk(&host, &new, (43.5, 70.0), 0.8);
        lab.expect(json!({
            "kind": "ip.moved", "ip": dotted(old.ip), "to": {"mac": text(new.mac)},
        }));
    });
}

#[test]
fn a_declined_lease_was_in_use() {
    scenario("dhcp-decline", Feed::ANY, |lab| {
        let (owner, peer, server) = (lab.host(0), lab.host(4), lab.host(3));
        let client = lab.host(1);
        lab.resolve(0.5, &owner, &peer);
        lab.talk(&owner, &peer, (0.6, 40.0), 0.8);
        let ask = option(50, &owner.ip);
        let dhcp = Dhcp {
            mac: client.mac,
            transaction: 7,
            client: NO_IP,
            options: ask,
        };
        lab.send(20.00, 1, dhcp.ask(REQUEST, server.id()));
        lab.send(20.01, 3, dhcp.answer(ACK, server.id(), owner.ip));
        lab.send(20.10, 1, probe(client.mac, owner.ip));
        lab.send(20.101, 0, is_at(owner.id(), (client.mac, NO_IP)));
        lab.send(20.2, 1, dhcp.ask(DECLINE, server.id()));
        lab.expect(json!({"kind": "ip.probe_conflict", "ip": dotted(owner.ip)}));
        lab.forbid(json!({"kind": ["ip.duplicate", "ip.moved"]}));
    });
}
