//! Scenarios that no program sends on command: built frame by frame on a switch that does not exist,
//! captured in several ways, with several seeds, and judged by the program. Each alarm stands beside
//! its look-alikes, which must stay silent.

mod arp;
mod frames;
mod invalid_source;
mod ip_conflict;
mod l2_loop;
mod lab;
mod mac_duplicate;
mod mac_flapping;
mod mac_flood;
mod mac_move;
mod quiet;
mod random;
mod redundancy;
#[path = "../program/truth.rs"]
mod truth;
mod virtual_ip;
