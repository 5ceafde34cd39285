use std::fmt::Write as _;
use std::net::IpAddr;

use chrono::{DateTime, Datelike, Timelike};

use crate::model::{Label, Mac, Names, Port, SourceId, Timestamp};
use crate::vendor::{self, MacClass, Vendors};

use super::escape;

/// What turns the numbers of an event into words: the names of the run and the vendor table.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Names of ports, inputs and the sensor.
    pub names: &'a Names,
    /// Whom address blocks belong to.
    pub vendors: &'a Vendors,
}

impl Terms<'_> {
    /// A port's name, safe to show.
    pub(super) fn port(&self, port: Port) -> String {
        escape(&self.names.port(port)).into_owned()
    }

    /// An input's name, safe to show.
    pub(super) fn source(&self, source: SourceId) -> String {
        escape(self.names.source(source)).into_owned()
    }

    /// The maker of an address in a word or two, where somebody is known: `VMware`, `QEMU/KVM`,
    /// `VRRP`.
    pub(super) fn maker(&self, mac: Mac) -> Option<String> {
        let class = vendor::class(mac);
        if let Some(brand) = brand(class) {
            return Some(brand.to_owned());
        }
        self.vendors
            .lookup(mac)
            .map(|vendor| escape(short(vendor)).into_owned())
    }

    /// An address with its maker: `00:50:56:8a:12:34 (VMware)`.
    pub(super) fn mac(&self, mac: Mac) -> String {
        match self.maker(mac) {
            Some(maker) => format!("{mac} ({maker})"),
            None => mac.to_string(),
        }
    }
}

/// The product a class of addresses is made by, where that says more than the block's owner.
fn brand(class: MacClass) -> Option<&'static str> {
    Some(match class {
        MacClass::HyperV => "Hyper-V",
        MacClass::Xen => "Xen",
        MacClass::Virtualbox => "VirtualBox",
        MacClass::Qemu => "QEMU/KVM",
        MacClass::Proxmox => "Proxmox",
        MacClass::Openstack => "OpenStack",
        MacClass::Ovirt => "oVirt",
        MacClass::Docker => "Docker",
        MacClass::Cni => "Kubernetes pod",
        MacClass::Calico => "Calico",
        MacClass::Gce => "Google Compute Engine",
        MacClass::Vrrp => "VRRP",
        MacClass::Vrrp6 => "VRRP IPv6",
        MacClass::Carp => "CARP",
        MacClass::Hsrp | MacClass::Hsrp2 | MacClass::Hsrp6 => "HSRP",
        MacClass::Glbp => "GLBP",
        MacClass::Nlb => "Microsoft NLB",
        MacClass::NsxRouter => "NSX",
        MacClass::AzureGateway => "Azure",
        MacClass::Decnet => "DECnet",
        _ => return None,
    })
}

/// A company's name without its legal form: `VMware, Inc.` is `VMware`.
fn short(vendor: &str) -> &str {
    const FORMS: &[&str] = &[
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "gmbh",
        "ag",
        "kg",
        "oy",
        "ab",
        "as",
        "a/s",
        "s.a",
        "sa",
        "b.v",
        "bv",
        "srl",
        "s.r.l",
        "spa",
        "s.p.a",
        "plc",
        "pty",
        "pte",
        "intl",
        "international",
        "technologies",
        "systems",
    ];
    let mut name = vendor.trim();
    while let Some((head, last)) = name.rsplit_once([' ', ',']) {
        let form = last.trim_end_matches('.');
        let head = head.trim_end_matches([' ', ',', '&']);
        if head.is_empty()
            || !(form.is_empty() || FORMS.iter().any(|known| form.eq_ignore_ascii_case(known)))
        {
            break;
        }
        name = head;
    }
    name
}

/// RFC 3339 in UTC with nine decimals.
pub(super) fn time(time: Timestamp) -> String {
    let time = DateTime::from_timestamp_nanos(time.nanos());
    // Timestamps reach from 1677 to 2262, so the year has four digits.
    let fields = [
        (time.year().unsigned_abs(), 0..4),
        (time.month(), 5..7),
        (time.day(), 8..10),
        (time.hour(), 11..13),
        (time.minute(), 14..16),
        (time.second(), 17..19),
        (time.nanosecond(), 20..29),
    ];
    let mut text = *b"0000-00-00T00:00:00.000000000Z";
    for (mut number, place) in fields {
        for digit in text[place].iter_mut().rev() {
            *digit += (number % 10) as u8;
            number /= 10;
        }
    }
    text.into_iter().map(char::from).collect()
}

/// Date and time for people, to the millisecond: `2026-11-22 06:00:00.123`.
pub(super) fn moment(time: Timestamp) -> String {
    DateTime::from_timestamp_nanos(time.nanos())
        .format("%Y-%m-%d %H:%M:%S%.3f")
        .to_string()
}

/// Time of day for people, to the millisecond: `06:00:00.123`.
pub(super) fn clock(time: Timestamp) -> String {
    DateTime::from_timestamp_nanos(time.nanos())
        .format("%H:%M:%S%.3f")
        .to_string()
}

/// The time of day where `time` falls on the same day as `earlier`, else date and time too.
pub(super) fn later(earlier: Timestamp, time: Timestamp) -> String {
    if day(earlier) == day(time) {
        clock(time)
    } else {
        moment(time)
    }
}

/// Days since the epoch.
pub(super) fn day(time: Timestamp) -> i64 {
    time.nanos().div_euclid(86_400_000_000_000)
}

/// A number with its noun: `1 frame`, `12 frames`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// Digits in groups of three: `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A few addresses, the rest counted: `10.0.0.5, 10.0.0.6 and 3 more`.
pub(super) fn addresses(ips: &[IpAddr]) -> String {
    const SHOWN: usize = 3;
    let mut out = String::new();
    for (index, ip) in ips.iter().take(SHOWN).enumerate() {
        let separator = match index {
            0 => "",
            _ if index + 1 == ips.len() => " and ",
            _ => ", ",
        };
        // Writing to a string cannot fail.
        let _ = write!(out, "{separator}{ip}");
    }
    if ips.len() > SHOWN {
        let _ = write!(out, " and {} more", ips.len() - SHOWN);
    }
    out
}

/// A name from the wire in quotes, safe to show; `no name` when it is empty.
pub(super) fn quoted(label: &Label) -> String {
    if label.is_empty() {
        return "no name".to_owned();
    }
    format!("\u{201c}{}\u{201d}", escape(&label.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    #[test]
    fn company_names_lose_their_legal_form() {
        for (vendor, expected) in [
            ("VMware, Inc.", "VMware"),
            ("Microsoft Corporation", "Microsoft"),
            ("Nokia Shanghai Bell Co., Ltd.", "Nokia Shanghai Bell"),
            ("Cisco Systems, Inc", "Cisco"),
            ("Raspberry Pi Foundation", "Raspberry Pi Foundation"),
            ("Inc.", "Inc."),
        ] {
            assert_eq!(short(vendor), expected);
        }
    }

    #[test]
    fn makers_are_named_by_product_where_that_says_more() {
        let names = Names::default();
        let vendors = Vendors::builtin();
        let terms = Terms {
            names: &names,
            vendors: &vendors,
        };
        for (mac, expected) in [
            ("00:50:56:8a:12:34", "00:50:56:8a:12:34 (VMware)"),
            ("00:15:5d:c2:25:b4", "00:15:5d:c2:25:b4 (Hyper-V)"),
            ("52:54:00:a7:e3:1c", "52:54:00:a7:e3:1c (QEMU/KVM)"),
            ("da:a1:19:00:00:01", "da:a1:19:00:00:01"),
        ] {
            let mac = mac.parse().expect("an address of this test");
            assert_eq!(terms.mac(mac), expected);
        }
    }

    #[test]
    fn times_are_written_in_utc() {
        let at = Timestamp::from_nanos(1_795_327_200_123_456_789);
        assert_eq!(time(at), "2026-11-22T06:00:00.123456789Z");
        assert_eq!(moment(at), "2026-11-22 06:00:00.123");
        assert_eq!(clock(at), "06:00:00.123");
        assert_eq!(later(at, at), "06:00:00.123");
        let yesterday = at - Span::from_secs(86_400);
        assert_eq!(later(yesterday, at), "2026-11-22 06:00:00.123");
        assert_eq!(time(Timestamp::MIN), "1677-09-21T00:12:43.145224192Z");
    }

    #[test]
    fn numbers_and_lists_read_well() {
        assert_eq!(count(1, "frame"), "1 frame");
        assert_eq!(count(1_234_567, "frame"), "1,234,567 frames");
        let ips: Vec<IpAddr> = (1..6).map(|last| IpAddr::from([10, 0, 0, last])).collect();
        assert_eq!(addresses(&ips[..2]), "10.0.0.1 and 10.0.0.2");
        assert_eq!(addresses(&ips), "10.0.0.1, 10.0.0.2, 10.0.0.3 and 2 more");
    }
}
