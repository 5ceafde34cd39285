use std::fmt;
use std::io::{self, Read};

/// More than ten times what the IEEE lists today.
const MAX_BYTES: u64 = 64 << 20;
/// Names are kept with one byte of length.
const MAX_NAME: usize = 255;

/// One assignment of a listing.
pub(super) struct Row {
    pub(super) line: u64,
    /// 24, 28 or 36.
    pub(super) bits: u32,
    /// The prefix, right-aligned.
    pub(super) prefix: u64,
    pub(super) vendor: String,
}

/// Why a vendor listing could not be used, and where.
#[derive(Debug)]
pub struct CsvError {
    line: u64,
    kind: CsvErrorKind,
}

/// What is wrong with a vendor listing.
#[derive(Debug)]
#[non_exhaustive]
pub enum CsvErrorKind {
    /// Reading failed.
    Io(io::Error),
    /// Larger than any listing.
    TooLarge,
    /// The first line does not name the columns.
    NoHeader,
    /// A row has no such column.
    MissingColumn(&'static str),
    /// An assignment is not 6, 7 or 9 hexadecimal digits.
    Assignment(String),
    /// A quoted field never ends.
    OpenQuote,
    /// The names are more than the table can hold (16 MiB).
    TooManyNames,
}

impl CsvError {
    pub(super) fn new(line: u64, kind: CsvErrorKind) -> Self {
        CsvError { line, kind }
    }

    /// The line, from 1; zero where the error belongs to none.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What is wrong.
    pub fn kind(&self) -> &CsvErrorKind {
        &self.kind
    }
}

impl fmt::Display for CsvError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(out, "line {}: ", self.line)?;
        }
        match &self.kind {
            CsvErrorKind::Io(error) => write!(out, "{error}"),
            CsvErrorKind::TooLarge => {
                write!(
                    out,
                    "larger than {} MiB, no vendor listing",
                    MAX_BYTES >> 20
                )
            }
            CsvErrorKind::NoHeader => out.write_str(
                "no IEEE listing: the first line must name the columns \
                 Registry,Assignment,Organization Name",
            ),
            CsvErrorKind::MissingColumn(column) => write!(out, "column {column:?} is missing"),
            CsvErrorKind::Assignment(text) => write!(
                out,
                "{text:?} is no assignment; 6, 7 or 9 hexadecimal digits are"
            ),
            CsvErrorKind::OpenQuote => out.write_str("a quoted field begins here and never ends"),
            CsvErrorKind::TooManyNames => out.write_str("more than 16 MiB of names"),
        }
    }
}

impl std::error::Error for CsvError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            CsvErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Where the columns stand, as a header line says.
struct Columns {
    registry: usize,
    assignment: usize,
    organization: usize,
}

impl Columns {
    fn parse(fields: &[String]) -> Option<Self> {
        let find = |name: &str| {
            fields
                .iter()
                .position(|field| field.trim().eq_ignore_ascii_case(name))
        };
        Some(Columns {
            registry: find("Registry")?,
            assignment: find("Assignment")?,
            organization: find("Organization Name")?,
        })
    }
}

/// Reads every assignment that names a vendor.
pub(super) fn read(input: impl Read) -> Result<Vec<Row>, CsvError> {
    let mut bytes = Vec::new();
    input
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CsvError::new(0, CsvErrorKind::Io(error)))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(CsvError::new(0, CsvErrorKind::TooLarge));
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut records = Records::new(text.trim_start_matches('\u{feff}'));
    let mut columns = None;
    let mut rows = Vec::new();
    while let Some((line, fields)) = records.next_record()? {
        // Each listing of several brings its own header.
        if let Some(found) = Columns::parse(&fields) {
            columns = Some(found);
            continue;
        }
        let Some(columns) = &columns else {
            return Err(CsvError::new(line, CsvErrorKind::NoHeader));
        };
        rows.extend(row(columns, line, &fields)?);
    }
    if columns.is_none() {
        return Err(CsvError::new(1, CsvErrorKind::NoHeader));
    }
    Ok(rows)
}

fn row(columns: &Columns, line: u64, fields: &[String]) -> Result<Option<Row>, CsvError> {
    let column = |index: usize, name| {
        let missing = || CsvError::new(line, CsvErrorKind::MissingColumn(name));
        fields
            .get(index)
            .map(|field| field.trim())
            .ok_or_else(missing)
    };
    let registry = column(columns.registry, "Registry")?;
    let assignment = column(columns.assignment, "Assignment")?;
    let vendor = column(columns.organization, "Organization Name")?;
    let digits: String = assignment
        .chars()
        .filter(|c| !matches!(c, '-' | ':'))
        .collect();
    let bits = match digits.len() {
        6 => 24,
        7 => 28,
        9 => 36,
        _ => 0,
    };
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let prefix = u64::from_str_radix(&digits, 16)
        .ok()
        .filter(|_| all_hex && bits > 0);
    let Some(prefix) = prefix else {
        let text = assignment.chars().take(32).collect();
        return Err(CsvError::new(line, CsvErrorKind::Assignment(text)));
    };
    let nobody = ["", "Private", "IEEE Registration Authority"];
    if registry == "CID" || nobody.contains(&vendor) {
        return Ok(None);
    }
    let mut end = vendor.len().min(MAX_NAME);
    while !vendor.is_char_boundary(end) {
        end -= 1;
    }
    Ok(Some(Row {
        line,
        bits,
        prefix,
        vendor: vendor[..end].to_owned(),
    }))
}

/// The records of comma-separated text (RFC 4180), with the line each begins on.
struct Records<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: u64,
}

impl<'a> Records<'a> {
    fn new(text: &'a str) -> Self {
        Records {
            rest: text.chars().peekable(),
            line: 1,
        }
    }

    /// The next record that is not an empty line.
    fn next_record(&mut self) -> Result<Option<(u64, Vec<String>)>, CsvError> {
        loop {
            let first_line = self.line;
            if self.rest.peek().is_none() {
                return Ok(None);
            }
            let fields = self.record()?;
            if fields.iter().any(|field| !field.is_empty()) {
                return Ok(Some((first_line, fields)));
            }
        }
    }

    fn record(&mut self) -> Result<Vec<String>, CsvError> {
        let mut fields = Vec::new();
        let mut field = String::new();
        while let Some(c) = self.rest.next() {
            match c {
                ',' => fields.push(std::mem::take(&mut field)),
                '\n' => {
                    self.line += 1;
                    break;
                }
                '\r' if self.rest.peek() == Some(&'\n') => {}
                '"' if field.is_empty() => self.quoted(&mut field)?,
                _ => field.push(c),
            }
        }
        fields.push(field);
        Ok(fields)
    }

    /// The rest of a quoted field; two quotes stand for one.
    fn quoted(&mut self, field: &mut String) -> Result<(), CsvError> {
        let first_line = self.line;
        while let Some(c) = self.rest.next() {
            match c {
                '"' if self.rest.peek() == Some(&'"') => {
                    self.rest.next();
                    field.push('"');
                }
                '"' => return Ok(()),
                _ => {
                    self.line += u64::from(c == '\n');
                    field.push(c);
                }
            }
        }
        Err(CsvError::new(first_line, CsvErrorKind::OpenQuote))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match read(text.as_bytes()) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    const HEADER: &str = "Registry,Assignment,Organization Name,Organization Address\n";

    #[test]
    fn errors_name_the_line_and_what_stands_there() {
        for (rows, expected) in [
            ("MA-L,00505,Short,\n", "line 2: \"00505\" is no assignment"),
            (
                "MA-L,005056,\"Two\nlines\",\nMA-L,+05056,Sign,\n",
                "line 4: \"+05056\" is no assignment",
            ),
            ("\nMA-L,005056\n", "line 3: column \"Organization Name\""),
            ("MA-L,005056,\"VMware\n", "line 2: a quoted field"),
        ] {
            let message = error(&format!("{HEADER}{rows}"));
            assert!(message.starts_with(expected), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_no_listing_is_refused() {
        for text in ["", "00:50:56 VMware\n", "{}"] {
            assert!(error(text).contains("no IEEE listing"), "{text:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let text = format!("{HEADER}MA-L,005056,{},\n", "é".repeat(200));
        let rows = read(text.as_bytes()).expect("a good listing");
        assert_eq!(rows[0].vendor.len(), 254);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_listing_or_an_error(rows in "[A-Z0-9a-f,\"\\-\r\n é]{0,200}") {
            let _ = super::super::Vendors::from_csv(format!("{HEADER}{rows}").as_bytes());
            let _ = super::super::Vendors::from_csv(rows.as_bytes());
        }
    }
}
