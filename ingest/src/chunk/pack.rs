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
    let list = units.list();
    let mut groups: Vec<Packed> = Vec::new();
    let mut group = Packed { first: 0, end: 0 };
    while group.end < list.len() {
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
    own + repeated
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
