//! What the functions did, in numbers that CloudWatch draws and watches.
//!
//! A measurement is a line of the log in CloudWatch's Embedded Metric Format, so that nothing has to be sent anywhere. The
//! alarms and the dashboard of `infra/template.yaml` ask for these numbers by their names, and a test compares both.

use serde_json::{Map, Value, json};

/// The variable that says what the deployment is called; where it is not set, nobody looks at the numbers.
const DEPLOYMENT: &str = "ROLLBOOK_NAME";

macro_rules! metrics {
    ($($(#[$meta:meta])* $variant:ident $name:literal $unit:literal)+) => {
        /// A number that is measured.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Metric { $($(#[$meta])* $variant),+ }

        impl Metric {
            /// All of them, in the order of the list.
            pub const ALL: &'static [Metric] = &[$(Metric::$variant),+];

            /// Returns the name that alarms and dashboards use.
            pub fn name(self) -> &'static str {
                match self { $(Metric::$variant => $name),+ }
            }

            fn unit(self) -> &'static str {
                match self { $(Metric::$variant => $unit),+ }
            }
        }
    };
}

metrics! {
    /// Of a roster that was checked, whatever came of it; none where it could not be read.
    Rows "Rows" "Count"
    /// Of that roster.
    Findings "Findings" "Count"
    /// Of that roster.
    ChangesPlanned "ChangesPlanned" "Count"
    /// From when its check began to when the result was recorded.
    CheckSeconds "CheckSeconds" "Seconds"
    /// Of an upload that ended, as far as it is known what became of each.
    ChangesApplied "ChangesApplied" "Count"
    /// Of that upload.
    ChangesLeftAlone "ChangesLeftAlone" "Count"
    /// For how long the oldest open upload has waited for nobody's decision; 0 where none is open. Measured at each
    /// sweep, so that it also tells whether there are any.
    OldestOpenUploadSeconds "OldestOpenUploadSeconds" "Seconds"
    /// Which lie in the inbox when `validate` looks for those that were forgotten. Measured at each sweep, so that it also
    /// tells whether there are any.
    InboxFiles "InboxFiles" "Count"
}

/// Prints what was measured at `at` (milliseconds since 1970), unless the deployment has no name.
///
/// `upload` is the one that it is about: a field to search for, and no dimension.
pub fn print(at: u64, upload: Option<&str>, measured: &[(Metric, f64)]) {
    let deployment = std::env::var(DEPLOYMENT).ok().filter(|name| !name.is_empty());
    if let Some(deployment) = deployment {
        println!("{}", line(&deployment, at, upload, measured));
    }
}

fn line(deployment: &str, at: u64, upload: Option<&str>, measured: &[(Metric, f64)]) -> Value {
    let metrics: Vec<Value> =
        measured.iter().map(|(metric, _)| json!({ "Name": metric.name(), "Unit": metric.unit() })).collect();
    let directive = json!({ "Namespace": "Rollbook", "Dimensions": [["Name"]], "Metrics": metrics });
    let mut line = Map::new();
    line.insert("_aws".to_owned(), json!({ "Timestamp": at, "CloudWatchMetrics": [directive] }));
    line.insert("Name".to_owned(), deployment.into());
    line.extend(upload.map(|id| ("Upload".to_owned(), id.into())));
    line.extend(measured.iter().map(|&(metric, value)| (metric.name().to_owned(), value.into())));
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let checked = [(Metric::Rows, 40_000.0), (Metric::CheckSeconds, 2.25)];
        let expected = r#"{"CheckSeconds":2.25,"Name":"rollbook","Rows":40000.0,"Upload":"01a","_aws":{"CloudWatchMetrics":[{"Dimensions":[["Name"]],"Metrics":[{"Name":"Rows","Unit":"Count"},{"Name":"CheckSeconds","Unit":"Seconds"}],"Namespace":"Rollbook"}],"Timestamp":1700000000000}}"#;
        assert_eq!(line("rollbook", 1_700_000_000_000, Some("01a"), &checked).to_string(), expected);
        let swept = line("rollbook", 5, None, &[(Metric::OldestOpenUploadSeconds, 0.0)]);
        assert_eq!((&swept["OldestOpenUploadSeconds"], swept.get("Upload")), (&json!(0.0), None));
    }

    #[test]
    fn alarms_and_dashboard_ask_for_what_is_measured_and_for_nothing_else() {
        let template = include_str!("../../../infra/template.yaml");
        let measured: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(named_in(template), measured);
    }

    /// Returns the names of the metrics of Rollbook in a template: of alarms, and of the lists of a dashboard.
    fn named_in(template: &str) -> BTreeSet<&str> {
        let mut lines = template.lines().map(str::trim).peekable();
        let mut names = BTreeSet::new();
        while let Some(line) = lines.next() {
            if line == "Namespace: Rollbook" {
                let name = lines.peek().and_then(|line| line.strip_prefix("MetricName: "));
                names.insert(name.expect("the name stands below the namespace"));
            }
            names.extend(line.split_once(r#"[["Rollbook", ""#).into_iter().flat_map(|(_, list)| names_of_list(list)));
        }
        names
    }

    /// Returns the names in the rest of a list whose first entry begins with the namespace: the others repeat it as `.`.
    fn names_of_list(list: &str) -> impl Iterator<Item = &str> {
        list.split(r#"[".", ""#).filter_map(|entry| Some(entry.split_once('"')?.0))
    }
}
