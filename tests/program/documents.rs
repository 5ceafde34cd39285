//! Help, manual, completions, schema, and the statuses of wrong usage.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{doppelmac, run, stderr, stdout};

#[test]
fn help_goes_to_standard_output_and_is_no_failure() {
    for line in [
        &["--help"][..],
        &["-h"],
        &["read", "--help"],
        &["--version"],
    ] {
        let output = run(doppelmac().args(line));
        assert_eq!(output.status.code(), Some(0), "{line:?}");
        assert!(stdout(&output).contains("doppelmac"), "{line:?}");
        assert!(stderr(&output).is_empty(), "{line:?}");
    }
}

#[test]
fn wrong_usage_ends_with_two_and_says_what_is_wrong() {
    for (line, hint) in [
        (&[][..], "Usage"),
        (&["read"], "FILE"),
        (&["reed", "x"], "read"),
        (&["read", "--settle", "2", "x"], "needs a unit"),
        (&["read", "--port-from", "vlan", "x"], "outer-vlan"),
        (&["read", "-", "-"], "only once"),
        (&["mac", "00:50:56"], "not a MAC address"),
    ] {
        let output = run(doppelmac().args(line));
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        assert!(stderr(&output).contains(hint), "{line:?}: {output:?}");
        assert!(stdout(&output).is_empty(), "{line:?}");
    }
}

/// Each block of the README that begins with a command, and what it shows.
fn examples(readme: &str) -> Vec<(&str, &str)> {
    let blocks = readme.split("```console\n$ doppelmac ").skip(1);
    blocks
        .filter_map(|block| block.split_once("```")?.0.split_once('\n'))
        .collect()
}

#[test]
fn the_readme_shows_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let mut fresh = readme.clone();
    let examples = examples(&readme);
    assert!(!examples.is_empty());
    for (line, shown) in examples {
        let output = run(doppelmac().current_dir(root).args(line.split(' ')));
        fresh = fresh.replace(shown, stdout(&output));
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(root.join("README.md"), &fresh).expect("the source tree is writable");
    }
    assert_eq!(readme, fresh);
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(doppelmac().args(["completions", shell]));
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(stdout(&output).contains("port-from"), "{shell}");
    }
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let page = run(doppelmac().arg("man"));
    assert!(stdout(&page).contains(".TH doppelmac 1"));

    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = scratch.path().join("man1");
    let output = run(doppelmac().args(["man", "--out"]).arg(&folder));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for page in ["doppelmac.1", "doppelmac-read.1", "doppelmac-mac.1"] {
        let text = fs::read_to_string(folder.join(page)).expect(page);
        assert!(text.contains(".SH"), "{page}");
    }
}

#[test]
fn the_schema_names_every_kind() {
    let output = run(doppelmac().arg("schema"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let schema: Value = serde_json::from_str(stdout(&output)).expect("JSON");
    assert!(schema["$schema"].is_string());
    for kind in ["mac.duplicate", "mac.migrated", "ip.duplicate", "l2.loop"] {
        assert!(stdout(&output).contains(kind), "{kind}");
    }
}

#[test]
fn mac_tells_what_an_address_says_of_itself() {
    let output = run(doppelmac().args(["mac", "0050.568A.1234", "02:42:ac:11:00:02"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for fact in ["00:50:56:8a:12:34", "VMware", "172.17.0.2"] {
        assert!(stdout(&output).contains(fact), "{fact}: {output:?}");
    }
}
