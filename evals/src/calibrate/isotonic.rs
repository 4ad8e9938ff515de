//! The best never-falling step function through points: pool adjacent violators (Ayer et al. 1955,
//! as Zadrozny and Elkan 2002 use it for calibration).

/// A point: a score, a value in 0..=1, and how much it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) score: f64,
    pub(crate) value: f64,
    pub(crate) weight: f64,
}

/// Never-falling knots (score, value) to interpolate between: the middle of every pooled block.
/// Blocks lighter than `min_weight` are pooled with a neighbour, so that a handful of points cannot
/// promise certainty.
pub(crate) fn fit(mut points: Vec<Point>, min_weight: f64) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.score.total_cmp(&b.score));
    let mut blocks: Vec<Block> = Vec::new();
    for point in points {
        blocks.push(Block::of(point));
        while let [.., before, last] = blocks.as_slice()
            && before.mean() >= last.mean()
        {
            pool_last_two(&mut blocks);
        }
    }
    let mut heavy: Vec<Block> = Vec::new();
    for block in blocks {
        heavy.push(block);
        if let [.., before, _] = heavy.as_slice()
            && before.weight < min_weight
        {
            pool_last_two(&mut heavy);
        }
    }
    if heavy.last().is_some_and(|last| last.weight < min_weight) && heavy.len() > 1 {
        pool_last_two(&mut heavy);
    }
    heavy.iter().map(|block| (block.scores / block.weight, block.mean())).collect()
}

/// Sums over the points of a block.
#[derive(Clone, Copy)]
struct Block {
    scores: f64,
    values: f64,
    weight: f64,
}

impl Block {
    fn of(point: Point) -> Self {
        let Point { score, value, weight } = point;
        Self { scores: score * weight, values: value * weight, weight }
    }

    fn mean(&self) -> f64 {
        self.values / self.weight
    }
}

fn pool_last_two(blocks: &mut Vec<Block>) {
    let Some(last) = blocks.pop() else { return };
    if let Some(before) = blocks.last_mut() {
        before.scores += last.scores;
        before.values += last.values;
        before.weight += last.weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Vec<Point> {
        let scores = (0..).map(f64::from as fn(i32) -> f64);
        scores
            .zip(values)
            .map(|(score, value)| Point { score, value: *value, weight: 1.0 })
            .collect()
    }

    #[test]
    fn falling_neighbours_are_pooled() {
        let knots = fit(points(&[0.0, 1.0, 0.0, 1.0, 1.0]), 0.0);
        assert_eq!(knots, [(0.0, 0.0), (1.5, 0.5), (3.5, 1.0)]);
        assert_eq!(fit(points(&[1.0, 0.0]), 0.0), [(0.5, 0.5)]);
        assert_eq!(fit(Vec::new(), 0.0), []);
    }

    #[test]
    fn light_blocks_join_their_neighbours() {
        let knots = fit(points(&[0.0, 0.0, 0.0, 1.0]), 2.0);
        assert_eq!(knots, [(1.5, 0.25)]);
    }
}
