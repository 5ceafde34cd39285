use std::hash::Hash;

use hashbrown::HashMap;

/// Numbers for the few distinct values of a kind (segments, ports), so that keys stay small.
///
/// Holds at most [`Interner::LIMIT`] values; what comes after shares the last number, which keeps
/// hostile input (a VLAN ID or VNI per frame) from growing the table.
pub(super) struct Interner<T> {
    values: Vec<T>,
    numbers: HashMap<T, u16, foldhash::fast::RandomState>,
    last: Option<(T, u16)>,
}

impl<T: Copy + Eq + Hash> Interner<T> {
    /// Most values that get a number of their own.
    pub(super) const LIMIT: usize = 0xffff;

    pub(super) fn new() -> Self {
        Interner {
            values: Vec::new(),
            numbers: HashMap::default(),
            last: None,
        }
    }

    /// The number of a value.
    pub(super) fn number(&mut self, value: T) -> u16 {
        if let Some((last, number)) = self.last
            && last == value
        {
            return number;
        }
        let number = match self.numbers.get(&value) {
            Some(&number) => number,
            None => self.add(value),
        };
        self.last = Some((value, number));
        number
    }

    /// The number of a value that has one.
    #[inline]
    pub(super) fn get(&self, value: T) -> Option<u16> {
        self.numbers.get(&value).copied()
    }

    fn add(&mut self, value: T) -> u16 {
        let number = u16::try_from(self.values.len().min(Self::LIMIT)).unwrap_or(u16::MAX);
        if self.values.len() <= Self::LIMIT {
            self.values.push(value);
            self.numbers.insert(value, number);
        }
        number
    }

    /// The value behind a number.
    pub(super) fn value(&self, number: u16) -> Option<T> {
        self.values.get(usize::from(number)).copied()
    }

    /// All values, by number.
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_number_and_the_table_is_bounded() {
        let mut numbers = Interner::new();
        assert_eq!(numbers.number(7u32), 0);
        assert_eq!(numbers.number(9), 1);
        assert_eq!(numbers.number(7), 0);
        for value in 0..70_000 {
            numbers.number(value);
        }
        assert_eq!(numbers.values().len(), 0x1_0000);
        assert_eq!(numbers.number(1_000_000), u16::MAX);
    }
}
