//! Each folder `testdata/FAMILY/CASE/` holds captures and a `case.json` that says how they came
//! about, what must be said of them and what must not. CONTRIBUTING.md shows how to add one.
//!
//! Every warning and every critical event has to be asked for by `expect` or `allow`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::support::{events, json, read_json, run, stderr, testdata};
use crate::truth::Truth;

/// `case.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What happened, in a sentence or two.
    about: String,
    /// How it was recorded.
    origin: Origin,
    /// Files of the folder, in the order they are read.
    captures: Vec<PathBuf>,
    /// Options of `doppelmac read`.
    options: Vec<String>,
    /// Each must be met by an event.
    expect: Vec<Value>,
    /// May be said.
    allow: Vec<Value>,
    /// Must not be said.
    forbid: Vec<Value>,
    /// Counters of `--stats`, as another program counted them.
    stats: Map<String, Value>,
}

/// A recording of our own laboratory.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Origin {
    /// Scenario.
    lab: String,
    /// Seed of its addresses, port names and timings.
    seed: u64,
    /// Which of the scenario's captures.
    capture: String,
}

/// Every folder with a `case.json`, in order.
fn cases() -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.is_dir()).collect()
    };
    let mut found: Vec<PathBuf> = folders(&testdata())
        .iter()
        .flat_map(|family| folders(family))
        .collect();
    found.sort();
    found
}

fn load(folder: &Path) -> Case {
    let value = json(&folder.join("case.json"));
    serde_json::from_value(value).unwrap_or_else(|e| panic!("{}/case.json: {e}", folder.display()))
}

/// What is wrong with what the program said about a case, one line each.
fn judge(folder: &Path) -> Vec<String> {
    let case = load(folder);
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let stats = scratch.path().join("stats.json");
    let output = run(read_json()
        .current_dir(folder)
        .arg("--stats")
        .arg(&stats)
        .args(&case.options)
        .args(&case.captures));
    if output.status.code() != Some(0) {
        return vec![format!("{}: {}", output.status, stderr(&output))];
    }
    let truth = Truth {
        expect: case.expect,
        allow: case.allow,
        forbid: case.forbid,
    };
    let mut wrong = truth.faults(&events(&output), &["warning", "critical"]);
    let counted = json(&stats);
    for (name, count) in &case.stats {
        if counted.get(name) != Some(count) {
            wrong.push(format!("{name} is {}, not {count}", counted[name]));
        }
    }
    wrong
}

#[test]
fn every_case_is_judged_as_it_happened() {
    let mut report = Vec::new();
    for folder in cases() {
        let wrong = judge(&folder);
        if !wrong.is_empty() {
            let name = folder.strip_prefix(testdata()).expect("below testdata");
            report.push(format!("{}:\n    {}", name.display(), wrong.join("\n    ")));
        }
    }
    assert!(report.is_empty(), "\n{}\n", report.join("\n"));
}

#[test]
fn every_case_says_where_it_comes_from() {
    let folders = cases();
    assert!(!folders.is_empty());
    for folder in folders {
        let case = load(&folder);
        let name = folder.display();
        assert!(case.about.ends_with('.'), "{name}: about is a sentence");
        assert!(
            !case.origin.lab.is_empty() && case.origin.seed > 0,
            "{name}"
        );
        assert!(!case.captures.is_empty(), "{name}: no capture");
        for capture in &case.captures {
            let file = capture.to_string_lossy();
            assert!(file.starts_with(&case.origin.capture), "{name}: {file}");
            assert!(folder.join(capture).is_file(), "{name}: {file} is missing");
        }
        assert!(!case.expect.is_empty() || !case.forbid.is_empty(), "{name}");
    }
}

#[test]
fn case_folders_stand_under_the_family_they_expect() {
    for folder in cases() {
        let case = load(&folder);
        let family = folder.parent().and_then(Path::file_name);
        let family = family.expect("a family").to_string_lossy().into_owned();
        let expected = |pattern: &Value| match &pattern["kind"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        let kinds: Vec<String> = case
            .expect
            .iter()
            .flat_map(expected)
            .filter_map(|kind| Some(kind.as_str()?.replace('.', "_")))
            .collect();
        let fits = if kinds.is_empty() {
            family == "quiet"
        } else {
            kinds.contains(&family)
        };
        assert!(fits, "{}: expects {kinds:?}", folder.display());
    }
}
