//! What must and must not be said of a capture, and how events are held against it.

use serde_json::Value;

/// Patterns that events are held against.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Each must be met by an event.
    pub(crate) expect: Vec<Value>,
    /// May be said.
    pub(crate) allow: Vec<Value>,
    /// Must not be said.
    pub(crate) forbid: Vec<Value>,
}

impl Truth {
    /// What is wrong with the events said, one line each. Every event of the `loud` severities has
    /// to be asked for, or to belong to an incident that was.
    pub(crate) fn faults(&self, said: &[Value], loud: &[&str]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut incidents = Vec::new();
        for pattern in &self.expect {
            match said.iter().find(|event| meets(event, pattern)) {
                Some(event) => incidents.push(&event["id"]),
                None => wrong.push(format!("not said: {pattern}")),
            }
        }
        for event in said {
            let asked_for = |patterns: &[Value]| patterns.iter().any(|p| meets(event, p));
            let is_expected = incidents.contains(&&event["id"]);
            let severity = event["severity"].as_str().unwrap_or_default();
            let unasked = loud.contains(&severity) && !is_expected && !asked_for(&self.allow);
            if unasked || asked_for(&self.forbid) {
                wrong.push(format!("must not be said: {event}"));
            }
        }
        wrong
    }
}

/// Whether `value` has all that `pattern` asks for.
///
/// Objects are compared key by key, `{"min": a, "max": b}` bounds a number, a list against a
/// single value means any of these, a list against a list means all of these.
pub(crate) fn meets(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Number(number), Value::Object(bounds)) => {
            let bound = |key: &str, none| bounds.get(key).and_then(Value::as_f64).unwrap_or(none);
            let number = number.as_f64().unwrap_or(f64::NAN);
            (bound("min", f64::MIN)..=bound("max", f64::MAX)).contains(&number)
        }
        (Value::Object(value), Value::Object(pattern)) => pattern
            .iter()
            .all(|(key, pattern)| value.get(key).is_some_and(|value| meets(value, pattern))),
        (Value::Array(values), Value::Array(patterns)) => patterns
            .iter()
            .all(|pattern| values.iter().any(|value| meets(value, pattern))),
        (value, Value::Array(choices)) => choices.iter().any(|choice| meets(value, choice)),
        (value, pattern) => value == pattern,
    }
}
