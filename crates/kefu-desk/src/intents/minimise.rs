//! Minimising a smooth convex function by L-BFGS.

use std::collections::VecDeque;

/// Steps whose curvature is remembered.
const MEMORY: usize = 6;
/// Share of the promised decrease that a step must bring.
const ENOUGH_DECREASE: f64 = 1e-4;
const MAX_HALVINGS: usize = 25;

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    pub(crate) max_steps: usize,
    /// The largest part of the gradient that counts as none.
    pub(crate) gradient: f32,
}

struct Step {
    moved: Vec<f32>,
    turned: Vec<f32>,
    scale: f64,
}

/// Walks `point` downhill. `function` writes the gradient at a point and returns the value there;
/// the walk is the same whenever it is.
pub(crate) fn minimise(
    point: &mut [f32],
    stop: Stop,
    mut function: impl FnMut(&[f32], &mut [f32]) -> f64,
) {
    let n = point.len();
    let mut gradient = vec![0.0; n];
    let mut value = function(point, &mut gradient);
    let mut steps: VecDeque<Step> = VecDeque::with_capacity(MEMORY);
    let mut next = vec![0.0; n];
    let mut next_gradient = vec![0.0; n];
    for _ in 0..stop.max_steps {
        if largest(&gradient) <= stop.gradient {
            return;
        }
        let mut direction = downhill(&gradient, &steps);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            // What is remembered no longer fits: start again along the gradient.
            steps.clear();
            direction = gradient.iter().map(|g| -g).collect();
            slope = dot(&direction, &gradient);
        }
        let mut length =
            if steps.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt().max(1.0) } else { 1.0 };
        let mut is_lower = false;
        for _ in 0..MAX_HALVINGS {
            for ((to, from), along) in next.iter_mut().zip(point.iter()).zip(&direction) {
                #[expect(clippy::cast_possible_truncation, reason = "a step of about one")]
                let step = length as f32 * along;
                *to = from + step;
            }
            let there = function(&next, &mut next_gradient);
            if there <= value + ENOUGH_DECREASE * length * slope {
                value = there;
                is_lower = true;
                break;
            }
            length /= 2.0;
        }
        if !is_lower {
            return;
        }
        remember(&mut steps, (&next, point), (&next_gradient, &gradient));
        point.copy_from_slice(&next);
        std::mem::swap(&mut gradient, &mut next_gradient);
    }
}

fn remember(steps: &mut VecDeque<Step>, points: (&[f32], &[f32]), gradients: (&[f32], &[f32])) {
    let difference =
        |(a, b): (&[f32], &[f32])| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f32>>();
    let (moved, turned) = (difference(points), difference(gradients));
    let curvature = dot(&moved, &turned);
    if curvature <= 1e-12 {
        return;
    }
    if steps.len() == MEMORY {
        steps.pop_front();
    }
    steps.push_back(Step { moved, turned, scale: 1.0 / curvature });
}

/// The two-loop recursion.
fn downhill(gradient: &[f32], steps: &VecDeque<Step>) -> Vec<f32> {
    let mut direction: Vec<f32> = gradient.iter().map(|g| -g).collect();
    let mut along = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let share = step.scale * dot(&step.moved, &direction);
        add(&mut direction, -share, &step.turned);
        along.push(share);
    }
    if let Some(last) = steps.back() {
        let scale = 1.0 / (last.scale * dot(&last.turned, &last.turned)).max(1e-12);
        #[expect(clippy::cast_possible_truncation, reason = "a length of about one")]
        direction.iter_mut().for_each(|d| *d *= scale as f32);
    }
    for (step, share) in steps.iter().zip(along.into_iter().rev()) {
        let back = step.scale * dot(&step.turned, &direction);
        add(&mut direction, share - back, &step.moved);
    }
    direction
}

#[expect(clippy::cast_possible_truncation, reason = "shares of a step")]
fn add(to: &mut [f32], factor: f64, from: &[f32]) {
    let factor = factor as f32;
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// In lanes, so that long sums stay exact and quick.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.chunks(256).zip(b.chunks(256)) {
        let mut lanes = [0.0_f32; 8];
        for (a, b) in a.chunks(8).zip(b.chunks(8)) {
            for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
                *lane += a * b;
            }
        }
        sum += lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
    }
    sum
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_stretched_bowl_is_found() {
        let scales: Vec<f32> = (0_u8..30).map(|i| 1.0 + 10.0 * f32::from(i)).collect();
        let goal: Vec<f32> = (0_u8..30).map(|i| f32::from(i) / 7.0 - 2.0).collect();
        let mut point = vec![0.0; 30];
        let stop = Stop { max_steps: 200, gradient: 1e-4 };
        minimise(&mut point, stop, |at, gradient| {
            let mut value = 0.0;
            for i in 0..at.len() {
                let off = at[i] - goal[i];
                gradient[i] = scales[i] * off;
                value += f64::from(scales[i] * off * off) / 2.0;
            }
            value
        });
        for (found, goal) in point.iter().zip(&goal) {
            assert!((found - goal).abs() < 1e-3, "{found} is not {goal}");
        }
    }

    #[test]
    fn a_long_sum_of_products_is_the_plain_one() {
        let a: Vec<f32> = (0..1_003_u16).map(|i| f32::from(i % 17) - 8.0).collect();
        let b: Vec<f32> = (0..1_003_u16).map(|i| f32::from(i % 5)).collect();
        let plain: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        assert!((dot(&a, &b) - plain).abs() < 1e-6);
    }
}
