use std::io;

use crate::model::Severity;

/// How a report is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour, with ANSI escapes.
    pub colour: bool,
    /// Where sentences are wrapped, in columns.
    pub width: usize,
}

impl Style {
    /// No colour, 100 columns.
    pub const PLAIN: Style = Style {
        colour: false,
        width: 100,
    };
}

/// The colours of a report, by what they are for.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    Plain,
    Heading,
    Faint,
    Severity(Severity),
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Ink::Plain => "",
            Ink::Heading => "1",
            Ink::Faint | Ink::Severity(Severity::Info) => "2",
            Ink::Severity(Severity::Critical) => "1;31",
            Ink::Severity(Severity::Warning) => "1;33",
            Ink::Severity(Severity::Notice) => "36",
        }
    }
}

/// Writes lines of a report, wrapped and indented.
pub(super) struct Page<'a> {
    out: &'a mut dyn io::Write,
    style: Style,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn io::Write, style: Style) -> Self {
        Page { out, style }
    }

    /// How many columns a line has that begins at `indent`.
    pub(super) fn room(&self, indent: usize) -> usize {
        self.style.width.saturating_sub(indent)
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        self.blank()?;
        self.paint(Ink::Heading, text)?;
        self.blank()
    }

    /// One line as it is.
    pub(super) fn line(&mut self, indent: usize, text: &str) -> io::Result<()> {
        writeln!(self.out, "{:indent$}{}", "", text.trim_end())
    }

    pub(super) fn paragraph(&mut self, text: &str) -> io::Result<()> {
        self.labelled(0, 0, Ink::Plain, "", text)
    }

    /// A label in a column of its own, then wrapped text beside it.
    pub(super) fn labelled(
        &mut self,
        indent: usize,
        column: usize,
        ink: Ink,
        label: &str,
        text: &str,
    ) -> io::Result<()> {
        write!(self.out, "{:indent$}", "")?;
        self.paint(ink, label)?;
        let text_at = indent + column;
        let room = self.style.width.saturating_sub(text_at).max(20);
        let used = column.saturating_sub(label.chars().count());
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            let lead = if index == 0 { used } else { text_at };
            writeln!(self.out, "{:lead$}{line}", "")?;
        }
        Ok(())
    }

    fn paint(&mut self, ink: Ink, text: &str) -> io::Result<()> {
        let code = ink.code();
        if self.style.colour && !code.is_empty() && !text.is_empty() {
            write!(self.out, "\x1b[{code}m{text}\x1b[0m")
        } else {
            self.out.write_all(text.as_bytes())
        }
    }
}

/// Breaks text at spaces so that lines have at most `width` characters, where words allow.
/// Always gives at least one line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    lines.push(line);
    lines
}

/// Lines of cells, every column but the last as wide as its widest cell.
pub(super) fn align(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let pad = |(cell, &width): (&String, &usize)| match width {
        0 => String::new(),
        _ => format!("{cell:<width$}  "),
    };
    rows.iter()
        .map(|row| row.iter().zip(&widths).map(pad).collect::<String>())
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_at_spaces_and_long_words_stand_alone() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 6), ["a", "verylongword", "b"]);
        assert_eq!(wrap("", 6), [""]);
    }

    #[test]
    fn empty_columns_take_no_room() {
        let rows = [
            vec!["a".to_owned(), String::new(), "x".to_owned()],
            vec!["long".to_owned(), String::new(), "y".to_owned()],
        ];
        assert_eq!(align(&rows), ["a     x", "long  y"]);
    }

    #[test]
    fn colour_is_used_only_when_told() {
        for (colour, expected) in [(false, "\nHead\n"), (true, "\n\x1b[1mHead\x1b[0m\n")] {
            let mut out = Vec::new();
            let style = Style {
                colour,
                ..Style::PLAIN
            };
            let mut page = Page::new(&mut out, style);
            page.heading("Head").expect("a vector takes everything");
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
