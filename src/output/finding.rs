use crate::model::Finding;

use super::Terms;
use super::terms::{count, quoted};

/// One sentence for people that says what was found, with the values that show it.
pub fn detail(finding: &Finding, terms: Terms<'_>) -> String {
    let port = |port| terms.port(port);
    match *finding {
        Finding::DisjointIps { left, right } => {
            format!("One port brings {left}, the other {right}, and the first spoke again.")
        }
        Finding::Interleaved { turns, within } => format!(
            "Both ports spoke in turn: the speaker changed {} within {within}.",
            times(turns)
        ),
        Finding::SeparateCounters { port: at } => format!(
            "On {} the counters of a flow run on for themselves, apart from those on the other port.",
            port(at)
        ),
        Finding::SharedCounters { port: at } => format!(
            "On {} the counters of a flow run on from the other port: one host sends over both.",
            port(at)
        ),
        Finding::Transition { from, to } => {
            format!("Last heard on {}, now on {}.", port(from), port(to))
        }
        Finding::Announced { port: at } => format!("The station announced itself on {}.", port(at)),
        Finding::Claim { ip, mac } => format!("{} claims {ip}.", terms.mac(mac)),
        Finding::AliveUnder { ip, mac } => {
            format!("{} sends IP frames from {ip}.", terms.mac(mac))
        }
        Finding::Defended { ip, mac } => {
            format!("{} defended {ip} against another claim.", terms.mac(mac))
        }
        Finding::BothAnswered { ip, mac } => format!(
            "{} was the second to answer one request for {ip}.",
            terms.mac(mac)
        ),
        Finding::UnsolicitedReply { ip, victim } => {
            format!(
                "A reply about {ip} that nobody asked for, sent to {}.",
                terms.mac(victim)
            )
        }
        Finding::Restored { ip, owner } => format!(
            "A reply gives {ip} back to {}, but another station sent it.",
            terms.mac(owner)
        ),
        Finding::ManyVictims { addresses } => format!(
            "The MAC claims the addresses of {}.",
            count(addresses.into(), "live owner")
        ),
        Finding::SenderMismatch { ethernet, sender } => format!(
            "Sent by {}, while the ARP sender field says {}.",
            terms.mac(ethernet),
            terms.mac(sender)
        ),
        Finding::Probed { ip, mac } => {
            format!("{} asked whether {ip} is in use.", terms.mac(mac))
        }
        Finding::Declined { ip } => {
            format!("The client declined {ip}: it found the address in use.")
        }
        Finding::Released { ip } => format!("The client released the lease of {ip}."),
        Finding::Advertised {
            group,
            router,
            priority,
        } => format!("{router} advertises itself as active in group {group}, priority {priority}."),
        Finding::Returned { copies, port: at } => {
            format!("The same frame was seen {} on {}.", times(copies), port(at))
        }
        Finding::Burst { frames, targets } => burst(frames, targets),
        Finding::NewStations { stations } => {
            format!(
                "{} within one second.",
                count(stations.into(), "new station")
            )
        }
        Finding::InvalidSource { mac } => format!("The source address is {mac}."),
        Finding::DhcpIdentities { left, right } => format!(
            "Two DHCP clients use one hardware address in turn: {} and {}.",
            quoted(&left),
            quoted(&right)
        ),
        Finding::SystemIdentities { left, right } => format!(
            "Two systems name themselves from one MAC: {} and {}.",
            quoted(&left),
            quoted(&right)
        ),
        Finding::TtlFamilies { left, right } => format!(
            "Packets from one address start with TTL {left} and with TTL {right}: two operating systems."
        ),
        Finding::OwnDad { ip } => format!(
            "A station looked for a duplicate of {ip}, which is made from this MAC, while another was using it."
        ),
        Finding::EmbeddedIp { embedded, used } => {
            format!("The MAC was made for {embedded}, but {used} is in use.")
        }
        Finding::OneLacpSystem { system } => format!(
            "Both ports carry LACP of one system, {}: the links belong to one host.",
            terms.mac(system)
        ),
        Finding::SharedBy { mac, ip } => {
            format!("{} answers under these MACs too: {ip}.", terms.mac(mac))
        }
        Finding::DamagedAt { offset } => {
            format!("The input cannot be read on from byte {offset}.")
        }
    }
}

fn burst(frames: u32, targets: u32) -> String {
    let frames = count(frames.into(), "frame");
    match targets {
        0 | 1 => format!("{frames} within one second, all about one address: it repeats itself."),
        2..=15 => format!("{frames} within one second, about {targets} addresses."),
        _ => format!("{frames} within one second, about {targets} addresses or more: a scan."),
    }
}

fn times(number: u32) -> String {
    count(number.into(), "time")
}
