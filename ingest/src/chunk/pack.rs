//! Pieces to groups of pieces, each the body of one chunk.

use super::units::{Role, Unit, Units};

/// A run of pieces by number, half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) first: usize,
    pub(super) end: usize,
}

/// Fills groups from the front. Neither a table head nor a line that announces what follows ends
/// a group, and a small remainder is evened out with the group before it.
pub(super) fn pack(units: &Units, room: usize) -> Vec<Packed> {
    fill(units, room, Packed { first: 0, end: units.list().len() })
}

/// Keeps the groups that were there before, as `stays` tells them, and fills groups with what is
/// between them. A small rest takes a neighbour with it rather than staying alone. `None` when
/// nothing stays.
pub(super) fn repack(
    units: &Units,
    room: usize,
    stays: &dyn Fn(Packed) -> bool,
) -> Option<Vec<Packed>> {
    let mut runs = runs(units, room, stays);
    if !runs.iter().any(|run| run.stays) {
        return None;
    }
    let follows_gap = |run: &Run| units.list()[run.group.first].follows_gap;
    for n in 0..runs.len() {
        if runs[n].stays || cost(units, runs[n].group) >= room / 2 {
            continue;
        }
        if n > 0 && !follows_gap(&runs[n]) {
            runs[n - 1].stays = false;
        } else if runs.get(n + 1).is_some_and(|next| !follows_gap(next)) {
            runs[n + 1].stays = false;
        }
    }
    let mut groups = Vec::new();
    let mut loose: Option<Packed> = None;
    for run in runs {
        if run.stays {
            groups.extend(loose.take().map(|rest| fill(units, room, rest)).unwrap_or_default());
            groups.push(run.group);
        } else {
            let first = loose.map_or(run.group.first, |rest| rest.first);
            loose = Some(Packed { first, end: run.group.end });
        }
    }
    groups.extend(loose.map(|rest| fill(units, room, rest)).unwrap_or_default());
    Some(groups)
}

/// A run of pieces: a group that was there before, or what lies between two of those.
struct Run {
    group: Packed,
    stays: bool,
}

fn runs(units: &Units, room: usize, stays: &dyn Fn(Packed) -> bool) -> Vec<Run> {
    let n_units = units.list().len();
    let mut runs: Vec<Run> = Vec::new();
    let mut first = 0;
    while first < n_units {
        let kept = longest(units, room, first, stays);
        let end = kept.unwrap_or(first + 1);
        match runs.last_mut() {
            Some(last) if kept.is_none() && !last.stays => last.group.end = end,
            _ => runs.push(Run { group: Packed { first, end }, stays: kept.is_some() }),
        }
        first = end;
    }
    runs
}

/// Where the longest group that begins with this piece and was there before ends.
fn longest(
    units: &Units,
    room: usize,
    first: usize,
    stays: &dyn Fn(Packed) -> bool,
) -> Option<usize> {
    let list = units.list();
    let mut found = None;
    for end in first + 1..=list.len() {
        let group = Packed { first, end };
        let is_cut = end - first > 1 && list[end - 1].follows_gap;
        if is_cut || (end - first > 1 && cost(units, group) > room) {
            break;
        }
        if stays(group) {
            found = Some(end);
        }
    }
    found
}

fn fill(units: &Units, room: usize, run: Packed) -> Vec<Packed> {
    let list = units.list();
    let mut groups: Vec<Packed> = Vec::new();
    let mut group = Packed { first: run.first, end: run.first };
    while group.end < run.end {
        let grown = Packed { end: group.end + 1, ..group };
        if grown.end - grown.first > 1 && list[group.end].follows_gap {
            groups.push(group);
            group = Packed { first: group.end, end: group.end };
            continue;
        }
        if grown.end - grown.first == 1 || cost(units, grown) <= room {
            group = grown;
            continue;
        }
        let next = group.end - n_announcing(&list[group.first..group.end], room);
        groups.push(Packed { end: next, ..group });
        group = Packed { first: next, end: next };
    }
    if group.first < group.end {
        groups.push(group);
    }
    even_out(units, room, &mut groups);
    groups
}

fn cost(units: &Units, group: Packed) -> usize {
    let members = &units.list()[group.first..group.end];
    let own: usize = members.iter().map(|unit| unit.n_tokens).sum();
    let repeated = match members.first().map(|unit| unit.role) {
        Some(Role::Row(table)) => units.header_tokens(table),
        _ => 0,
    };
    let lead = if group.first == 0 { units.lead_tokens() } else { 0 };
    own + repeated + lead
}

/// How many pieces at the end of a group belong with what follows; never all of them.
fn n_announcing(members: &[Unit], room: usize) -> usize {
    let announces = |unit: &&Unit| match unit.role {
        Role::Header(_) => true,
        Role::LeadIn => unit.n_tokens < room / 4,
        Role::Body | Role::Row(_) => false,
    };
    let n = members.iter().rev().take_while(announces).count();
    if n < members.len() { n.min(2) } else { 0 }
}

fn even_out(units: &Units, room: usize, groups: &mut [Packed]) {
    let [.., before, last] = groups else { return };
    if units.list().get(last.first).is_some_and(|unit| unit.follows_gap) {
        return;
    }
    if cost(units, *last) >= room / 4 {
        return;
    }
    while before.end - before.first > 1 {
        let border = before.end - 1;
        let shorter = Packed { end: border, ..*before };
        let longer = Packed { first: border, ..*last };
        if cost(units, longer) > cost(units, shorter).min(room) {
            return;
        }
        (*before, *last) = (shorter, longer);
    }
}
