//! The rooms of the library import one another only as ARCHITECTURE.md says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and which others it may import. `run` may import every room above it in this table
/// but not `cli`; `cli` and `main` may import all.
const ROOMS: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("wire", &["model"]),
    ("capture", &["model"]),
    ("vendor", &["model"]),
    ("policy", &["model", "vendor"]),
    ("engine", &["model", "policy", "vendor"]),
    ("output", &["model", "vendor"]),
    ("store", &["model"]),
    (
        "run",
        &[
            "model", "wire", "capture", "vendor", "policy", "engine", "output", "store",
        ],
    ),
    (
        "cli",
        &[
            "model", "wire", "capture", "vendor", "policy", "engine", "output", "store", "run",
        ],
    ),
    (
        "main",
        &[
            "model", "wire", "capture", "vendor", "policy", "engine", "output", "store", "run",
            "cli",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The room a file belongs to: its folder or file right below `src`. None for the crate root.
fn room(file: &Path) -> Option<String> {
    let below = file.strip_prefix(root().join("src")).expect("below src");
    let first = below.components().next()?;
    let name = Path::new(first.as_os_str()).file_stem()?.to_str()?;
    (name != "lib").then(|| name.to_owned())
}

/// The rooms that `text` names in paths from the crate root, also in groups: `crate::{a, b::c}`.
fn imported(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line))
        .collect();
    let code = code.join("\n");
    let mut rooms = BTreeSet::new();
    for root in ["crate::", "doppelmac::"] {
        for (start, _) in code.match_indices(root) {
            let rest = &code[start + root.len()..];
            match rest.strip_prefix('{') {
                Some(group) => rooms.extend(heads(group)),
                None => rooms.extend(word(rest)),
            }
        }
    }
    rooms
}

/// The first word of each member of a use group whose opening brace was taken off.
fn heads(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut member = String::new();
    let mut found = Vec::new();
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.extend(word(&std::mem::take(&mut member))),
            other => member.push(other),
        }
    }
    found.extend(word(&member));
    found
}

fn word(text: &str) -> Option<String> {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

#[test]
fn no_room_imports_what_the_table_does_not_allow() {
    let mut seen = 0;
    for file in sources(&root().join("src")) {
        let Some(room) = room(&file) else { continue };
        let (_, allowed) = ROOMS
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{room} is no room of the table"));
        let text = fs::read_to_string(&file).expect("a source file");
        for other in imported(&text) {
            let known = ROOMS.iter().any(|(name, _)| *name == other);
            assert!(
                !known || other == room || allowed.contains(&other.as_str()),
                "{} imports {other}, which {room} may not",
                file.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 0, "no import was found at all");
}

#[test]
fn the_architecture_page_shows_the_same_table() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let mut shown = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [names, _, imports] = cells[..] else {
            continue;
        };
        for name in names.split(',') {
            let name = name.trim().trim_matches('`');
            let name = name.trim_end_matches('/').trim_end_matches(".rs");
            shown.insert(name.to_owned(), imports.to_owned());
        }
    }
    for (room, file) in sources(&root().join("src"))
        .iter()
        .filter_map(|file| Some((room(file)?, file)))
    {
        let line = shown.get(&room);
        assert!(line.is_some(), "{} is on no line", file.display());
    }
    for (room, imports) in shown {
        let (_, allowed) = ROOMS
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{room} is no room of the test's table"));
        let expected = match room.as_str() {
            "model" => "std only".to_owned(),
            "run" => "all but `cli`".to_owned(),
            "cli" | "main" => "all".to_owned(),
            _ => quoted(allowed),
        };
        assert_eq!(imports, expected, "the line of {room}");
    }
}

/// The names as the page writes them.
fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[test]
fn imports_are_found_however_they_are_written() {
    for (text, rooms) in [
        ("use crate::model::Mac;", &["model"][..]),
        ("use crate::{model::{Mac, Port}, wire};", &["model", "wire"]),
        ("let x = crate::engine::Engine::new();", &["engine"]),
        ("// use crate::output;", &[]),
        ("use doppelmac::cli;", &["cli"]),
        (
            "use crate::{\n    capture::Source,\n    output,\n};",
            &["capture", "output"],
        ),
    ] {
        let rooms: BTreeSet<String> = rooms.iter().map(ToString::to_string).collect();
        assert_eq!(imported(text), rooms, "{text}");
    }
}
