use std::io;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::model::{Counts, Kind, Reject};

/// What a run counted beside the decoder's [`Counts`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunStats {
    /// Inputs read.
    pub files: u64,
    /// Interfaces within them.
    pub interfaces: u64,
    /// Stations learnt.
    pub stations: u64,
    /// IP addresses learnt.
    pub addresses: u64,
    /// Distinct source MACs of the outermost Ethernet header.
    pub outer_sources: u64,
    /// Frames that were copies of others.
    pub copies: u64,
    /// Events by kind.
    pub events: Vec<(Kind, u64)>,
    /// How long the run took, in seconds.
    pub seconds: f64,
}

/// Writes the run's counts as one JSON object on one line (SPEC section 7, `--stats`).
///
/// # Errors
///
/// What the writer says.
pub fn write_stats(out: &mut dyn io::Write, counts: &Counts, run: &RunStats) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Stats { counts, run })?;
    out.write_all(b"\n")
}

struct Stats<'a> {
    counts: &'a Counts,
    run: &'a RunStats,
}

impl Serialize for Stats<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, number) in self.counts.named() {
            map.serialize_entry(name, &number)?;
            if name == "bytes" {
                map.serialize_entry("files", &self.run.files)?;
                map.serialize_entry("interfaces", &self.run.interfaces)?;
                map.serialize_entry("stations", &self.run.stations)?;
                map.serialize_entry("addresses", &self.run.addresses)?;
                map.serialize_entry("outer_sources", &self.run.outer_sources)?;
            }
        }
        map.serialize_entry("copies", &self.run.copies)?;
        map.serialize_entry("rejected", &Rejected(&self.counts.rejected))?;
        map.serialize_entry("events", &Events(&self.run.events))?;
        map.serialize_entry("seconds", &self.run.seconds)?;
        map.end()
    }
}

/// Reason → count, only what happened.
struct Rejected<'a>(&'a [u64; Reject::ALL.len()]);

impl Serialize for Rejected<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reasons = Reject::ALL.into_iter().zip(self.0);
        serializer.collect_map(
            reasons
                .filter(|&(_, &number)| number > 0)
                .map(|(reason, number)| (reason.name(), number)),
        )
    }
}

/// Kind → count.
struct Events<'a>(&'a [(Kind, u64)]);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(kind, number)| (kind.name(), number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_spec_in_its_order() {
        let mut counts = Counts {
            frames: 3,
            bytes: 180,
            ..Counts::default()
        };
        counts.reject(Reject::ArpTruncated);
        let run = RunStats {
            files: 1,
            copies: 2,
            events: vec![(Kind::MacMoved, 1)],
            seconds: 0.5,
            ..RunStats::default()
        };
        let mut out = Vec::new();
        write_stats(&mut out, &counts, &run).expect("a vector takes everything");
        let expected = concat!(
            r#"{"frames":3,"bytes":180,"files":1,"interfaces":0,"stations":0,"addresses":0,"#,
            r#""outer_sources":0,"arp_requests":0,"arp_replies":0,"arp_gratuitous":0,"#,
            r#""arp_probes":0,"rarp":0,"vlan_tagged":0,"vxlan":0,"geneve":0,"gre":0,"erspan":0,"#,
            r#""ndp_ns":0,"ndp_na":0,"ndp_dad":0,"dhcp":0,"dhcpv6":0,"vrrp":0,"hsrp":0,"#,
            r#""glbp":0,"lldp_cdp":0,"lacp":0,"copies":2,"rejected":{"arp_truncated":1},"#,
            r#""events":{"mac.moved":1},"seconds":0.5}"#,
            "\n"
        );
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
