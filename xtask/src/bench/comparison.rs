//! What the runs of both sides say about each other.

/// One run.
pub(super) struct Run {
    pub(super) seconds: f64,
    /// Megabytes, where they were counted.
    pub(super) peak: Option<f64>,
}

/// The runs of both sides, or why there are none.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) runs: [Vec<Run>; 2],
    pub(super) skipped: Option<String>,
}

/// The middle one.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

impl Comparison {
    /// The line of the table: medians and their ratio, the ratio of the best runs, and the medians of the peaks.
    fn line(&self) -> String {
        if let Some(why) = &self.skipped {
            return format!("skipped: {why}");
        }
        let seconds = |runs: &Vec<Run>| -> Vec<f64> { runs.iter().map(|run| run.seconds).collect() };
        let [ours, floor] = self
            .runs
            .each_ref()
            .map(|runs| median(seconds(runs)).unwrap_or(f64::NAN));
        let [our_best, floor_best] = self
            .runs
            .each_ref()
            .map(|runs| seconds(runs).into_iter().fold(f64::NAN, f64::min));
        let [our_peak, floor_peak] = self.runs.each_ref().map(|runs| {
            let peak = median(runs.iter().filter_map(|run| run.peak).collect());
            peak.map_or("-".to_owned(), |peak| format!("{peak:.1}"))
        });
        format!(
            "{:>10.3} {:>10.3} {:>6.2} {:>8.2} {our_peak:>8} {floor_peak:>8}",
            ours * 1e3,
            floor * 1e3,
            ours / floor,
            our_best / floor_best
        )
    }
}

/// All comparisons, by their names.
pub(super) fn table(comparisons: &[(String, Comparison)]) -> String {
    let mut table = format!(
        "\n{:14} {:>10} {:>10} {:>6} {:>8} {:>8} {:>8}\n",
        "", "ours ms", "floor ms", "ratio", "of best", "ours MB", "floor MB"
    );
    for (name, comparison) in comparisons {
        table += &format!("{name:14} {}\n", comparison.line());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(seconds: [f64; 3]) -> Vec<Run> {
        seconds.map(|seconds| Run { seconds, peak: None }).into()
    }

    #[test]
    fn medians_are_compared() {
        let comparison = Comparison {
            runs: [runs([0.004, 0.002, 0.009]), runs([0.002, 0.001, 0.003])],
            skipped: None,
        };
        let line = comparison.line();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words, ["4.000", "2.000", "2.00", "2.00", "-", "-"]);
    }
}
