use std::io;
use std::net::Ipv4Addr;

use serde::Serialize;

use crate::model::Mac;
use crate::vendor::{self, Vendors};

use super::escape;

/// What an address says of itself; the keys of its JSON in this order, absent when unknown.
#[derive(Serialize)]
struct MacLine<'a> {
    mac: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<String>,
    mac_class: &'static str,
    administered: &'static str,
    group: bool,
    /// Whether several machines may use it by design.
    role: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedded_ip: Option<Ipv4Addr>,
}

impl<'a> MacLine<'a> {
    fn new(mac: Mac, vendors: &'a Vendors) -> Self {
        let block = vendors.block(mac);
        let class = vendor::class(mac);
        MacLine {
            mac: mac.to_string(),
            vendor: block.map(|block| block.vendor),
            block: block.map(|block| block.to_string()),
            mac_class: class.name(),
            administered: vendor::administered(mac).name(),
            group: mac.is_group(),
            role: class.is_role(),
            pool: vendor::pool(mac).map(|pool| pool.to_string()),
            embedded_ip: vendor::embedded_ipv4(mac),
        }
    }
}

/// Writes what an address says of itself as one line of JSON.
///
/// # Errors
///
/// What the writer says.
pub fn write_mac_json(out: &mut dyn io::Write, mac: Mac, vendors: &Vendors) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &MacLine::new(mac, vendors))?;
    out.write_all(b"\n")
}

/// Writes what an address says of itself for people, one fact a line.
///
/// # Errors
///
/// What the writer says.
pub fn write_mac_text(out: &mut dyn io::Write, mac: Mac, vendors: &Vendors) -> io::Result<()> {
    let line = MacLine::new(mac, vendors);
    writeln!(out, "{mac}")?;
    let mut fact = |name: &str, value: &str| writeln!(out, "  {name:<13} {value}");
    match (line.vendor, &line.block) {
        (Some(vendor), Some(block)) => {
            fact("vendor", &escape(vendor))?;
            fact("block", block)?;
        }
        _ if line.group => {}
        _ => fact("vendor", "not listed by the IEEE")?,
    }
    fact("class", vendor::class(mac).words())?;
    if !line.group {
        fact("administered", administered(mac))?;
    }
    if let Some(pool) = &line.pool {
        fact("pool", pool)?;
    }
    if let Some(ip) = line.embedded_ip {
        fact("embedded IP", &ip.to_string())?;
    }
    if line.role {
        fact(
            "note",
            "a role, not a station: it may be heard in several places",
        )?;
    }
    Ok(())
}

fn administered(mac: Mac) -> &'static str {
    match vendor::administered(mac) {
        vendor::Administered::Universal => "universally, by the owner of the block",
        vendor::Administered::Local => "locally, by a person or a program",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(write: fn(&mut dyn io::Write, Mac, &Vendors) -> io::Result<()>, mac: &str) -> String {
        let mac = mac.parse().expect("an address of this test");
        let mut out = Vec::new();
        write(&mut out, mac, &Vendors::builtin()).expect("a vector takes everything");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_vcenter_address_tells_its_pool() {
        assert_eq!(
            render(write_mac_text, "0050.568a.1234"),
            "00:50:56:8a:12:34\n\
             \x20 vendor        VMware, Inc.\n\
             \x20 block         00:50:56:00:00:00/24\n\
             \x20 class         VMware virtual machine, assigned by vCenter\n\
             \x20 administered  universally, by the owner of the block\n\
             \x20 pool          vCenter id 10 (00:50:56:8a)\n"
        );
    }

    #[test]
    fn a_pod_address_tells_its_ip() {
        assert_eq!(
            render(write_mac_json, "0a:58:0a:e9:40:19"),
            "{\"mac\":\"0a:58:0a:e9:40:19\",\"mac_class\":\"cni\",\"administered\":\"local\",\
             \"group\":false,\"role\":false,\"embedded_ip\":\"10.233.64.25\"}\n"
        );
    }

    #[test]
    fn a_group_address_has_no_owner() {
        assert_eq!(
            render(write_mac_text, "01:00:5e:00:00:12"),
            "01:00:5e:00:00:12\n  class         multicast group, never a station\n"
        );
    }

    #[test]
    fn a_virtual_router_is_a_role() {
        let text = render(write_mac_text, "00:00:5e:00:01:07");
        assert!(text.contains("a role, not a station"), "{text}");
    }
}
